import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, converse, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const text = capability({
  operations: {
    items: { route: 'GET /items' },
    make: { route: 'POST /items', parameters: [{ name: 'body', in: 'body', type: 'object' }] },
  },
});

function problemIn(received: string): unknown {
  const [head = '', body = ''] = received.split('\r\n\r\n');
  assert.match(head, /content-type: application\/problem\+json/);
  assert.match(head, /connection: close/);
  return JSON.parse(body);
}

test('bytes that are no request are answered and the connection ended', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
  const { rest } = await startGateway(t, text, { upstream: upstream.origin });
  const { host } = new URL(rest);
  for (const bytes of [
    'hello\r\n\r\n',
    'GET /a b HTTP/1.1\r\n\r\n',
    `GET /items HTTP/1.1\r\nhost: ${host}\r\nx: a\nb: c\r\r\n\r\n`,
    `POST /items HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ]) {
    const received = await converse(rest, Buffer.from(bytes, 'latin1'));
    assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n/, JSON.stringify(bytes));
    assert.deepEqual(problemIn(received), {
      type: 'urn:naftiko:problem:request-invalid',
      title: 'The request cannot be read',
      status: 400,
      detail: 'The request is not valid HTTP/1.1.',
      code: 'REQUEST_INVALID',
    });
  }
  assert.equal(upstream.requests.length, 0);
});

test('headers that are too large are told as that', bounded, async (t) => {
  const { rest } = await startGateway(t, text);
  const received = await converse(
    rest,
    `GET /items HTTP/1.1\r\nhost: ${new URL(rest).host}\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`,
  );
  assert.match(received, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  assert.match(received, /larger than 16 KiB/);
  const path = await converse(rest, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`);
  assert.match(path, /^HTTP\/1\.1 431 /);
});

test('a body whose chunks are broken gets one answer', bounded, async (t) => {
  const upstream = await startUpstream(t, {});
  const { rest } = await startGateway(t, text, { upstream: upstream.origin });
  const received = await converse(
    rest,
    `POST /items HTTP/1.1\r\nhost: ${new URL(rest).host}\r\ntransfer-encoding: chunked\r\n\r\n`,
    'zz\r\n{}\r\n',
  );
  assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.equal(received.match(/HTTP\/1\.1 /g)?.length, 1);
  assert.equal(upstream.requests.length, 0);
});

test(
  'garbage after an answer ends the connection and adds nothing to the answer',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /items': { body: [1] } });
    const { rest } = await startGateway(t, text, { upstream: upstream.origin });
    const received = await converse(
      rest,
      `GET /items HTTP/1.1\r\nhost: ${new URL(rest).host}\r\n\r\n`,
      'garbage\r\n\r\n',
    ).catch((error: NodeJS.ErrnoException) => error.code);
    assert.doesNotMatch(String(received), /\[1\].*HTTP/s);
    assert.equal((await send(rest, '/items')).status, 200);
  },
);
