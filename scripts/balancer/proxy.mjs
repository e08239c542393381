// A proxy that hands each request to the next of several servers in turn, whoever sends it.
import http from 'node:http';

/** Tells the caller which server answered, by its number. */
export const GATEWAY_HEADER = 'x-gateway';

/** @returns {Promise<{ url: string, served: number[], close: () => Promise<void> }>} */
export async function startProxy(targets) {
  const agent = new http.Agent({ keepAlive: true });
  const served = targets.map(() => 0);
  let turn = 0;
  const server = http.createServer((request, response) => {
    const index = turn;
    turn = (turn + 1) % targets.length;
    served[index] += 1;
    const { hostname, port } = targets[index];
    const { method, url: path } = request;
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    const onward = http.request({ hostname, port, method, path, headers, agent }, (answer) => {
      const said = { ...answer.headers, [GATEWAY_HEADER]: String(index) };
      response.writeHead(answer.statusCode, said);
      answer.pipe(response);
    });
    onward.on('error', (error) => {
      if (!response.headersSent) response.writeHead(502);
      response.end(error.message);
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  // The five seconds of Node are soon over on a busy machine, and then a client may meet the end of a connection.
  server.keepAliveTimeout = 65_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
      agent.destroy();
    });
  return { url: `http://127.0.0.1:${server.address().port}${targets[0].pathname}`, served, close };
}
