import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { broken, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient, taken } from './sending.ts';

const MEGABYTE = 1024 * 1024;

/** Sends 100 MB with attention to backpressure, and counts what it got rid of. */
async function startTap(t: TestContext, announced: boolean) {
  const tap = { sent: 0, closed: Promise.resolve() };
  const upstream = await startUpstream(t, (_request, response) => {
    const closed = once(response, 'close');
    tap.closed = closed.then(() => {});
    if (announced) response.setHeader('content-length', 100 * MEGABYTE);
    const source = function* () {
      for (let count = 0; count < 100; count += 1) {
        tap.sent += MEGABYTE;
        yield Buffer.alloc(MEGABYTE, 0x61);
      }
    };
    const pieces = Readable.from(source(), { highWaterMark: 1 });
    pieces.pipe(response);
    response.on('close', () => pieces.destroy());
  });
  return { tap, upstream };
}

test('a small answer comes whole, as one Buffer, to those who take streams too', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { status: 201, body: { id: 1 } } });
  const client = startClient(t);
  const response = await client.send(get(upstream.origin, '/'), taken);
  assert.equal(response.status, 201);
  assert.ok(Buffer.isBuffer(response.body));
  assert.equal(await bodyText(response), '{"id":1}');
});

test('an answer in many small pieces comes whole and in order', async (t) => {
  const expected = 'abcdefghij'.repeat(200);
  const upstream = await startRawUpstream(t, (socket) => {
    const chunks = [...expected].map((letter) => `1\r\n${letter}\r\n`).join('');
    socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  });
  const client = startClient(t, { streamThreshold: 1_990 });
  assert.equal(await bodyText(await client.send(get(upstream.origin), held)), expected);
  const streamed = await client.send(get(upstream.origin), taken);
  assert.ok(streamed.body instanceof Readable);
  assert.equal(await bodyText(streamed), expected);
});

for (const announced of [true, false]) {
  const how = announced ? 'announced' : 'unannounced';

  test(`100 MB, ${how}, stream at the caller's pace and hold little in between`, async (t) => {
    const { tap, upstream } = await startTap(t, announced);
    const client = startClient(t);
    const { body } = await client.send(get(upstream.origin), taken);
    assert.ok(body instanceof Readable);
    await wait(300);
    assert.ok(body.readableLength <= MEGABYTE, `${body.readableLength} bytes are held unread`);
    assert.ok(tap.sent < 60 * MEGABYTE, `${tap.sent} bytes were taken that nobody asked for`);
    let received = 0;
    for await (const chunk of body) received += chunk.length;
    assert.equal(received, 100 * MEGABYTE);
  });

  test(`100 MB, ${how}, are refused early to who wants to hold them`, async (t) => {
    const { tap, upstream } = await startTap(t, announced);
    const client = startClient(t);
    await failsWith(
      client.send(get(upstream.origin), held),
      'UPSTREAM_TOO_LARGE',
      /is larger than the limit of 16777216 bytes\. Ask for less/,
    );
    await tap.closed;
    assert.ok(tap.sent < 100 * MEGABYTE);
  });
}

test('an answer of exactly the limit is held', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: 'x'.repeat(1_000) } });
  assert.equal(
    (
      await bodyText(
        await startClient(t, { maxHeldBytes: 1_000 }).send(get(upstream.origin, '/'), held),
      )
    ).length,
    1_000,
  );
  const client = startClient(t, { maxHeldBytes: 999 });
  await failsWith(client.send(get(upstream.origin, '/'), held), 'UPSTREAM_TOO_LARGE', /999 bytes/);
});

test('an event stream is handed on event by event, however short', async (t) => {
  let say: (text: string) => void = () => {};
  const upstream = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    say = (text) => response.write(text);
    say('data: 1\n\n');
  });
  const client = startClient(t);
  const { body } = await client.send(get(upstream.origin), taken);
  assert.ok(body instanceof Readable);
  const events = body[Symbol.asyncIterator]();
  assert.equal(String((await events.next()).value), 'data: 1\n\n');
  say('data: 2\n\n');
  assert.equal(String((await events.next()).value), 'data: 2\n\n');
  await events.return?.();
});

test('destroying the stream ends the upstream answer', async (t) => {
  const { tap, upstream } = await startTap(t, false);
  const client = startClient(t);
  const { body } = await client.send(get(upstream.origin), taken);
  assert.ok(body instanceof Readable);
  body.destroy();
  await tap.closed;
  assert.ok(tap.sent < 100 * MEGABYTE);
});

test('an upstream that fails in mid-stream destroys the stream with the reason', async (t) => {
  const upstream = await startRawUpstream(
    t,
    (socket, received) => broken.resetsHalfWay(socket) ?? received,
  );
  const client = startClient(t, { streamThreshold: 0 });
  const { status, body } = await client.send(get(upstream.origin), taken);
  assert.equal(status, 200);
  assert.ok(body instanceof Readable);
  await failsWith(buffer(body), 'UPSTREAM_INTERRUPTED', /before its answer was complete/);
});

test('a stream that fails before anyone listens harms nobody', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense');
  });
  const client = startClient(t, { streamThreshold: 0 });
  const { body } = await client.send(get(upstream.origin), taken);
  assert.ok(body instanceof Readable);
  await wait(20);
  await failsWith(buffer(body), 'UPSTREAM_UNUSABLE', /is not valid HTTP/);
});

test('HEAD, 204 and 304 have no body and no limit on what they announce', async (t) => {
  const upstream = await startUpstream(t, (request, response) => {
    if (request.method === 'HEAD') response.setHeader('content-length', 100 * MEGABYTE);
    else response.statusCode = Number(request.url.slice(1));
    response.setHeader('x-seen', 'yes');
    response.end();
  });
  const client = startClient(t);
  for (const options of [held, taken]) {
    const head = await client.send({ ...get(upstream.origin), method: 'HEAD' }, options);
    assert.equal(await bodyText(head), '');
    assert.equal(head.headers[head.headers.indexOf('content-length') + 1], '104857600');
    for (const status of [204, 304]) {
      const response = await client.send(get(upstream.origin, `/${status}`), options);
      assert.equal(response.status, status);
      assert.equal(await bodyText(response), '');
    }
  }
});
