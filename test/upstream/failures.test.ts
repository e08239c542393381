import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ErrorCode } from '../../src/errors.ts';
import { upstreamFailure } from '../../src/upstream/failure.ts';
import { upstreamSettings } from '../../src/upstream/options.ts';
import { broken, closedOrigin, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient } from './sending.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const tls = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') };

test('an upstream that refuses is unreachable, and the host is all that is said of it', async (t) => {
  const client = startClient(t);
  const origin = await closedOrigin();
  const error = await failsWith(
    client.send(get(origin), held),
    'UPSTREAM_UNREACHABLE',
    /^127\.0\.0\.1:\d+ refused the connection\. Check/,
  );
  assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});

test('what cannot be staged here is told apart by its code', () => {
  const context = { host: 'api.example', settings: upstreamSettings({}), heard: false };
  const cases: readonly (readonly [string, ErrorCode, RegExp])[] = [
    ['ENOTFOUND', 'UPSTREAM_UNREACHABLE', /name of api\.example could not be resolved/],
    ['EAI_AGAIN', 'UPSTREAM_UNREACHABLE', /could not be resolved/],
    ['EHOSTUNREACH', 'UPSTREAM_UNREACHABLE', /No network route leads to api\.example/],
    ['ETIMEDOUT', 'UPSTREAM_TIMEOUT', /no answer from api\.example in time/],
    ['CERT_HAS_EXPIRED', 'UPSTREAM_UNREACHABLE', /not valid at this time/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'UPSTREAM_UNREACHABLE', /TLS handshake/],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UPSTREAM_INTERRUPTED', /Content-Length/],
    ['constructor', 'UPSTREAM_UNREACHABLE', /without an answer/],
  ];
  for (const [code, expected, words] of cases) {
    const cause = Object.assign(new Error('secret'), { code });
    const failure = upstreamFailure(cause, context);
    assert.equal(failure.code, expected, code);
    assert.match(failure.message, words);
    assert.equal(failure.cause, cause);
  }
  assert.equal(
    upstreamFailure(new Error('?'), { ...context, heard: true }).code,
    'UPSTREAM_INTERRUPTED',
  );
});

// Each waits for its limit, so they wait together.
describe('limits of time', { concurrency: true }, () => {
  test('an upstream that takes a connection and never finishes it meets the connect timeout', async (t) => {
    const upstream = await startRawUpstream(t, broken.silent);
    const client = startClient(t, { connectTimeout: 50 });
    await failsWith(
      client.send(get(upstream.origin.replace('http:', 'https:')), held),
      'UPSTREAM_TIMEOUT',
      /took no connection within 50 ms \(connect timeout\)/,
    );
  });

  test('an upstream that never answers meets the headers timeout', async (t) => {
    const upstream = await startRawUpstream(t, broken.silent);
    const client = startClient(t, { headersTimeout: 50 });
    await failsWith(
      client.send(get(upstream.origin), held),
      'UPSTREAM_TIMEOUT',
      /did not begin to answer within 50 ms \(headers timeout\)/,
    );
  });

  test('an upstream that falls silent in its body meets the body timeout', async (t) => {
    const upstream = await startUpstream(t, (_request, response) => {
      response.write('{"a":');
    });
    const client = startClient(t, { bodyTimeout: 50 });
    await failsWith(
      client.send(get(upstream.origin), held),
      'UPSTREAM_TIMEOUT',
      /fell silent for 50 ms in the middle of its answer \(body timeout\)/,
    );
  });

  test('an upstream that drips its answer meets the total timeout', async (t) => {
    const upstream = await startUpstream(t, (_request, response) => {
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    const client = startClient(t, { totalTimeout: 1_500 });
    await failsWith(
      client.send(get(upstream.origin), held),
      'UPSTREAM_TIMEOUT',
      /did not complete its answer within 1\.5 s \(total timeout\)/,
    );
  });
});

test('a connection reset before any answer is unreachable; a POST is not repeated', async (t) => {
  const upstream = await startRawUpstream(t, broken.resets);
  const client = startClient(t);
  const request = { ...get(upstream.origin), method: 'POST', body: '{}' };
  await failsWith(
    client.send(request, held),
    'UPSTREAM_UNREACHABLE',
    /closed the connection without an answer/,
  );
  assert.equal(upstream.connections(), 1);
});

test('an answer that is reset half-way is interrupted', async (t) => {
  const upstream = await startRawUpstream(t, broken.resetsHalfWay);
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_INTERRUPTED',
    /closed the connection before its answer was complete/,
  );
  assert.equal(upstream.connections(), 1);
});

test('an answer that ends before its Content-Length is interrupted', async (t) => {
  const upstream = await startRawUpstream(t, broken.announcesTooMuch);
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_INTERRUPTED',
    /closed the connection before its answer was complete/,
  );
});

