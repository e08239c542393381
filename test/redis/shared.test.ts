import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeal } from '../../src/redis/sealing.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, jsonBody, send, until } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import { PASSWORD, STATE_KEY, startRedis } from '../support/redis.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

const SECRET = 'a-secret-of-the-answer';
const text = capability({
  consumes: { cache: { ttl: '1m' } },
  operations: {
    items: { route: 'GET /items' },
    change: {
      route: 'PUT /items',
      parameters: [{ name: 'item', in: 'body', type: 'object' }],
    },
  },
});

/** An API that counts its answers. */
async function counting(t: Closer) {
  let n = 0;
  return startUpstream(t, (_, response) => {
    n += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ n, secret: SECRET }));
  });
}

const rateLimit = [{ requests: 4, perSeconds: 3600 }];

test('two gateways count together, and one finds what the other has kept', bounded, async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const upstream = await counting(t);
  const log = keptLog();
  const options = { upstream: upstream.origin, redis: redis.url, stateKey: STATE_KEY, log };
  const [one, other] = [
    await startGateway(t, text, { ...options, rateLimit }),
    await startGateway(t, text, { ...options, rateLimit }),
  ];
  const n = async (origin: string) => ((await send(origin, '/items')).json() as { n: number }).n;
  assert.deepEqual([await n(one.rest), await n(other.rest)], [1, 1]);
  await send(other.rest, '/items', jsonBody({}, 'PUT'));
  assert.equal(await n(one.rest), 3, 'what one changes the other asks for anew');
  for (const { rest } of [one, other]) {
    const refused = await send(rest, '/items');
    assert.equal(refused.status, 429);
    assert.match(String(refused.headers['retry-after']), /^3\d{3}$/);
  }
  const agent = await connectAgent(t, other.mcp);
  const tool = await agent.callTool({ name: 'items', arguments: {} });
  assert.match(textOf(tool), /^RATE_LIMITED \(429\)/);
  assert.equal(upstream.requests.length, 3);

  const keys = redis.command('keys', '*').split('\n');
  assert.ok(keys.length >= 3, keys.join());
  for (const key of keys) {
    assert.match(key, /^naftiko:(cache:(marks|[\w-]{43})|limit:[\w-]{43})$/);
    assert.ok(!redis.command('--raw', 'dump', key).includes(SECRET), 'what is kept is sealed');
  }
  const shown = JSON.stringify(log.lines) + one.gateway.mask(redis.url);
  assert.ok(!shown.includes(PASSWORD), shown);
});

test(
  'behind a balancer that takes turns, limits and answers are those of one',
  bounded,
  async (t) => {
    const redis = await startRedis(t);
    if (redis === undefined) return;
    const upstream = await counting(t);
    const options = { upstream: upstream.origin, redis: redis.url, stateKey: STATE_KEY };
    const given = { ...options, rateLimit: [{ requests: 20, perSeconds: 3600 }] };
    const gateways = [await startGateway(t, text, given), await startGateway(t, text, given)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const { rest } = gateways[at % 2] as (typeof gateways)[0];
        return (await send(rest, '/items')).status;
      }),
    );
    assert.equal(answers.filter((status) => status === 200).length, 20);
    assert.equal(answers.filter((status) => status === 429).length, 30);
    assert.ok(upstream.requests.length <= 2, 'each asks once at the most');
  },
);

