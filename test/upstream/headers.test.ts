import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endToEndHeaders } from '../../src/upstream/headers.ts';
import { startRawUpstream } from '../support/upstream.ts';
import { get, held, startClient } from './sending.ts';

test('a caller gets what is meant for the end of the line, in order, duplicates kept', () => {
  const received = [
    ...['content-type', 'application/json', 'link', '<a>', 'link', '<b>', 'etag', 'W/"1"'],
    ...['retry-after', '3', 'x-ratelimit-remaining', '9', 'location', '/x', 'content-length', '5'],
    ...['www-authenticate', 'Bearer', 'cache-control', 'no-store', 'vary', 'accept', 'x-empty', ''],
  ];
  assert.deepEqual(endToEndHeaders(received, { setCookie: false }), received);
});

test('what belongs to a connection, and what Connection names, stays behind', () => {
  const received = [
    ...['connection', 'Keep-Alive, X-Private', 'connection', 'x-other', 'x-private', '1'],
    ...['x-other', '2', 'keep-alive', 'timeout=5', 'proxy-authenticate', 'Basic', 'te', 'trailers'],
    ...['proxy-authorization', 'x', 'proxy-connection', 'close', 'trailer', 'x-sum'],
    ...['transfer-encoding', 'chunked', 'upgrade', 'h2c', 'x-kept', 'yes'],
  ];
  assert.deepEqual(endToEndHeaders(received, { setCookie: true }), ['x-kept', 'yes']);
});

test("what is true of the upstream's own address only stays behind", () => {
  const received = [
    ...['alt-svc', 'h3', 'strict-transport-security', 'max-age=1', 'server', 'nginx', 'date', 'x'],
    ...['x-powered-by', 'PHP', 'access-control-allow-origin', '*', 'nel', '{}', 'report-to', '{}'],
    ...['access-control-expose-headers', 'x', 'public-key-pins', 'x', 'clear-site-data', '"*"'],
  ];
  assert.deepEqual(endToEndHeaders(received, { setCookie: true }), []);
});

test('cookies pass only where the file lets them', () => {
  const received = ['set-cookie', 'a=1', 'set-cookie', 'b=2'];
  assert.deepEqual(endToEndHeaders(received, { setCookie: false }), []);
  assert.deepEqual(endToEndHeaders(received, { setCookie: true }), received);
});

test("an answer's headers come flat, names in lower case, values untouched", async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    const head = [
      ...['HTTP/1.1 200 OK', 'Set-Cookie: a=1; Path=/', 'X-Name: caf\u00e9'],
      ...['SET-COOKIE: b=2', 'constructor: c', '__proto__: p', 'Content-Length: 0'],
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  });
  const { headers } = await startClient(t).send(get(upstream.origin), held);
  assert.deepEqual(headers, [
    ...['set-cookie', 'a=1; Path=/', 'set-cookie', 'b=2', 'x-name', 'caf\u00e9'],
    ...['constructor', 'c', '__proto__', 'p', 'content-length', '0'],
  ]);
});
