import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { SERVER_ERROR } from './rpc-error.ts';
import { createServer } from './server.ts';
import type { ToolCore } from './tools.ts';

/** A protocol server and the HTTP transport it speaks through: a session's, or one request's. */
export interface Channel {
  readonly server: Server;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** The requests being answered, each with how many came in its POST. */
  readonly running: Map<RequestId, number>;
}

/** Without a session id the channel takes one request only. */
export async function openChannel(core: ToolCore, sessionId?: string): Promise<Channel> {
  const server = createServer(core);
  const transport = new WebStandardStreamableHTTPServerTransport(
    sessionId === undefined ? {} : { sessionIdGenerator: () => sessionId },
  );
  await server.connect(transport);
  return { server, transport, running: new Map() };
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
  const companions = channel.running.get(requestId);
  if (companions === undefined) return;
  const { transport } = channel;
  // With its stream closed first, the answer below reaches nobody; in a batch the others still need it.
  if (companions === 1) transport.closeSSEStream(requestId);
  const error = { code: SERVER_ERROR, message: 'The request was cancelled.' };
  transport.send({ jsonrpc: '2.0', id: requestId, error }).catch(() => {});
}