test('while Redis is away nobody is refused for it, and it is told once', bounded, async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const upstream = await counting(t);
  const log = keptLog();
  const { rest } = await startGateway(t, text, {
    ...{ upstream: upstream.origin, redis: redis.url, stateKey: STATE_KEY, log },
    rateLimit: [{ requests: 3, perSeconds: 3600 }],
  });
  const statuses = async (calls: number) => {
    const all: number[] = [];
    for (let call = 0; call < calls; call += 1) all.push((await send(rest, '/items')).status);
    return all;
  };
  assert.deepEqual(await statuses(2), [200, 200]);
  assert.equal(upstream.requests.length, 1);
  await redis.stop();
  assert.deepEqual(await statuses(4), [200, 200, 200, 429], 'it counts for itself');
  assert.equal(upstream.requests.length, 4, 'and keeps nothing');
  const told = () =>
    log.lines.flatMap(({ level, message }) => (level === 'debug' ? [] : [`${level} ${message}`]));
  assert.deepEqual(told(), [
    'warn Redis is away: this gateway counts and keeps for itself until it is back.',
  ]);
  await redis.start();
  await until(() => told().length === 2);
  assert.equal(told()[1], 'info Redis is back: what is counted and kept is shared again.');
  assert.deepEqual(await statuses(4), [200, 200, 200, 429]);
  assert.equal(upstream.requests.length, 5);
});

test('a Redis that stands still makes callers wait once, and not for long', bounded, async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const upstream = await counting(t);
  const log = keptLog();
  const { rest } = await startGateway(t, text, {
    ...{ upstream: upstream.origin, redis: redis.url, stateKey: STATE_KEY, log, rateLimit },
  });
  await send(rest, '/items');
  redis.pause();
  for (const status of [200, 200, 200]) assert.equal((await send(rest, '/items')).status, status);
  assert.equal(upstream.requests.length, 4);
  redis.goOn();
  await until(() => log.lines.some(({ message }) => message.startsWith('Redis is back')));
  assert.equal((await send(rest, '/items')).headers['cache-status']?.includes('hit'), true);
  assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
});

test('a gateway starts without its Redis, and says so', bounded, async (t) => {
  const upstream = await counting(t);
  const log = keptLog();
  const { rest } = await startGateway(t, text, {
    ...{ upstream: upstream.origin, stateKey: STATE_KEY, log },
    redis: `redis://:${PASSWORD}@127.0.0.1:1`,
  });
  assert.equal((await send(rest, '/items')).status, 200);
  assert.equal(log.lines.length, 1);
  assert.deepEqual(log.lines[0]?.fields.redis, '127.0.0.1:1');
  assert.ok(!JSON.stringify(log.lines).includes(PASSWORD));
});

test('an address that is none, or no secret in common, stops the start', async (t) => {
  const start = (redis: string, more: object = { stateKey: STATE_KEY }) =>
    startGateway(t, text, { redis, ...more });
  for (const wrong of ['localhost:6379', 'http://localhost', 'redis://', 'redis'])
    await assert.rejects(start(wrong), /--redis is no address of a Redis/, wrong);
  const without = start('redis://localhost', {});
  await assert.rejects(without, /sealed with a secret .* NAFTIKO_STATE_KEY/s);
  const environment = { NAFTIKO_REDIS_URL: `nope://:${PASSWORD}@h` };
  await assert.rejects(startGateway(t, text, { environment }), (error: Error) => {
    assert.match(error.message, /^NAFTIKO_REDIS_URL is no address/);
    return !error.message.includes(PASSWORD);
  });
});

test('what is sealed opens with its key and name alone', () => {
  const seal = createSeal(STATE_KEY);
  const sealed = seal.close(Buffer.from('text'), 'name');
  assert.equal(seal.open(sealed, 'name')?.toString(), 'text');
  assert.equal(seal.open(sealed, 'other'), undefined);
  assert.equal(createSeal(`${STATE_KEY}x`).open(sealed, 'name'), undefined);
  const last = sealed.length - 1;
  sealed[last] = (sealed[last] as number) ^ 1;
  assert.equal(seal.open(sealed, 'name'), undefined);
  assert.equal(seal.open(Buffer.alloc(3), 'name'), undefined);
  assert.equal(seal.name('a'), createSeal(STATE_KEY).name('a'));
  assert.notEqual(seal.name('a'), createSeal(`${STATE_KEY}x`).name('a'));
});
