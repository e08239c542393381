// An API that answers, and fails in the way it is asked to: `fault` in the query, or in a posted body.
import http from 'node:http';
import zlib from 'node:zlib';

const SLOW_MS = 300;
const LARGE = Buffer.from(JSON.stringify({ rows: 'x'.repeat(1_000_000) }));

/** What a caller of the gateway is to get for each fault: the status on REST. */
export const FAULTS = {
  slow: 200,
  gzip: 200,
  chunked: 200,
  empty: 204,
  missing: 404,
  busy: 429,
  broken: 500,
  away: 503,
  reset: 502,
  cut: 502,
  noise: 502,
  undecodable: 502,
  silent: 504,
};

const STATUS = { missing: 404, busy: 429, broken: 500, away: 503 };

export const itemOf = (id) => ({ id, owner: `owner-${id}`, text: 'a thing '.repeat(200) });

/** Listens on a free port of loopback. */
export async function startUpstream() {
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, 'http://api');
    const [kind, id] = url.pathname.slice(1).split('/');
    if (kind === 'large') return send(response, 200, LARGE);
    if (kind === 'owners') return sendJson(response, 200, { name: id });
    const body = request.method === 'POST' ? JSON.parse(Buffer.concat(chunks)) : undefined;
    const fault = body === undefined ? url.searchParams.get('fault') : body.fault;
    const value = body === undefined ? itemOf(id) : { added: body.id };
    fail(fault, request.socket, response, value);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function fail(fault, socket, response, value) {
  const text = JSON.stringify(value);
  if (STATUS[fault] !== undefined) {
    if (fault === 'busy') response.setHeader('retry-after', '1');
    return sendJson(response, STATUS[fault], { error: fault });
  }
  switch (fault) {
    case 'slow':
      setTimeout(() => sendJson(response, 200, value), SLOW_MS);
      return;
    case 'gzip':
      response.setHeader('content-encoding', 'gzip');
      return send(response, 200, zlib.gzipSync(text));
    case 'undecodable':
      response.setHeader('content-encoding', 'gzip');
      return send(response, 200, Buffer.from(text));
    case 'chunked':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(text.slice(0, 10));
      return setImmediate(() => response.end(text.slice(10)));
    case 'empty':
      response.writeHead(204);
      return response.end();
    case 'reset':
      return socket.resetAndDestroy();
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 5000 });
      response.write(text.slice(0, 100));
      return setTimeout(() => socket.destroy(), 5);
    case 'noise':
      return socket.end('this is no HTTP\r\n\r\n');
    case 'silent':
      return;
    default:
      return sendJson(response, 200, value);
  }
}

const sendJson = (response, status, value) => send(response, status, JSON.stringify(value));

function send(response, status, body) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
