import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { collectRates } from '../../src/cli/option-values.ts';
import { addressOf, callerOf } from '../../src/limits/caller.ts';
import { createLimiter, limitHeaders, refusalText } from '../../src/limits/limiter.ts';
import type { LimitPlan } from '../../src/plan/plan.ts';

const plan = (given: Partial<LimitPlan> = {}): LimitPlan => ({
  name: 'ships',
  requests: 2,
  perSeconds: 60,
  by: 'caller',
  ...given,
});

test('each caller has his own requests, all together have those of all', async () => {
  const refused: string[] = [];
  const limiter = createLimiter({ onRefused: ({ name }) => refused.push(name) });
  const isLet = async (caller: string, by: LimitPlan['by']): Promise<boolean> =>
    (await limiter.take([plan({ by })], caller)).refused === undefined;
  assert.deepEqual(
    [await isLet('a', 'caller'), await isLet('a', 'caller'), await isLet('a', 'caller')],
    [true, true, false],
  );
  assert.equal(await isLet('b', 'caller'), true);
  const all = createLimiter();
  const letAll = async (caller: string): Promise<boolean> =>
    (await all.take([plan({ by: 'all' })], caller)).refused === undefined;
  assert.deepEqual([await letAll('a'), await letAll('b'), await letAll('c')], [true, true, false]);
  assert.deepEqual(refused, ['ships']);
});

test('several limits all hold, and what is left is told of each', async () => {
  const limiter = createLimiter();
  const plans = [plan({ name: 'fast', requests: 1, perSeconds: 1 }), plan({ name: 'slow "x"' })];
  const { left } = await limiter.take(plans, 'a');
  assert.deepEqual(limitHeaders(left), [
    'ratelimit-policy',
    '"fast";q=1;w=1, "slow \\"x\\"";q=2;w=60',
    'ratelimit',
    '"fast";r=0;t=1, "slow \\"x\\"";r=1;t=60',
  ]);
  const { refused } = await limiter.take(plans, 'a');
  assert.equal(refused?.plan.name, 'fast');
  assert.match(
    refusalText(refused as NonNullable<typeof refused>),
    /^Each caller may send 1 requests in a second, and you have. Try again in 1 s.$/,
  );
});

const from = (address: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: address },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test('a caller is who he is known to be, else where he calls from', () => {
  assert.equal(callerOf(from('10.0.0.1'), 'ann', 0), 'user ann');
  assert.equal(callerOf(from('10.0.0.1'), '', 0), 'from 10.0.0.1');
  assert.equal(callerOf(from('::ffff:10.0.0.1'), undefined, 0), 'from 10.0.0.1');
  const network = 'from 2001:db8:1:2::/64';
  assert.equal(callerOf(from('2001:db8:1:2:3:4:5:6'), undefined, 0), network);
  assert.equal(callerOf(from('2001:db8:1:2::9'), undefined, 0), network);
  assert.equal(callerOf(from('2001:db8:1:2:ffff::'), undefined, 0), network);
  assert.equal(callerOf(from('::1'), undefined, 0), 'from 0:0:0:0::/64');
});

test('X-Forwarded-For is believed as far as our own proxies have written it', () => {
  const header = '6.6.6.6, 1.2.3.4, 10.0.0.2';
  assert.equal(addressOf(from('10.0.0.1', header), 0), '10.0.0.1');
  assert.equal(addressOf(from('10.0.0.1', header), 1), '10.0.0.2');
  assert.equal(addressOf(from('10.0.0.1', header), 2), '1.2.3.4');
  assert.equal(addressOf(from('10.0.0.1', header), 9), '6.6.6.6');
  assert.equal(addressOf(from('10.0.0.1'), 2), '10.0.0.1');
  assert.equal(addressOf(from('10.0.0.1', ' ,'), 1), '10.0.0.1');
});

test('a rate is requests in whole seconds', () => {
  assert.deepEqual(collectRates('100/s'), [{ requests: 100, perSeconds: 1 }]);
  assert.deepEqual(collectRates('1000/m', collectRates('10/30s')), [
    { requests: 10, perSeconds: 30 },
    { requests: 1000, perSeconds: 60 },
  ]);
  for (const wrong of ['100', '0/s', '100/', '1/500ms', '1/1500ms', '5/d', 'x/s', '-1/s', '1/25h'])
    assert.throws(() => collectRates(wrong), /whole seconds|A day|with its unit/, wrong);
});
