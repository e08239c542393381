import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { capability } from '../support/capability.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { bounded, connectTo, open, send, until } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import { collectGarbage } from '../support/memory.ts';
import { type Closer, startRawUpstream, startUpstream } from '../support/upstream.ts';

const MEGABYTE = 1024 * 1024;

async function serve(t: Closer, upstream: string, options: TestGatewayOptions = {}) {
  const log = keptLog();
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /{what}' } }, faces: ['rest'] }),
    { upstream, log, ...options },
  );
  return { rest, log };
}

/** Writes as fast as the other side takes it, and says how much it took. */
function pour(response: ServerResponse, bytes: number): () => number {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let poured = 0;
  const more = (): void => {
    while (poured < bytes) {
      if (response.destroyed) return;
      poured += chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
  return () => poured;
}

test('a body of 5 MB arrives whole, with its length', bounded, async (t) => {
  const body = Buffer.alloc(5 * MEGABYTE, 'abcdefg');
  const upstream = await startUpstream(t, {
    'GET /large': { body, headers: { 'content-length': String(body.length) } },
  });
  const { rest } = await serve(t, upstream.origin);
  const answer = await send(rest, '/large');
  assert.ok(answer.bytes.equals(body));
  assert.equal(answer.headers['content-length'], String(body.length));
});

test('100 MB go through in a memory that does not grow with them', bounded, async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    pour(response, 100 * MEGABYTE);
  });
  const { rest } = await serve(t, upstream.origin);
  const response = await open(rest, '/huge');
  let size = 0;
  let most = 0;
  const before = process.memoryUsage().arrayBuffers;
  let next = 10 * MEGABYTE;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size < next) continue;
    next += 10 * MEGABYTE;
    // What nothing holds any more is no memory of the gateway's, whenever the engine collects it.
    collectGarbage();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  assert.equal(size, 100 * MEGABYTE);
  assert.ok(most < 50 * MEGABYTE, `${most} bytes were held`);
});

test('a caller who does not read holds the upstream back', bounded, async (t) => {
  let poured = (): number => 0;
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    poured = pour(response, 1_000 * MEGABYTE);
  });
  const { rest } = await serve(t, upstream.origin);
  const socket = connectTo(rest);
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(`GET /huge HTTP/1.1\r\nhost: ${new URL(rest).host}\r\n\r\n`);
  let last = -1;
  // Until it stands still: what the sockets on the way take in is a few megabytes.
  while (poured() === 0 || poured() !== last) {
    last = poured();
    await sleep(300);
  }
  assert.ok(last < 100 * MEGABYTE, `${last} bytes were taken`);
  socket.destroy();
});

test(
  'events arrive as they come, and the upstream is left when the caller leaves',
  bounded,
  async (t) => {
    let source: ServerResponse | undefined;
    const upstream = await startUpstream(t, (_request, response) => {
      source = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const { rest, log } = await serve(t, upstream.origin);
    const response = await open(rest, '/events');
    assert.equal(response.headers['content-type'], 'text/event-stream');
    response.setEncoding('utf8');
    assert.equal((await once(response, 'data'))[0], 'data: 1\n\n');
    source?.write('data: 2\n\n');
    assert.equal((await once(response, 'data'))[0], 'data: 2\n\n');
    response.on('error', () => {});
    response.destroy();
    await until(() => source?.destroyed === true);
    assert.deepEqual(log.lines, [], 'a caller who leaves is no failure');
  },
);

test(
  'the upstream is left when the caller leaves before there is an answer',
  bounded,
  async (t) => {
    let source: ServerResponse | undefined;
    const upstream = await startUpstream(t, (_request, response) => {
      source = response;
    });
    const { rest, log } = await serve(t, upstream.origin);
    const socket = connectTo(rest);
    socket.write(`GET /never HTTP/1.1\r\nhost: ${new URL(rest).host}\r\n\r\n`);
    await until(() => source !== undefined);
    socket.destroy();
    await until(() => source?.destroyed === true);
    assert.deepEqual(log.lines, []);
  },
);

test(
  'a stream that breaks half-way breaks the caller off, and the log knows why',
  bounded,
  async (t) => {
    for (const [head, ending] of [
      ['transfer-encoding: chunked\r\n\r\n10000\r\n', 'reset'],
      [`content-length: ${10 * MEGABYTE}\r\n\r\n`, 'reset'],
      [`content-length: ${10 * MEGABYTE}\r\n\r\n`, 'end'],
    ] as const) {
      const upstream = await startRawUpstream(t, (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${head}`);
        socket.write('x'.repeat(400), () => {
          if (ending === 'end') socket.end();
          else setTimeout(() => socket.resetAndDestroy(), 20);
        });
      });
      const { rest, log } = await serve(t, upstream.origin);
      const response = await open(rest, '/broken');
      assert.equal(response.statusCode, 200);
      response.resume();
      const [error] = await once(response, 'error');
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET');
      assert.equal(response.complete, false, 'a cut answer does not look whole');
      await until(() => log.lines.length > 0);
      const [line] = log.lines;
      assert.equal(log.lines.length, 1);
      assert.equal(line?.level, 'warn');
      assert.equal(line?.fields.code, 'UPSTREAM_INTERRUPTED');
      assert.equal(line?.fields.path, '/broken');
    }
  },
);

test('HEAD of a large body asks for no more of it than its head', bounded, async (t) => {
  let poured = (): number => 0;
  let source: ServerResponse | undefined;
  const upstream = await startUpstream(t, (_request, response) => {
    source = response;
    response.writeHead(200, { 'content-length': String(1_000 * MEGABYTE) });
    poured = pour(response, 1_000 * MEGABYTE);
  });
  const { rest } = await serve(t, upstream.origin);
  const { status, headers } = await send(rest, '/huge', { method: 'HEAD' });
  assert.equal(status, 200);
  assert.equal(headers['content-length'], String(1_000 * MEGABYTE));
  await until(() => source?.destroyed === true);
  assert.ok(poured() < 100 * MEGABYTE);
});
