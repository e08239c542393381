// Stands before a mock and keeps what it was sent: its answers are samples, the same for whatever it
// takes, so that an input lost on the way would show in no answer.
import { once } from 'node:events';
import http from 'node:http';

/**
 * @returns {Promise<{ url: string, taken: () => Sent[], stop: () => Promise<void> }>} `taken` gives
 *   what came since it was asked last, oldest first
 * @typedef {{ method: string, path: string, query: [string, string][], body: string,
 *   headers: Record<string, string> }} Sent
 */
export async function startRecorder(target) {
  const agent = new http.Agent({ keepAlive: true });
  let kept = [];
  const server = http.createServer(async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = await whole(incoming);
    kept.push(sentAs({ method, url, headers, body: body.toString('utf8') }));
    const request = http.request(target + url, { method, headers, agent });
    request.on('error', () => outgoing.destroy());
    request.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    request.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    taken() {
      const taken = kept;
      kept = [];
      return taken;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

function sentAs({ method, url, headers, body }) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  // The order of parameters means nothing; that of the values of one does.
  const query = [...searchParams].sort(([one], [two]) => (one < two ? -1 : Number(one > two)));
  return { method, path: pathname, query, headers, body };
}

async function whole(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}
