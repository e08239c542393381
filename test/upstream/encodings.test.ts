import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient, taken } from './sending.ts';

const MEGABYTE = 1024 * 1024;
const text = JSON.stringify({ words: 'naïve '.repeat(500) });
/** So large, and so badly compressible, that it is decoded piece by piece. */
const long = JSON.stringify(
  Array.from({ length: 30_000 }, (_, index) => (index * index * 7919) % 99_991),
);
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (text: string) => Buffer };

const encoded: Record<string, Buffer> = {
  gzip: zlib.gzipSync(text),
  'X-GZIP': zlib.gzipSync(text),
  deflate: zlib.deflateSync(text),
  'identity, deflate': zlib.deflateRawSync(text),
  br: zlib.brotliCompressSync(text),
  'br, gzip': zlib.gzipSync(zlib.brotliCompressSync(text)),
  'deflate, gzip, br': zlib.brotliCompressSync(zlib.gzipSync(zlib.deflateSync(text))),
  ...(zstdCompressSync ? { zstd: zstdCompressSync(text) } : {}),
};

for (const [encoding, body] of Object.entries(encoded)) {
  test(`an answer in ${encoding} is decoded, and its headers say so`, async (t) => {
    const headers = {
      'content-encoding': encoding,
      'content-type': 'application/json',
      etag: '"1"',
    };
    const upstream = await startUpstream(t, { 'GET /': { headers, body } });
    for (const options of [held, taken]) {
      for (const streamThreshold of [MEGABYTE, 1_000]) {
        const client = startClient(t, { streamThreshold });
        const response = await client.send(get(upstream.origin, '/'), options);
        assert.equal(response.body instanceof Readable, !options.hold && streamThreshold === 1_000);
        assert.equal(await bodyText(response), text);
        assert.equal(response.headers.includes('content-encoding'), false);
        assert.equal(response.headers.includes('content-length'), false);
        assert.ok(response.headers.includes('etag'));
      }
    }
  });
}

for (const [encoding, body] of Object.entries({
  gzip: zlib.gzipSync(long),
  deflate: zlib.deflateRawSync(long),
  br: zlib.brotliCompressSync(long, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  ...(zstdCompressSync ? { zstd: zstdCompressSync(long) } : {}),
})) {
  test(`a long answer in ${encoding} is decoded, held or streamed`, async (t) => {
    const headers = { 'content-encoding': encoding };
    const upstream = await startUpstream(t, { 'GET /': { headers, body } });
    assert.ok(body.length > 50_000);
    const client = startClient(t, { streamThreshold: 100_000 });
    for (const options of [held, taken]) {
      assert.equal(await bodyText(await client.send(get(upstream.origin, '/'), options)), long);
    }
  });
}

test('we ask for what this Node can decode, unless the request asks itself', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: '' } });
  const client = startClient(t);
  await client.send(get(upstream.origin, '/'), held);
  await client.send({ ...get(upstream.origin, '/'), headers: ['accept-encoding', 'br'] }, held);
  assert.deepEqual(
    upstream.requests.map((request) => request.headers['accept-encoding']),
    [zstdCompressSync ? 'gzip, br, zstd' : 'gzip, br', 'br'],
  );
});

test('an encoding that nobody asked for is unusable and named', async (t) => {
  const headers = { 'content-encoding': 'gzip, compress' };
  const upstream = await startUpstream(t, { 'GET /': { headers, body: 'x' } });
  const client = startClient(t);
  await failsWith(
    client.send(get(upstream.origin, '/'), held),
    'UPSTREAM_UNUSABLE',
    /has the Content-Encoding "compress", which this gateway cannot decode/,
  );
});

test('a body encoded over and over is refused', async (t) => {
  const headers = { 'content-encoding': Array(50).fill('gzip').join(',') };
  const upstream = await startUpstream(t, { 'GET /': { headers, body: 'x' } });
  await failsWith(
    startClient(t).send(get(upstream.origin, '/'), held),
    'UPSTREAM_UNUSABLE',
    /cannot decode/,
  );
});

