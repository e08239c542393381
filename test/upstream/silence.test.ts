import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { SendOptions } from '../../src/plan/plan.ts';
import { bounded } from '../support/http.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, startClient, taken } from './sending.ts';

const asItComes: SendOptions = { ...taken, stream: true };
const EVENTS = { 'content-type': 'text/event-stream' };

/** Begins an answer, and ends it long after the limit of other bodies. */
async function pausing(t: Closer, head: Readonly<Record<string, string>>): Promise<string> {
  const upstream = await startUpstream(t, async (_request, response) => {
    response.writeHead(200, head);
    response.write('one ');
    await sleep(300);
    response.end('two.');
  });
  return upstream.origin;
}

test(
  'events, and an answer of no known length that is handed on, may pause',
  bounded,
  async (t) => {
    const client = startClient(t, { bodyTimeout: 50 });
    for (const [head, options] of [
      [EVENTS, taken],
      [EVENTS, asItComes],
      [{ 'content-type': 'application/x-ndjson' }, taken],
      [{ 'content-type': 'text/plain' }, asItComes],
    ] as const) {
      const response = await client.send(get(await pausing(t, head)), options);
      assert.equal(await bodyText(response), 'one two.');
    }
  },
);

test('an answer that says its length may not, nor one that is gathered', bounded, async (t) => {
  const client = startClient(t, { bodyTimeout: 50 });
  const words = /fell silent for 50 ms in the middle of its answer \(body timeout\)/;
  const announced = await client.send(get(await pausing(t, { 'content-length': '8' })), asItComes);
  await failsWith(bodyText(announced), 'UPSTREAM_TIMEOUT', words);
  const origin = await pausing(t, { 'content-type': 'text/plain' });
  await failsWith(client.send(get(origin), taken), 'UPSTREAM_TIMEOUT', words);
});

test('the limit of streams is theirs alone, and 0 is none', bounded, async (t) => {
  const short = startClient(t, { streamTimeout: 50 });
  const response = await short.send(get(await pausing(t, EVENTS)), taken);
  await failsWith(
    bodyText(response),
    'UPSTREAM_TIMEOUT',
    /fell silent for 50 ms in the middle of its answer \(stream timeout\)/,
  );
  const none = startClient(t, { streamTimeout: 0, bodyTimeout: 50 });
  const patient = await none.send(get(await pausing(t, EVENTS)), taken);
  assert.equal(await bodyText(patient), 'one two.');
});

test('the time that a slow reader takes is no silence', bounded, async (t) => {
  const body = Buffer.alloc(30_000_000, 'abcdefgh');
  for (const encoded of [false, true]) {
    const bytes = encoded ? gzipSync(body, { level: 0 }) : body;
    const upstream = await startUpstream(t, (_request, response: ServerResponse) => {
      response.writeHead(200, {
        'content-length': String(bytes.length),
        ...(encoded ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(bytes);
    });
    const client = startClient(t, { bodyTimeout: 100 });
    const response = await client.send(get(upstream.origin), asItComes);
    assert.ok(response.body instanceof Readable);
    let size = 0;
    let pauses = 0;
    for await (const chunk of response.body) {
      size += (chunk as Buffer).length;
      if (pauses < 2) await sleep(300);
      pauses += 1;
    }
    assert.equal(size, body.length);
  }
});
