import type { ListenOptions, Server } from 'node:net';

/** Opens a port or a socket. @throws the error of `listen`, EADDRINUSE for example */
export function listening(server: Server, at: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
