import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capability, whole } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { converse, jsonBody, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const mapped = [{ type: 'string', mapping: '$.name' }];

test('status, bytes and content type of an answer pass unchanged', async (t) => {
  const exact = Buffer.from('{ "n": 9007199254740993, "z":1.0,\n "a": "\\u00e9", "a": 2 }');
  const upstream = await startUpstream(t, {
    'GET /exact': { body: exact, headers: { 'content-type': 'application/json;charset=UTF-8' } },
    'GET /html': { body: '<p>', headers: { 'content-type': 'text/html' } },
    'GET /bytes': { body: Buffer.from([0, 255, 254]), headers: { 'content-type': 'image/png' } },
    'GET /untyped': { body: 'x' },
    'GET /text': { body: 'no json', headers: { 'content-type': 'application/json' } },
    'POST /made': { status: 201, body: { id: 1 }, headers: { location: '/items/1' } },
    'GET /accepted': { status: 202 },
    'DELETE /gone': { status: 204 },
    'GET /same': { status: 304, headers: { etag: '"1"' } },
    'GET /moved': { status: 302, headers: { location: 'https://elsewhere.example/' } },
    'GET /part': { status: 206, body: 'ab', headers: { 'content-range': 'bytes 0-1/9' } },
  });
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        exact: { route: 'GET /exact', output: whole },
        html: { route: 'GET /html' },
        bytes: { route: 'GET /bytes' },
        untyped: { route: 'GET /untyped' },
        text: { route: 'GET /text', output: whole },
        made: { route: 'POST /made' },
        accepted: { route: 'GET /accepted' },
        gone: { route: 'DELETE /gone' },
        same: { route: 'GET /same' },
        moved: { route: 'GET /moved' },
        part: { route: 'GET /part' },
      },
    }),
    { upstream: upstream.origin },
  );
  const answer = await send(rest, '/exact');
  assert.deepEqual(answer.bytes, exact);
  assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
  assert.equal(answer.headers['content-length'], String(exact.length));
  assert.equal((await send(rest, '/html')).headers['content-type'], 'text/html');
  assert.deepEqual((await send(rest, '/bytes')).bytes, Buffer.from([0, 255, 254]));
  assert.equal((await send(rest, '/untyped')).headers['content-type'], undefined);
  assert.equal((await send(rest, '/text')).text, 'no json', 'an identity route reads nothing');
  const made = await send(rest, '/made', { method: 'POST' });
  assert.equal(made.status, 201);
  assert.equal(made.headers.location, '/items/1');
  const accepted = await send(rest, '/accepted');
  assert.equal(accepted.status, 202);
  assert.equal(accepted.headers['content-length'], '0');
  const gone = await send(rest, '/gone', { method: 'DELETE' });
  assert.equal(gone.status, 204);
  assert.equal(gone.headers['content-length'], undefined);
  assert.equal(gone.headers['transfer-encoding'], undefined);
  const same = await send(rest, '/same');
  assert.equal(same.status, 304);
  assert.equal(same.headers.etag, '"1"');
  const moved = await send(rest, '/moved');
  assert.equal(moved.status, 302);
  assert.equal(moved.headers.location, 'https://elsewhere.example/');
  const part = await send(rest, '/part');
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], 'bytes 0-1/9');
});

const headers = {
  etag: '"1"',
  link: '</items?page=2>; rel="next"',
  'retry-after': '120',
  'x-ratelimit-remaining': '4',
  'ratelimit-limit': '100',
  'cache-control': 'max-age=5',
  vary: 'Accept',
  'www-authenticate': ['Basic realm="a"', 'Bearer'],
  'x-name': Buffer.from('Zoë ☃', 'utf8').toString('latin1'),
  'set-cookie': ['a=1', 'b=2; HttpOnly'],
  connection: 'x-mine',
  'x-mine': 'of this connection',
  'keep-alive': 'timeout=5',
  'proxy-authenticate': 'Basic',
  trailer: 'x-sum',
  upgrade: 'h2c',
  server: 'nginx/1.2',
  'x-powered-by': 'PHP',
  'strict-transport-security': 'max-age=1',
  'access-control-allow-origin': '*',
};