test('a body that is not what its encoding says, or only half of it, is unusable', async (t) => {
  const headers = { 'content-encoding': 'gzip' };
  const upstream = await startUpstream(t, {
    'GET /plain': { headers, body: text },
    'GET /half': { headers, body: zlib.gzipSync(text).subarray(0, 40) },
  });
  const client = startClient(t);
  for (const path of ['/plain', '/half']) {
    for (const options of [held, taken]) {
      await failsWith(
        client.send(get(upstream.origin, path), options),
        'UPSTREAM_UNUSABLE',
        /could not be decoded: it is not valid gzip/,
      );
    }
  }
});

test('an encoded answer without a body is empty', async (t) => {
  const headers = { 'content-encoding': 'gzip' };
  const upstream = await startUpstream(t, {
    'GET /': { headers, body: '' },
    'HEAD /': { headers },
  });
  const client = startClient(t);
  for (const method of ['GET', 'HEAD']) {
    const response = await client.send({ ...get(upstream.origin, '/'), method }, held);
    assert.equal(await bodyText(response), '');
  }
});

test("a decompression bomb is refused to who holds, and streams at the caller's pace", async (t) => {
  const bomb = zlib.gzipSync(Buffer.alloc(100 * MEGABYTE));
  const headers = { 'content-encoding': 'gzip' };
  const upstream = await startUpstream(t, {
    'GET /': { headers, body: bomb },
    'GET /mild': { headers, body: zlib.gzipSync(Buffer.alloc(10_000)) },
    'GET /middling': { headers, body: zlib.gzipSync(Buffer.alloc(MEGABYTE)) },
  });
  const client = startClient(t);
  await failsWith(client.send(get(upstream.origin, '/'), held), 'UPSTREAM_TOO_LARGE', /16777216/);
  const small = startClient(t, { maxHeldBytes: 2_000 });
  for (const path of ['/mild', '/middling']) {
    await failsWith(small.send(get(upstream.origin, path), held), 'UPSTREAM_TOO_LARGE', / 2000 /);
  }

  const { body } = await client.send(get(upstream.origin, '/'), taken);
  assert.ok(body instanceof Readable);
  await wait(100);
  assert.ok(body.readableLength <= MEGABYTE, `${body.readableLength} bytes are held unread`);
  let received = 0;
  for await (const chunk of body) received += chunk.length;
  assert.equal(received, 100 * MEGABYTE);
});

test('an encoded event stream is handed on event by event', async (t) => {
  const gzip = zlib.createGzip();
  const say = (event: string) => {
    gzip.write(event);
    gzip.flush();
  };
  const upstream = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.setHeader('content-encoding', 'gzip');
    gzip.pipe(response);
    say('data: 1\n\n');
  });
  const { body } = await startClient(t).send(get(upstream.origin), taken);
  assert.ok(body instanceof Readable);
  const events = body[Symbol.asyncIterator]();
  assert.equal(String((await events.next()).value), 'data: 1\n\n');
  say('data: 2\n\n');
  assert.equal(String((await events.next()).value), 'data: 2\n\n');
  gzip.end();
  assert.equal((await events.next()).done, true);
});

test('bad encoding in mid-stream destroys the stream with the reason', async (t) => {
  const good = zlib.gzipSync(Buffer.alloc(3 * MEGABYTE));
  const headers = { 'content-encoding': 'gzip' };
  const upstream = await startUpstream(t, {
    'GET /': { headers, body: good.subarray(0, good.length - 4) },
  });
  const { body } = await startClient(t).send(get(upstream.origin, '/'), taken);
  assert.ok(body instanceof Readable);
  await failsWith(buffer(body), 'UPSTREAM_UNUSABLE', /not valid gzip/);
});
