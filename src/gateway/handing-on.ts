import http, { type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import https from 'node:https';
import { HOP_BY_HOP } from '../hop-by-hop.ts';
import { dropRest } from '../mcp/body.ts';
import { refuse } from '../mcp/refusals.ts';
import { RpcError, SERVER_ERROR } from '../mcp/rpc-error.ts';

/** Where a request is handed on to, and what goes with it. */
export interface Receiver {
  readonly to: RequestOptions;
  /** Names and values alternating, beside the headers of the request. */
  readonly headers?: readonly string[];
  /** Told when there is somebody who takes it. */
  readonly reached?: (() => void) | undefined;
  /**
   * Milliseconds in which somebody must say that he takes the request, before its body is sent. When absent
   * a connection is enough.
   */
  readonly patience?: number;
}

/** The address of who calls, which the connection between two gateways does not tell. */
const CALLER = 'x-naftiko-caller';
/** Name of the listener that a request from another machine is for. */
export const LISTENER = 'x-naftiko-listener';

/**
 * Hands a request on to another process of this gateway's kind, and its answer back.
 * @param orElse called when there is nobody there: nothing of the request was read then
 */
export function handOn(
  request: IncomingMessage,
  response: ServerResponse,
  { to, headers: more = [], reached, patience }: Receiver,
  orElse: () => void,
): void {
  const { method, url: path } = request;
  const headers = [...endToEnd(request.rawHeaders), CALLER, callerOf(request), ...more];
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (length === undefined && encoding !== undefined) headers.push('transfer-encoding', 'chunked');
  if (patience !== undefined) headers.push('expect', '100-continue');
  const isSecure = to.agent instanceof https.Agent;
  const further = (isSecure ? https : http).request({ ...to, method, path, headers });
  let limit: NodeJS.Timeout | undefined;
  let begun = false;
  const begin = (): void => {
    clearTimeout(limit);
    begun = true;
    reached?.();
    request.pipe(further);
  };
  // Nobody reads on for an answer that is there already, and who sends it all first would wait for ever.
  const readNoFurther = (): void => {
    if (!begun || request.complete) return;
    request.unpipe(further);
    dropRest(request);
    if (!further.writableFinished) further.destroy();
  };
  if (patience === undefined) {
    further.on('socket', (socket) => {
      if (further.reusedSocket) begin();
      else socket.once('connect', begin);
    });
  } else {
    further.on('socket', (socket) => socket.setKeepAlive(true, KEPT_ALIVE_MS));
    further.on('continue', begin);
    further.flushHeaders();
    limit = setTimeout(() => further.destroy(new Error(`no answer in ${patience} ms`)), patience);
  }
  further.on('close', readNoFurther);
  further.on('response', (answer) => {
    answer.on('close', readNoFurther);
    response.writeHead(answer.statusCode as number, endToEnd(answer.rawHeaders));
    response.flushHeaders();
    answer.on('error', () => response.destroy()).pipe(response);
  });
  further.on('error', () => {
    clearTimeout(limit);
    // Whoever has answered may end the connection on what still comes of the request.
    if (response.writableEnded) return;
    if (!begun && !response.destroyed) orElse();
    else if (response.headersSent) response.destroy();
    else refuse(response, ended());
  });
  response.on('close', () => {
    if (!response.writableFinished) further.destroy();
  });
}

/** Milliseconds after which the system sees whether the other side of a silent connection is there. */
export const KEPT_ALIVE_MS = 10_000;

/** For requests of everybody: the header is believed of other gateways alone. */
export const fromOutside =
  (handle: http.RequestListener): http.RequestListener =>
  (request, response) => {
    delete request.headers[LISTENER];
    handle(request, response);
  };

/** Takes what was handed on as if its caller had come here. */
export const fromOther =
  (handle: http.RequestListener): http.RequestListener =>
  (request, response) => {
    const value = request.headers[CALLER];
    delete request.headers[CALLER];
    // One request at a time is sent on a connection between gateways.
    Object.defineProperty(request.socket, 'remoteAddress', { value, configurable: true });
    handle(request, response);
  };

/** Headers that are said anew, or not at all. */
const OWN: readonly string[] = [CALLER, LISTENER, 'expect'];

const callerOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';

function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.includes(lower) && !OWN.includes(lower))
      kept.push(name, rawHeaders[at + 1] as string);
  }
  return kept;
}

const ended = (): RpcError =>
  new RpcError(
    SERVER_ERROR,
    'The process that was answering has ended. Send the request again if it may be repeated.',
    { status: 502 },
  );
