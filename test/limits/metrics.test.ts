import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCache } from '../../src/gateway/caching.ts';
import { createLimits } from '../../src/gateway/limiting.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { UpstreamClient } from '../../src/plan/plan.ts';

const client: UpstreamClient = {
  close: async () => {},
  send: async () => ({ status: 200, headers: [], body: Buffer.from('{}') }),
};
const options = { files: [] };

test('what is kept and what is refused is counted, where metrics are read', async () => {
  const metrics = createMetrics('1');
  const kept = await withCache(client, [], { ...options, cache: 'headers' }, { metrics });
  const request = { origin: 'http://h', method: 'GET', path: '/', headers: [], cache: {} };
  for (let call = 0; call < 3; call += 1) await kept.send(request, { hold: true, redirects: 0 });
  const rateLimit = [{ requests: 1, perSeconds: 60 }];
  const limits = await createLimits([], { ...options, rateLimit }, { metrics });
  await limits?.take({}, 'me');
  await assert.rejects(async () => limits?.take({}, 'me'), { code: 'RATE_LIMITED', status: 429 });
  const text = await metrics.text();
  assert.match(text, /^naftiko_cache_answers_total\{status="stored"\} 1$/m);
  assert.match(text, /^naftiko_cache_answers_total\{status="hit"\} 2$/m);
  assert.match(text, /^naftiko_rate_limited_total\{limit="gateway"\} 1$/m);
});

test('where nothing is kept or limited, there is nothing in the way', async () => {
  assert.equal(await withCache(client, [], options, {}), client);
  assert.equal(await withCache(client, [], { ...options, cache: 'off' }, {}), client);
  assert.equal(await createLimits([], options, {}), undefined);
});
