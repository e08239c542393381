import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { abortRequest, type Channel, type Running, releaseRequest } from './channel.ts';
import type { Caller } from './conversation.ts';
import type { Envelope } from './envelope.ts';
import { INVALID_REQUEST, RpcError, rpcErrorAnswer, SERVER_ERROR } from './rpc-error.ts';
import type { Handshake } from './session-ids.ts';

export interface ExchangeHeaders {
  readonly sessionId?: string | undefined;
  readonly protocolVersion?: string | undefined;
}

/** Who asks for an answer, and how it should come. */
export interface Reception {
  readonly wants: 'json' | 'events';
  readonly caller: Caller;
}

/**
 * Answers one POST. The transport always answers with an event stream; for a caller who wants JSON
 * its events are gathered. (Its own JSON mode keeps an entry for every call of a session, and
 * never ends a call that is cancelled.) A caller who leaves aborts what it asked for.
 */
export async function answerPost(
  channel: Channel,
  envelope: Envelope,
  headers: ExchangeHeaders,
  { wants, caller }: Reception,
  res: ServerResponse,
): Promise<void> {
  if (res.destroyed) return;
  const { messages, batch, ids } = envelope;
  begin(channel, ids, { companions: ids.length, streams: wants === 'events', caller });
  const leave = (): void => {
    if (!res.writableFinished) for (const id of ids) abortRequest(channel, id);
  };
  res.once('close', leave);
  try {
    const response = await channel.transport.handleRequest(webRequest('POST', headers), {
      parsedBody: batch ? messages : messages[0],
    });
    for (const message of messages) release(channel, message);
    if (wants === 'json' && isEventStream(response)) {
      sendText(res, response, await gathered(response, envelope));
    } else {
      await sendResponse(res, response);
    }
  } finally {
    res.off('close', leave);
    for (const id of ids) channel.running.delete(id);
  }
}

/** The stream a session keeps open for what the server has to say unasked. */
export async function answerGet(
  channel: Channel,
  headers: ExchangeHeaders,
  res: ServerResponse,
): Promise<void> {
  await sendEndless(res, await channel.transport.handleRequest(webRequest('GET', headers)));
}

export async function answerDelete(
  channel: Channel,
  headers: ExchangeHeaders,
  res: ServerResponse,
): Promise<void> {
  await sendResponse(res, await channel.transport.handleRequest(webRequest('DELETE', headers)));
}

/** Tells the server of a session what its client has told another one. */
export async function greet({ transport }: Channel, handshake: Handshake): Promise<void> {
  const tell = async (message: JSONRPCMessage, headers: ExchangeHeaders): Promise<void> => {
    const response = await transport.handleRequest(webRequest('POST', headers), {
      parsedBody: message,
    });
    await response.text();
  };
  const params = handshake as Record<string, unknown>;
  await tell({ jsonrpc: '2.0', id: 'handshake', method: 'initialize', params }, {});
  const { sessionId } = transport;
  await tell({ jsonrpc: '2.0', method: 'notifications/initialized' }, { sessionId });
}

function begin(channel: Channel, ids: readonly RequestId[], request: Running): void {
  const taken = ids.find((id) => channel.running.has(id));
  if (taken !== undefined) {
    throw new RpcError(
      INVALID_REQUEST,
      `Invalid Request: the id ${JSON.stringify(taken)} belongs to a request that is still running.`,
      { id: taken },
    );
  }
  for (const id of ids) {
    // The SDK does not hear that such a request is cancelled.
    const isNone = id === 0 || id === '';
    channel.running.set(id, isNone ? { ...request, left: new AbortController() } : request);
  }
}

function release(channel: Channel, message: JSONRPCMessage): void {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return;
  const requestId = message.params?.requestId;
  if (typeof requestId === 'string' || typeof requestId === 'number') {
    releaseRequest(channel, requestId);
  }
}

/** What the transport looks at, with the Accept it insists on: the caller's is judged by us. */
function webRequest(method: string, headers: ExchangeHeaders): Request {
  const seen = new Headers({
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  });
  if (headers.sessionId !== undefined) seen.set('mcp-session-id', headers.sessionId);
  if (headers.protocolVersion !== undefined) {
    seen.set('mcp-protocol-version', headers.protocolVersion);
  }
  return new Request('http://gateway/mcp', { method, headers: seen });
}

const isEventStream = (response: Response): boolean =>
  response.headers.get('content-type') === 'text/event-stream';

async function gathered(response: Response, { batch, ids }: Envelope): Promise<string> {
  const answers = (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
    // What was told on the way is for those who listen on the way.
    .filter((message) => !message.startsWith('{"method":"notifications/'));
  if (answers.length === 0) {
    const why = 'The request was cancelled, or its session ended, before there was an answer.';
    answers.push(rpcErrorAnswer(new RpcError(SERVER_ERROR, why, { id: ids[0] })));
  }
  return batch ? `[${answers.join(',')}]` : (answers[0] as string);
}

function sendText(res: ServerResponse, response: Response, text: string): void {
  if (res.destroyed) return;
  const sessionId = response.headers.get('mcp-session-id');
  res.writeHead(response.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(sessionId === null ? {} : { 'mcp-session-id': sessionId }),
  });
  res.end(text);
}

export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  const body = await sendHead(res, response);
  // Fails only when the caller leaves early, and then nobody is left to be told.
  if (body !== null) await pipeline(Readable.fromWeb(body), res).catch(() => {});
}

/** Bytes that may wait for somebody who listens but does not read. */
const MOST_UNREAD = 1024 * 1024;

/** Sends a stream that tells what happens; who does not keep up with it is cut off. */
export async function sendEndless(res: ServerResponse, response: Response): Promise<void> {
  const body = await sendHead(res, response);
  if (body === null) return;
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  res.once('close', leave);
  // One that left while the head was sent.
  if (res.destroyed) leave();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (res.writableLength > MOST_UNREAD) res.destroy();
    else if (!res.destroyed) res.write(value);
  }
  res.end();
}

async function sendHead(
  res: ServerResponse,
  response: Response,
): Promise<ReadableStream<Uint8Array> | null> {
  const { body } = response;
  if (res.destroyed) {
    await body?.cancel();
    return null;
  }
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (body === null) {
    res.end();
    return null;
  }
  res.flushHeaders();
  return body as ReadableStream<Uint8Array>;
}
