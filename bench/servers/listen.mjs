import process from 'node:process';

/** Listens on a free port, and tells the parent process which. */
export function listen(server) {
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}
