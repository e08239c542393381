import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayOptions } from './options.ts';

type Patience = Pick<GatewayOptions, 'headersTimeout' | 'requestTimeout' | 'unreadTimeout'>;

const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 30_000;
const REQUEST_MS = 300_000;
const UNREAD_MS = 120_000;
const LONGEST_SWEEP_MS = 10_000;

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
  if (unreadTimeout > 0) endUnread(server, unreadTimeout);
  return server;
}

/**
 * Ends connections on which nothing has moved for so long. An answer that is still being made takes its
 * time; one that is made and not taken holds memory. A timer of each connection would be set anew by
 * all that moves on it, so only those get one that are seen to have bytes waiting.
 */
function endUnread(server: Server, unreadTimeout: number): void {
  const sockets = new Set<Socket>();
  // Told apart from the time that Node gives a connection between two requests.
  const limit = unreadTimeout === KEEP_ALIVE_MS ? unreadTimeout + 1 : unreadTimeout;
  const sweep = setInterval(
    () => {
      for (const socket of sockets) {
        if (socket.writableLength > 0 && socket.timeout !== limit) socket.setTimeout(limit);
      }
    },
    Math.min(LONGEST_SWEEP_MS, unreadTimeout / 4),
  ).unref();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('timeout', (socket: Socket) => {
    const isRead = socket.writableLength === 0 && socket.timeout === limit;
    if (isRead) socket.setTimeout(0);
    else socket.destroy();
  });
  server.on('close', () => clearInterval(sweep));
}
