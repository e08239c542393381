import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUpstreamClient } from '../../src/upstream/client.ts';
import { broken, closedOrigin, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient, taken } from './sending.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** What these tests wait for would otherwise come late or never. */
const mustEnd = { timeout: 10_000 };

/** A connection is free again one turn of the event loop after its answer. */
const turn = () => new Promise(setImmediate);

test('a request goes out as it was built, with our own headers where it has none', async (t) => {
  const upstream = await startUpstream(t, { 'POST /a%2Fb': { body: 'ok' } });
  const client = startClient(t, { userAgent: 'naftiko/1' });
  const headers = ['content-type', 'text/plain', 'x-tag', 'a', 'x-tag', 'b'];
  const body = Buffer.from('grüße');
  await client.send(
    { ...get(upstream.origin, '/a%2Fb?q=1&q=2'), method: 'POST', headers, body },
    held,
  );
  const [request] = upstream.requests;
  assert.equal(request?.url, '/a%2Fb?q=1&q=2');
  assert.equal(request?.body, 'grüße');
  assert.equal(request?.headers['x-tag'], 'a, b');
  assert.equal(request?.headers['user-agent'], 'naftiko/1');
  assert.equal(request?.headers['content-length'], '7');
});

test("headers that are the connection's own business are ours to say", async (t) => {
  const upstream = await startUpstream(t, { 'POST /': { body: 'ok' } });
  const headers = [
    ...['connection', 'close, x-tag', 'transfer-encoding', 'chunked', 'content-length', '99'],
    ...['expect', '100-continue', 'upgrade', 'h2c', 'keep-alive', 'timeout=1', 'te', 'trailers'],
  ];
  await startClient(t).send(
    { ...get(upstream.origin, '/'), method: 'POST', headers, body: 'x' },
    held,
  );
  const sent = upstream.requests[0]?.headers ?? {};
  assert.equal(sent.connection, 'keep-alive');
  assert.equal(sent['content-length'], '1');
  for (const name of ['transfer-encoding', 'expect', 'upgrade', 'keep-alive', 'te']) {
    assert.equal(sent[name], undefined, name);
  }
});

test('one connection serves requests that follow each other', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: { a: 1 } } });
  const client = startClient(t);
  for (let count = 0; count < 20; count += 1) {
    assert.equal(await bodyText(await client.send(get(upstream.origin, '/'), held)), '{"a":1}');
    await turn();
  }
  assert.equal(upstream.connections(), 1);
});

test('requests at the same time share no more connections than allowed', async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: 'ok' } });
  const client = startClient(t, { connections: 3 });
  const all = Array.from({ length: 30 }, () => client.send(get(upstream.origin, '/'), held));
  for (const response of await Promise.all(all)) assert.equal(await bodyText(response), 'ok');
  assert.equal(upstream.requests.length, 30);
  assert.equal(upstream.connections(), 3);
});

test('connections that the upstream closed while idle are replaced unnoticed', async (t) => {
  const upstream = await startUpstream(t, { 'POST /': { body: 'ok' } });
  const client = startClient(t);
  const request = { ...get(upstream.origin, '/'), method: 'POST', body: '{}' };
  await client.send(request, held);
  upstream.dropConnections();
  await turn();
  assert.equal(await bodyText(await client.send(request, held)), 'ok');
  assert.equal(upstream.connections(), 2);
});

for (const [method, connections, why] of [
  ['GET', 1, 'waits on the connection that is there'],
  ['POST', 2, 'takes no connection that was unused for long'],
] as const) {
  test(`after a pause a ${method} ${why}`, async (t) => {
    const upstream = await startRawUpstream(t, (socket) => void socket.write(OK));
    const client = startClient(t, { keepAlive: 60_000, briefKeepAlive: 300 });
    const request = { ...get(upstream.origin, '/'), method };
    await client.send(request, held);
    // undici looks at the time twice a second.
    await sleep(1_200);
    assert.equal(await bodyText(await client.send(request, held)), 'ok');
    assert.equal(upstream.connections(), connections);
  });
}

test('a connection is kept no longer than its upstream says', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write(OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=2\r\n\r\n'));
  });
  const client = startClient(t, { keepAlive: 60_000 });
  await client.send(get(upstream.origin, '/'), held);
  await turn();
  await client.send(get(upstream.origin, '/'), held);
  assert.equal(upstream.connections(), 2);
});

