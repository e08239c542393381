import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { HOP_BY_HOP } from '../hop-by-hop.ts';

/**
 * The other processes that serve the same ports. A connection may reach any of them, but a session of
 * MCP is held by the one that opened it, and says so in its id: the others hand its requests on.
 */
export interface Siblings {
  /** Which of them this one is, from 1. */
  readonly seat: number;
  /** Folder of the sockets that they reach each other at. */
  readonly folder: string;
  /** Ports in place of free ones, by listener. */
  readonly freePorts?: readonly number[];
  /** Metrics of all of them. */
  readonly metrics: () => Promise<string>;
}

/** What the ids of sessions begin with that are opened here. */
export const sessionPrefix = ({ seat }: Siblings): string => `${seat}-`;

/**
 * Hands requests of another one's session on, and serves the others, as well as those whose holder is
 * gone: nothing of them was read then.
 * @param listener which of the ports it is; the same for all siblings
 */
export function relaying(
  { seat, folder }: Siblings,
  listener: number,
  serve: http.RequestListener,
): http.RequestListener {
  const agent = new http.Agent({ keepAlive: true, timeout: 30_000 });
  return function relay(request, response) {
    const id = request.headers['mcp-session-id'];
    const holder = typeof id === 'string' ? /^([1-9]\d{0,3})-/.exec(id)?.[1] : undefined;
    if (holder === undefined || Number(holder) === seat) return serve(request, response);
    const socketPath = socketOf(folder, Number(holder), listener);
    handOn(request, response, { agent, socketPath }, () => serve(request, response));
  };
}

const socketOf = (folder: string, seat: number, listener: number): string =>
  path.join(folder, `${seat}-${listener}.sock`);

/** The address of who calls, which the connection between two siblings does not tell. */
const CALLER = 'x-naftiko-caller';

/** Takes what a sibling has handed on as if its caller had come here. */
export const fromSibling =
  (handle: http.RequestListener): http.RequestListener =>
  (request, response) => {
    const value = request.headers[CALLER];
    delete request.headers[CALLER];
    // Siblings send one request at a time on a connection.
    Object.defineProperty(request.socket, 'remoteAddress', { value, configurable: true });
    handle(request, response);
  };

function handOn(
  request: IncomingMessage,
  response: ServerResponse,
  to: { readonly agent: http.Agent; readonly socketPath: string },
  orElse: () => void,
): void {
  const { method, url } = request;
  const headers = endToEnd(request.rawHeaders);
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  headers.push(CALLER, request.socket.remoteAddress ?? '');
  if (length === undefined && encoding !== undefined) headers.push('transfer-encoding', 'chunked');
  const further = http.request({ ...to, method, path: url, headers });
  let begun = false;
  const begin = (): void => {
    begun = true;
    request.pipe(further);
  };
  further.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', begin);
    else begin();
  });
  further.on('response', (answer) => {
    response.writeHead(answer.statusCode as number, endToEnd(answer.rawHeaders));
    response.flushHeaders();
    answer.on('error', () => response.destroy()).pipe(response);
  });
  further.on('error', () => {
    if (!begun && !response.destroyed) orElse();
    else if (response.headersSent) response.destroy();
    else refuse(response);
  });
  response.on('close', () => {
    if (!response.writableFinished) further.destroy();
  });
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.includes(lower) && lower !== 'expect' && lower !== CALLER)
      kept.push(name, rawHeaders[at + 1] as string);
  }
  return kept;
}

function refuse(response: ServerResponse): void {
  const text =
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"The process that was answering has ended. Send the request again if it may be repeated."}}';
  response.writeHead(502, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Opens where siblings hand on what is for this one. */
export function listenForSiblings(
  server: Server,
  { folder, seat }: Siblings,
  listener: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: what is shared among workers is shared by all of them, whatever its name.
    server.listen({ path: socketOf(folder, seat, listener), exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
