import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bounded, until } from '../support/http.ts';
import type { Closer } from '../support/upstream.ts';
import {
  begin,
  digestOf,
  digestSlowly,
  MEGABYTE,
  measureHeld,
  noise,
  startProxy,
  startServer,
} from './proxy.ts';

const SIZE = 50 * MEGABYTE;
/** What the sockets and streams on the way hold: far less than the body. */
const BOUND = 10 * MEGABYTE;
const EVERY = 15 * MEGABYTE;

/** Pours the body to whoever asks, and takes theirs slowly; says what it got. */
async function startStore(t: Closer, measure = measureHeld(EVERY)) {
  const received: string[] = [];
  const origin = await startServer(t, async (request, response) => {
    if (request.method === 'PUT') {
      received.push(await digestSlowly(request, measure.sample));
      response.end('kept');
      return;
    }
    if (request.url === '/announced') response.setHeader('content-length', SIZE);
    response.setHeader('content-type', 'application/octet-stream');
    await pipeline(Readable.from(noise(SIZE)), response).catch(() => {});
  });
  return { origin, received };
}

async function download(origin: string, path: string) {
  const measure = measureHeld(EVERY);
  const { request, response } = begin(origin, path);
  request.end();
  const digest = await digestSlowly(await response, measure.sample);
  return { digest, most: measure.most() };
}

async function upload(t: Closer, headers: http.OutgoingHttpHeaders, via: typeof startProxy) {
  const measure = measureHeld(EVERY);
  const store = await startStore(t, measure);
  const { request, response } = begin(await via(t, store.origin), '/proxy/file', {
    method: 'PUT',
    headers,
  });
  await pipeline(Readable.from(noise(SIZE)), request);
  (await response).resume();
  return { digest: store.received[0], most: measure.most() };
}

const WHOLE = digestOf(noise(SIZE));

for (const path of ['/proxy/announced', '/proxy/chunked']) {
  test(`50 MB come down in constant memory, byte for byte: ${path}`, bounded, async (t) => {
    const { digest, most } = await download(
      await startProxy(t, (await startStore(t)).origin),
      path,
    );
    assert.equal(digest, WHOLE);
    assert.ok(most < BOUND, `${most} bytes were held`);
  });
}

for (const headers of [{ 'content-length': SIZE }, { 'transfer-encoding': 'chunked' }]) {
  const [name] = Object.keys(headers);
  test(`50 MB go up in constant memory, byte for byte: ${name}`, bounded, async (t) => {
    const { digest, most } = await upload(t, headers, startProxy);
    assert.equal(digest, WHOLE);
    assert.ok(most < BOUND, `${most} bytes were held`);
  });
}

/** A proxy as it should not be: it gathers each body before it hands it on. */
async function startGathering(t: Closer, upstream: string): Promise<string> {
  return startServer(t, async (request, response) => {
    const { method, url = '' } = request;
    const body = await buffer(request);
    const { hostname, port } = new URL(upstream);
    const onward = http.request({ hostname, port, method, path: url.slice('/proxy'.length) });
    onward.end(body);
    const [answer] = await once(onward, 'response');
    response.end(await buffer(answer as IncomingMessage));
  });
}

test('the measure sees a proxy that gathers', bounded, async (t) => {
  const { origin } = await startStore(t);
  const down = await download(await startGathering(t, origin), '/proxy/announced');
  assert.equal(down.digest, WHOLE);
  assert.ok(down.most > 2 * BOUND, `only ${down.most} bytes seem held`);
  const up = await upload(t, { 'content-length': SIZE }, startGathering);
  assert.equal(up.digest, WHOLE);
  assert.ok(up.most > 2 * BOUND, `only ${up.most} bytes seem held`);
});

/** Writes for as long as the other side takes it. */
function pourEndlessly(response: ServerResponse): () => number {
  let poured = 0;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (!response.destroyed) {
      poured += chunk.length;
      if (response.write(chunk)) continue;
      response.once('drain', more);
      return;
    }
  };
  more();
  return () => poured;
}

test(
  'an endless answer waits for a reader, goes on with it, and ends with it',
  bounded,
  async (t) => {
    let poured = (): number => 0;
    let source: ServerResponse | undefined;
    const upstream = await startServer(t, (_, response) => {
      source = response;
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      poured = pourEndlessly(response);
    });
    const { request, response } = begin(await startProxy(t, upstream), '/proxy/endless');
    request.end();
    const answer = await response;
    answer.pause();
    let last = -1;
    // Until it stands still: the sockets on the way take in a few megabytes.
    while (poured() === 0 || poured() !== last) {
      last = poured();
      await sleep(300);
    }
    assert.ok(last < SIZE, `${last} bytes were taken though nobody read`);
    const measure = measureHeld(EVERY);
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      measure.sample(size);
      // Far more than any buffer on the way could have held back.
      if (size > 2 * SIZE) break;
    }
    assert.ok(poured() >= size);
    assert.ok(measure.most() < BOUND, `${measure.most()} bytes were held`);
    answer.destroy();
    await until(() => source?.destroyed === true);
  },
);