test('end-to-end headers pass; those of the connection, of the server and cookies do not', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { status: 429, headers, body: '{}' } });
  const { rest } = await startGateway(
    t,
    capability({ operations: { items: { route: 'GET /items' } } }),
    { upstream: upstream.origin },
  );
  const answer = await send(rest, '/items');
  assert.equal(answer.status, 429);
  for (const name of [
    'etag',
    'link',
    'retry-after',
    'x-ratelimit-remaining',
    'ratelimit-limit',
    'cache-control',
    'vary',
    'x-name',
  ] as const) {
    assert.equal(answer.headers[name], headers[name], name);
  }
  assert.equal(answer.headers['www-authenticate'], 'Basic realm="a", Bearer');
  for (const name of [
    'set-cookie',
    'x-mine',
    'proxy-authenticate',
    'trailer',
    'upgrade',
    'server',
    'x-powered-by',
    'strict-transport-security',
    'access-control-allow-origin',
  ]) {
    assert.equal(answer.headers[name], undefined, name);
  }
});

test('cookies pass where the file allows it, each on its own', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { headers, body: '{"name":1}' } });
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        items: { route: 'GET /items' },
        names: { route: 'GET /names', consumed: 'GET /items', output: mapped },
      },
      consumes: { forwardSetCookie: true },
    }),
    { upstream: upstream.origin },
  );
  for (const path of ['/items', '/names']) {
    const answer = await send(rest, path);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2; HttpOnly'], path);
  }
});

test('a mapped answer is JSON of its own, with the headers that are true of it', async (t) => {
  const upstream = await startUpstream(t, {
    'POST /items': {
      status: 201,
      body: { name: 'Zoë', n: 1 },
      headers: {
        ...headers,
        location: '/items/1',
        'content-type': 'application/hal+json',
        'content-language': 'en',
        'last-modified': 'Sun, 22 Nov 2020 00:00:00 GMT',
      },
    },
    'GET /none': { status: 204 },
    'GET /bad': { status: 422, body: { error: 'why' } },
    'GET /marked': { body: '\ufeff{"name":"x"}' },
  });
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        make: { route: 'POST /items', output: mapped },
        none: { route: 'GET /none', output: mapped },
        bad: { route: 'GET /bad', output: mapped },
        marked: { route: 'GET /marked', output: mapped },
      },
    }),
    { upstream: upstream.origin },
  );
  const made = await send(rest, '/items', jsonBody({}));
  assert.equal(made.status, 201);
  assert.equal(made.text, '"Zoë"');
  assert.equal(made.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(made.headers['content-length'], '6');
  assert.equal(made.headers.location, '/items/1');
  assert.equal(made.headers.link, headers.link);
  assert.equal(made.headers['retry-after'], '120');
  assert.equal(made.headers['x-ratelimit-remaining'], '4');
  assert.equal(made.headers.etag, headers.etag, 'what If-Match has to say');
  assert.equal(made.headers['last-modified'], 'Sun, 22 Nov 2020 00:00:00 GMT');
  for (const name of ['content-language', 'set-cookie', 'x-mine']) {
    assert.equal(made.headers[name], undefined, name);
  }
  const none = await send(rest, '/none');
  assert.equal(none.status, 204);
  assert.equal(none.text, '');
  const bad = await send(rest, '/bad');
  assert.equal(bad.status, 422);
  assert.equal(bad.text, '{"error":"why"}', 'mappings apply to 2xx only');
  assert.equal((await send(rest, '/marked')).text, '"x"');
});

test('an upstream 4xx or 5xx passes with its status and body', async (t) => {
  const upstream = await startUpstream(t, ({ url }, response) => {
    response.writeHead(Number(url.slice(1)), { 'content-type': 'application/vnd.error+json' });
    response.end(`{"was":${url.slice(1)}}`);
  });
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /{status}' } } }),
    { upstream: upstream.origin },
  );
  for (const status of [400, 401, 403, 404, 409, 418, 429, 499, 500, 502, 503, 504, 599]) {
    const answer = await send(rest, `/${status}`);
    assert.equal(answer.status, status);
    assert.equal(answer.text, `{"was":${status}}`);
    assert.equal(answer.headers['content-type'], 'application/vnd.error+json');
  }
});

test('a caller of HTTP/1.0 is answered in its way', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: 1\n\n');
  });
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /items' } } }),
    { upstream: upstream.origin },
  );
  const answer = await converse(rest, `GET /items HTTP/1.0\r\nhost: ${new URL(rest).host}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(answer, /transfer-encoding/i);
  assert.match(answer, /\r\n\r\ndata: 1\n\n$/);
});
