import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A server that can be closed with no connection left over. */
export interface Closing {
  readonly server: Server;
  /** Ends connections without a running request; also those that never had one, which Node counts as busy. */
  readonly endUnused: () => void;
  /** Ends every connection, also those that have not got as far as a request. */
  readonly endAll: () => void;
}

const SWEEP_MS = 50;

/** To be asked for before the server has its first connection. */
export function closable(server: Server): Closing {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    server,
    endUnused() {
      server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
    endAll() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Takes no new connections, lets running requests end for `graceMs`, then ends them. */
export async function closing(
  { server, endUnused, endAll }: Closing,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  endUnused();
  // Node keeps a connection whose last answer goes out now as long as any other.
  const sweep = setInterval(endUnused, SWEEP_MS);
  const limit = setTimeout(endAll, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
}