for (const [method, repeated] of [
  ['GET', true],
  ['PUT', true],
  ['DELETE', true],
  ['POST', false],
  ['PATCH', false],
] as const) {
  const outcome = repeated ? 'is sent once more' : 'fails: it may have been carried out';
  test(`a ${method} that meets a connection just being closed ${outcome}`, async (t) => {
    let served = 0;
    const upstream = await startRawUpstream(t, (socket, _received, connection) => {
      served += 1;
      if (connection === 1 && served === 2) socket.destroy();
      else socket.write(OK);
    });
    const client = startClient(t);
    const request = {
      ...get(upstream.origin, '/'),
      method,
      ...(method === 'GET' ? {} : { body: '{}' }),
    };
    // What may be repeated shares connections; the others have theirs.
    await client.send(repeated ? get(upstream.origin, '/') : request, held);
    await turn();
    const second = client.send(request, held);
    if (repeated) assert.equal(await bodyText(await second), 'ok');
    else await failsWith(second, 'UPSTREAM_UNREACHABLE', /closed the connection without an answer/);
    assert.equal(served, repeated ? 3 : 2);
  });
}

test('a GET is sent once more, not again and again', async (t) => {
  const upstream = await startRawUpstream(t, broken.resets);
  await failsWith(
    startClient(t).send(get(upstream.origin), held),
    'UPSTREAM_UNREACHABLE',
    /closed the connection without an answer/,
  );
  assert.equal(upstream.connections(), 2);
});

test('a signal already aborted sends nothing', async (t) => {
  const upstream = await startUpstream(t, {});
  const signal = AbortSignal.abort();
  const client = startClient(t);
  for (const redirects of [0, 3]) {
    await failsWith(
      client.send(get(upstream.origin), { hold: true, redirects, signal }),
      'CANCELLED',
      /caller went away/,
    );
  }
  assert.equal(upstream.connections(), 0);
});

test('an abort before the connection stands sends nothing', async (t) => {
  const upstream = await startUpstream(t, {});
  const caller = new AbortController();
  const client = startClient(t);
  const sending = client.send(get(upstream.origin), { ...held, signal: caller.signal });
  caller.abort();
  await failsWith(sending, 'CANCELLED', /caller went away/);
  await client.close();
  assert.equal(upstream.requests.length, 0);
});

test('an abort in the middle ends the upstream call at once', mustEnd, async (t) => {
  const caller = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  const upstream = await startUpstream(t, (_request, response) => {
    ended = once(response, 'close');
    caller.abort();
  });
  await failsWith(
    startClient(t).send(get(upstream.origin), { ...held, signal: caller.signal }),
    'CANCELLED',
    /caller went away/,
  );
  await ended;
});

test(
  'an abort in mid-stream destroys the stream and ends the upstream call',
  mustEnd,
  async (t) => {
    const caller = new AbortController();
    let ended: Promise<unknown> = Promise.resolve();
    const upstream = await startUpstream(t, (_request, response) => {
      ended = once(response, 'close');
      response.setHeader('content-type', 'application/x-ndjson');
      response.write('{}\n');
    });
    const { body } = await startClient(t).send(get(upstream.origin), {
      ...taken,
      signal: caller.signal,
    });
    assert.ok(body instanceof Readable);
    const reading = buffer(body);
    caller.abort();
    await failsWith(reading, 'CANCELLED', /caller went away/);
    await ended;
  },
);

test('a signal is let go of when a call is over, whatever came of it', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /': { body: 'ok' },
    'GET /stream': { headers: { 'content-type': 'text/event-stream' }, body: 'data: 1\n\n' },
  });
  const client = startClient(t);
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening -= 1;
    remove(...args);
  };
  await client.send(get(upstream.origin, '/'), { ...held, signal });
  assert.equal(listening, 0);
  await client.send(get(await closedOrigin()), { ...held, signal }).catch(() => {});
  assert.equal(listening, 0);
  const streamed = await client.send(get(upstream.origin, '/stream'), { ...taken, signal });
  assert.equal(await bodyText(streamed), 'data: 1\n\n');
  assert.equal(listening, 0);
});

test('close lets running calls end and takes no more', async (t) => {
  let answer: () => void = () => {};
  const upstream = await startUpstream(t, (_request, response) => {
    answer = () => response.end('late');
    arrived();
  });
  let arrived: () => void = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const client = createUpstreamClient();
  const running = client.send(get(upstream.origin), held);
  await arrival;
  const closing = client.close();
  await failsWith(client.send(get(upstream.origin), held), 'SHUTTING_DOWN', /shutting down/);
  answer();
  assert.equal(await bodyText(await running), 'late');
  await closing;
});

test(
  'close called twice ends running calls at once, half-open connections too',
  mustEnd,
  async (t) => {
    const upstream = await startRawUpstream(t, broken.silent);
    const client = createUpstreamClient({ connectTimeout: 3_600_000 });
    const answerless = client.send(get(upstream.origin), held);
    const handshaking = client.send(get(upstream.origin.replace('http:', 'https:')), held);
    const failed = Promise.all([
      failsWith(answerless, 'SHUTTING_DOWN', /shutting down/),
      failsWith(handshaking, 'SHUTTING_DOWN', /shutting down/),
    ]);
    while (upstream.connections() < 2) await turn();
    const graceful = client.close();
    await client.close();
    await graceful;
    await failed;
    while (upstream.openConnections() > 0) await turn();
  },
);
