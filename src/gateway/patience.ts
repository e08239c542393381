import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayOptions } from './options.ts';

type Patience = Pick<GatewayOptions, 'headersTimeout' | 'requestTimeout' | 'unreadTimeout'>;

const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 30_000;
const REQUEST_MS = 300_000;
const UNREAD_MS = 120_000;

/** A server that waits for slow senders and slow readers, but not for ever. */
export function createPatientServer(
  {
    requestTimeout = REQUEST_MS,
    headersTimeout = Math.min(HEADERS_MS, requestTimeout),
    unreadTimeout = UNREAD_MS,
  }: Patience,
  listener: RequestListener,
): Server {
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.min(10_000, headersTimeout, requestTimeout),
  };
  const server = createServer(options, listener);
  // Nothing has moved on a connection for so long. An answer that is still being made takes its time;
  // one that is made and not taken holds memory.
  server.timeout = unreadTimeout;
  const watch = (_: IncomingMessage, response: ServerResponse): void => {
    response.on('timeout', endUnread);
  };
  return server.prependListener('request', watch).prependListener('checkContinue', watch);
}

function endUnread(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy();
}
