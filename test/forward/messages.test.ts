import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bounded, connectTo, send } from '../support/http.ts';
import { startRawUpstream, startUpstream } from '../support/upstream.ts';
import { begin, digestOf, digestSlowly, noise, startProxy, startServer } from './proxy.ts';

/** Every byte there is, in an order that no text has. */
const BYTES = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167) % 256));

async function startFiles(t: TestContext) {
  return startUpstream(t, ({ method, headers }, response) => {
    response.setHeader('etag', '"v1"');
    response.setHeader('accept-ranges', 'bytes');
    response.setHeader('content-type', 'image/png');
    if (headers['if-none-match'] === '"v1"') {
      response.writeHead(304).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
    const [from, to] =
      range === null ? [0, BYTES.length - 1] : [Number(range[1]), Number(range[2])];
    const isEncoded = headers['accept-encoding']?.includes('gzip') === true;
    const whole = isEncoded ? gzipSync(BYTES) : BYTES;
    const body = range === null ? whole : whole.subarray(from, to + 1);
    if (isEncoded) response.setHeader('content-encoding', 'gzip');
    if (range !== null) response.setHeader('content-range', `bytes ${from}-${to}/${whole.length}`);
    response.setHeader('content-length', body.length);
    response.writeHead(range === null ? 200 : 206).end(method === 'HEAD' ? undefined : body);
  });
}

test('every byte passes as it is, up and down', bounded, async (t) => {
  const upstream = await startServer(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    request.pipe(response);
  });
  const proxy = await startProxy(t, upstream);
  for (const size of [0, 1, 65_535, 65_536, 1_000_003]) {
    const chunks = [...noise(size), ...(size === 1 ? [BYTES] : [])];
    for (const headers of [
      { 'content-length': chunks.reduce((sum, { length }) => sum + length, 0) },
      { 'transfer-encoding': 'chunked' },
    ] as OutgoingHttpHeaders[]) {
      const { request, response } = begin(proxy, '/proxy/echo', { method: 'POST', headers });
      for (const chunk of chunks) request.write(chunk);
      request.end();
      assert.equal(await digestSlowly(await response), digestOf(chunks), `${size} bytes`);
    }
  }
});

test('a range is answered with that range of the bytes', bounded, async (t) => {
  const upstream = await startFiles(t);
  const proxy = await startProxy(t, upstream.origin);
  const answer = await send(proxy, '/proxy/a.png', { headers: { range: 'bytes=100-299' } });
  assert.equal(answer.status, 206);
  assert.equal(answer.headers['content-range'], `bytes 100-299/${BYTES.length}`);
  assert.equal(answer.headers['content-length'], '200');
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.deepEqual(answer.bytes, BYTES.subarray(100, 300));
});

test(
  'a range of an encoded file, which no piece can be decoded of, stays encoded',
  bounded,
  async (t) => {
    const piece = gzipSync(BYTES).subarray(40, 80);
    const upstream = await startUpstream(t, (_, response) => {
      response.writeHead(206, { 'content-encoding': 'gzip', 'content-range': 'bytes 40-79/2000' });
      response.end(piece);
    });
    const proxy = await startProxy(t, upstream.origin);
    const answer = await send(proxy, '/proxy/a.png', { headers: { range: 'bytes=40-79' } });
    assert.equal(answer.headers['content-encoding'], 'gzip');
    assert.deepEqual(answer.bytes, piece);
  },
);

test(
  'what the caller has already is not sent again, if the header is trusted',
  bounded,
  async (t) => {
    const upstream = await startFiles(t);
    const conditional = { headers: { 'if-none-match': '"v1"' } };
    const known = await send(await startProxy(t, upstream.origin), '/proxy/a.png', conditional);
    assert.equal(known.status, 304);
    assert.equal(known.headers.etag, '"v1"');
    assert.equal(known.bytes.length, 0);
    const untrusting = await startProxy(t, upstream.origin, {}, []);
    const unknown = await send(untrusting, '/proxy/a.png', conditional);
    assert.equal(unknown.status, 200);
    assert.deepEqual(unknown.bytes, BYTES);
  },
);

test('HEAD gives the head alone, with the length of the body', bounded, async (t) => {
  const upstream = await startFiles(t);
  const proxy = await startProxy(t, upstream.origin);
  const answer = await send(proxy, '/proxy/a.png', {
    method: 'HEAD',
    headers: { range: 'bytes=0-9' },
  });
  assert.equal(answer.status, 206);
  assert.equal(answer.headers['content-length'], '10');
  assert.equal(answer.bytes.length, 0);
  assert.equal(upstream.requests[0]?.method, 'HEAD');
});

test('204 has neither body nor length, and its connection serves on', bounded, async (t) => {
  const upstream = await startUpstream(t, (_, response) => {
    response.writeHead(204, { 'x-own': 'yes' }).end();
  });
  const proxy = await startProxy(t, upstream.origin);
  const socket = connectTo(proxy);
  t.after(() => socket.destroy());
  const { host } = new URL(proxy);
  for (let turn = 0; turn < 2; turn += 1) {
    socket.write(`DELETE /proxy/a HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    const text = String(answer);
    assert.match(text, /^HTTP\/1\.1 204 No Content\r\nx-own: yes\r\n/);
    assert.doesNotMatch(text, /content-length|transfer-encoding/i);
    assert.ok(text.endsWith('\r\n\r\n'));
  }
});

test('an answer with trailers arrives whole, without them', bounded, async (t) => {
  const upstream = await startServer(t, (_, response) => {
    response.writeHead(200, { trailer: 'x-checksum' });
    response.write('one ');
    response.addTrailers({ 'x-checksum': 'abc' });
    response.end('two');
  });
  const { request, response } = begin(await startProxy(t, upstream), '/proxy/a');
  request.end();
  const answer = await response;
  let text = '';
  for await (const chunk of answer) text += chunk;
  assert.equal(text, 'one two');
  assert.equal(answer.complete, true);
  assert.equal(answer.headers.trailer, undefined);
  assert.deepEqual(answer.trailers, {});
});

test('an upload with trailers arrives whole', bounded, async (t) => {
  let received = '';
  const upstream = await startServer(t, async (request, response) => {
    for await (const chunk of request) received += chunk;
    response.end('ok');
  });
  const { request, response } = begin(await startProxy(t, upstream), '/proxy/a', {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked', trailer: 'x-checksum' },
  });
  request.write('one ');
  request.addTrailers({ 'x-checksum': 'abc' });
  request.end('two');
  assert.equal((await response).statusCode, 200);
  assert.equal(received, 'one two');
});

test('who asks before sending is told to go on; the upstream is not asked', bounded, async (t) => {
  const heads: IncomingMessage['headers'][] = [];
  const upstream = await startServer(t, async (request, response) => {
    heads.push(request.headers);
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(text);
  });
  const { request, response } = begin(await startProxy(t, upstream), '/proxy/a', {
    method: 'PUT',
    headers: { 'content-length': 4, expect: '100-continue' },
  });
  request.flushHeaders();
  await once(request, 'continue');
  request.end('body');
  let text = '';
  for await (const chunk of await response) text += chunk;
  assert.equal(text, 'body');
  assert.equal(heads[0]?.expect, undefined);
});

test('an upstream that says to go on, asked or not, is understood', bounded, async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
    socket.write('HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok');
  });
  const proxy = await startProxy(t, upstream.origin);
  const answer = await send(proxy, '/proxy/a', { method: 'POST', body: 'x' });
  assert.deepEqual([answer.status, answer.text], [201, 'ok']);
  assert.equal(answer.headers.link, undefined);
});
