import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A server that can be closed with no connection left over. */
export interface Closing {
  readonly server: Server;
  readonly endUnused: () => void;
}

const SWEEP_MS = 50;

/** To be asked for before the server has its first connection. */
export const closable = (server: Server): Closing => ({ server, endUnused: trackUnused(server) });

/** Takes no new connections, lets running requests end for `graceMs`, then ends them. */
export async function closing({ server, endUnused }: Closing, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  endUnused();
  // Node keeps a connection whose last answer goes out now as long as any other.
  const sweep = setInterval(endUnused, SWEEP_MS);
  const limit = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
}

/** Ends connections without a running request; also those that never had one, which Node counts as busy. */
function trackUnused(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return function endUnused() {
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