test('an answer that ends between two chunks is interrupted', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.end(
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n',
    );
  });
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_INTERRUPTED',
    /before its answer was complete/,
  );
});

test('what an upstream sends beyond its Content-Length never becomes the next answer', async (t) => {
  const upstream = await startRawUpstream(t, (socket, received) => {
    const body = received.startsWith('GET /first')
      ? '{}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'
      : '[]';
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${body}`);
  });
  const client = startClient(t);
  assert.equal(await bodyText(await client.send(get(upstream.origin, '/first'), held)), '{}');
  assert.equal(await bodyText(await client.send(get(upstream.origin, '/second'), held)), '[]');
});

test('what is not HTTP is unusable', async (t) => {
  const upstream = await startRawUpstream(t, broken.garbage);
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_UNUSABLE',
    /is not valid HTTP\/1\.1/,
  );
});

test('headers beyond the limit are unusable', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\ncontent-length: 0\r\n\r\n`);
  });
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_UNUSABLE',
    /headers of the answer of 127\.0\.0\.1:\d+ are larger than the limit of 32 KiB/,
  );
});

test('an upstream that switches protocols unasked is interrupted', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  });
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_INTERRUPTED',
    /before its answer was complete/,
  );
});

test('informational answers are passed over, trailers left out', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write(
      'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n' +
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n',
    );
  });
  const client = startClient(t);
  const response = await client.send(get(upstream.origin), held);
  assert.equal(response.status, 200);
  assert.equal(await bodyText(response), 'ok');
  assert.deepEqual(response.headers, ['transfer-encoding', 'chunked', 'trailer', 'x-sum']);
});

test('a request that cannot be written as HTTP is refused before anything is sent', async (t) => {
  const upstream = await startUpstream(t, {});
  const client = startClient(t);
  for (const request of [
    { ...get(upstream.origin), headers: ['x-api-key', 'secret\r\nhost: evil'] },
    get(upstream.origin, '/secret path'),
  ]) {
    await failsWith(client.send(request, held), 'INPUT_INVALID', /was not sent: an input has/);
  }
  assert.equal(upstream.connections(), 0);
});

test('a certificate that nobody vouches for is refused, and said to be the reason', async (t) => {
  const upstream = await startUpstream(t, {}, { tls });
  const client = startClient(t);
  const error = await failsWith(
    client.send(get(`https://localhost:${upstream.port}`), held),
    'UPSTREAM_UNREACHABLE',
    /TLS certificate of localhost:\d+ could not be verified.*NODE_EXTRA_CA_CERTS/,
  );
  assert.equal((error.cause as NodeJS.ErrnoException).code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  assert.equal(upstream.requests.length, 0);
});

test('a trusted certificate is taken for its own name only, whatever the Host header says', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: 'ok' } }, { tls });
  const client = startClient(t, { tls: { ca: tls.cert } });
  const request = {
    ...get(`https://localhost:${upstream.port}`, '/'),
    headers: ['host', 'other.example'],
  };
  assert.equal(await bodyText(await client.send(request, held)), 'ok');
  assert.equal(upstream.requests[0]?.headers.host, 'other.example');
  await failsWith(
    client.send(get(upstream.origin), held),
    'UPSTREAM_UNREACHABLE',
    /TLS certificate of 127\.0\.0\.1:\d+ is for another name/,
  );
});

test('TLS spoken to a plain port is unreachable', async (t) => {
  const upstream = await startUpstream(t, {});
  const client = startClient(t);
  await failsWith(
    client.send(get(`https://127.0.0.1:${upstream.port}`), held),
    'UPSTREAM_UNREACHABLE',
    /did not complete a TLS handshake|closed the connection without an answer/,
  );
});
