import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

/** A valid WAV file: 8 kHz, 8 bits, mono, 64 samples of silence. */
const BEEP = (() => {
  const samples = Buffer.alloc(64, 0x80);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
})();

const ROUTES = new Map([
  ['/text', { type: 'text/plain', body: 'This is a simple text response for testing.' }],
  ['/static', { type: 'text/plain', body: 'This is the content of the static text resource.' }],
  ['/watched', { type: 'text/plain', body: 'Watched resource content.' }],
  ['/pixel.png', { type: 'image/png', body: PIXEL }],
  // Many servers name WAV files so; clients are told the registered name.
  ['/beep.wav', { type: 'audio/x-wav', body: BEEP }],
  ['/mixed', { type: 'application/json', body: '{"test":"data","value":123}' }],
  ['/state', { type: 'application/json', body: '{"state":"state-ok"}' }],
]);

/** The API behind the conformance capability. Listens on a free loopback port unless told another. */
export async function startUpstream(port = 0) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://upstream');
    if (request.method !== 'GET') return send(response, 405, 'text/plain', 'Only GET.');
    if (pathname === '/fail') {
      const message = 'This tool intentionally returns an error for testing';
      return send(response, 500, 'application/json', JSON.stringify({ message }));
    }
    if (pathname === '/slow') {
      await sleep(50);
      return send(response, 200, 'text/plain', 'Done.');
    }
    const item = /^\/items\/([^/]+)$/.exec(pathname)?.[1];
    if (item !== undefined) {
      const id = decodeURIComponent(item);
      const body = { id, templateTest: true, data: `Data for ID: ${id}` };
      return send(response, 200, 'application/json', JSON.stringify(body));
    }
    const route = ROUTES.get(pathname);
    if (route === undefined) return send(response, 404, 'text/plain', 'No such thing.');
    send(response, 200, route.type, route.body);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
