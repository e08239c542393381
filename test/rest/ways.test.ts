import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { ANSWERS_CHANNEL, type Answered } from '../../src/rest/handler.ts';
import { capability, whole } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { jsonBody, send } from '../support/http.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

/** Collects which way answers of routes go until the test ends. */
function listen(t: Closer): Answered[] {
  const told: Answered[] = [];
  const take = (answered: unknown): void => void told.push(answered as Answered);
  channel(ANSWERS_CHANNEL).subscribe(take);
  t.after(() => channel(ANSWERS_CHANNEL).unsubscribe(take));
  return told;
}

test('a single call takes the short way: bytes as bytes, large ones as a stream', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items': { body: { name: 'Zoë' } },
    'GET /large': { body: Buffer.alloc(400_000, 'x') },
    'GET /mapped': { body: { name: 'Zoë' } },
    'GET /failing': { status: 500, body: { why: 'broken' } },
    'POST /items': { status: 201, body: { id: 1 } },
  });
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        items: { route: 'GET /items', output: whole },
        large: { route: 'GET /large' },
        mapped: { route: 'GET /mapped', output: [{ type: 'string', mapping: '$.name' }] },
        failing: { route: 'GET /failing', output: [{ type: 'string', mapping: '$.name' }] },
        add: {
          route: 'POST /items',
          parameters: [{ name: 'item', in: 'body', type: 'object', required: true }],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  const told = listen(t);
  for (const path of ['/items', '/large', '/mapped', '/failing']) await send(rest, path);
  const body = '{ "price": 1.0 }';
  await send(rest, '/items', { method: 'POST', ...jsonBody(body) });
  assert.deepEqual(
    told.map(({ method, path, way, body }) => `${method} ${path} ${way} ${body}`),
    [
      'GET /items single bytes',
      'GET /large single stream',
      'GET /mapped single value',
      'GET /failing single bytes',
      'POST /items single bytes',
    ],
  );
  assert.equal(upstream.requests.at(-1)?.body, body, 'not one byte is written anew');
});
