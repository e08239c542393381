import { randomInt } from 'node:crypto';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from './conversation.ts';
import { SERVER_ERROR } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';

/** A request that is being answered. */
export interface Running {
  /** How many requests came in its POST. */
  readonly companions: number;
  /** Its answer is an event stream, on which other messages can go. */
  readonly streams: boolean;
  readonly caller: Caller;
  /** Aborted with the request, where its id is one that the SDK takes for none. */
  readonly left?: AbortController;
}

/** A request that is answered without the server, and can be cancelled all the same. */
export interface Cancellable {
  cancel(): void;
}

/** A protocol server and the HTTP transport it speaks through: a session's, or one request's. */
export interface Channel {
  readonly server: Server;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly running: Map<RequestId, Running | Cancellable>;
  /** Whether the client has asked for log messages. */
  readonly logs: () => boolean;
}

/** A gateway listens sooner without the SDK; it is loaded once, for the first that needs it. */
async function loadSdk() {
  const [{ createLegacyServer }, { WebStandardStreamableHTTPServerTransport: Transport }] =
    await Promise.all([
      import('./legacy-server.ts'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
    ]);
  return { createLegacyServer, Transport };
}

/** Without a session id the channel takes one request only. */
export async function openChannel(core: ToolCore, sessionId?: string): Promise<Channel> {
  const running = new Map<RequestId, Running | Cancellable>();
  const { createLegacyServer, Transport } = await loadSdk();
  const { server, logs } = createLegacyServer(core, (id) => {
    const request = running.get(id);
    const {
      streams = false,
      caller = {},
      left,
    } = request === undefined || 'cancel' in request ? NOBODY : request;
    return { ...caller, streams, lasts: sessionId !== undefined, left: left?.signal };
  });
  const transport = new Transport(
    sessionId === undefined ? {} : { sessionIdGenerator: () => sessionId },
  );
  if (sessionId !== undefined) beginQuestionsAnywhere(server);
  await server.connect(transport);
  return { server, transport, running, logs };
}

/**
 * Several gateways may go on with one session, and an answer reach another one than has asked: it must
 * not be taken there for that of another question. The SDK would count questions from 0 everywhere.
 */
function beginQuestionsAnywhere(server: Server): void {
  (server as unknown as { _requestMessageId: number })._requestMessageId = randomInt(2 ** 47);
}

const NOBODY: Partial<Running> = {};

export async function closeChannel({ server, running }: Channel): Promise<void> {
  for (const request of running.values()) if ('cancel' in request) request.cancel();
  await server.close();
}

/** Aborts a running request whose caller is gone. */
export function abortRequest(channel: Channel, requestId: RequestId): void {
  channel.transport.onmessage?.({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId },
  });
  releaseRequest(channel, requestId);
}

/**
 * Ends the answer of a cancelled request. The server never answers one, so its transport would keep
 * the open stream and its bookkeeping until the session ends.
 */
export function releaseRequest(channel: Channel, requestId: RequestId): void {
  const request = channel.running.get(requestId);
  if (request === undefined) return;
  if ('cancel' in request) {
    request.cancel();
    return;
  }
  request.left?.abort();
  const { transport } = channel;
  // With its stream closed first, the answer below reaches nobody; in a batch the others still need it.
  if (request.companions === 1) transport.closeSSEStream(requestId);
  const error = { code: SERVER_ERROR, message: 'The request was cancelled.' };
  transport.send({ jsonrpc: '2.0', id: requestId, error }).catch(() => {});
}
