import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environment, sessionCapability, startSessionApi } from '../access/session-upstream.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send } from '../support/http.ts';
import { STATE_KEY, startRedis } from '../support/redis.ts';

test(
  'gateways that share a Redis log in once, and again once when the session ends',
  bounded,
  async (t) => {
    const redis = await startRedis(t);
    if (redis === undefined) return;
    const api = await startSessionApi(t);
    api.rules.refreshes = false;
    const options = {
      ...{ upstream: api.upstream.origin, redis: redis.url, stateKey: STATE_KEY, environment },
    };
    const text = sessionCapability({});
    const [one, other] = [
      await startGateway(t, text, options),
      await startGateway(t, text, options),
    ];
    const call = async ({ rest }: { rest: string }) => (await send(rest, '/items')).status;
    assert.deepEqual([await call(one), await call(other)], [200, 200]);
    assert.equal(api.seen.logins, 1);
    api.restart();
    assert.deepEqual([await call(other), await call(one)], [200, 200]);
    assert.equal(api.seen.logins, 2, 'the other takes the session that replaced the refused one');

    const [key = ''] = redis.command('keys', 'naftiko:session:*').split('\n');
    assert.match(key, /^naftiko:session:[\w-]{43}$/);
    const lies = redis.command('--raw', 'get', key);
    assert.ok(lies.length > 50);
    for (const given of api.seen.given) assert.ok(!lies.includes(given), 'it is sealed');
    const masked = ({ gateway }: typeof one) => api.seen.given.map((text) => gateway.mask(text));
    assert.deepEqual(masked(one), masked(other), 'whoever has logged in, both hide what was given');
    assert.ok(masked(other).includes('••••'));

    const stranger = await startGateway(t, text, {
      ...options,
      stateKey: 'another-key-that-nobody-else-has-01',
    });
    assert.equal(await call(stranger), 200);
    assert.equal(api.seen.logins, 3, 'what another key has sealed is none of its own');
    await redis.stop();
    api.restart();
    assert.deepEqual([await call(one), await call(other)], [200, 200], 'each for itself');
  },
);
