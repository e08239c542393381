import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import {
  environment,
  type SessionApi,
  sessionCapability,
  startSessionApi,
} from './session-upstream.ts';

/** Long enough for two calls on a busy machine. */
const LIFE_MS = 1_500;

interface Served {
  readonly api: SessionApi;
  readonly rest: string;
  readonly mcp: string;
  /** The status of a call; GET /items when nothing is said. */
  readonly call: (method?: string, path?: string, body?: object) => Promise<number>;
  readonly ask: (method?: string, path?: string, body?: object) => Promise<Response>;
}

async function serve(t: TestContext, session: object = {}, given: object = {}): Promise<Served> {
  const api = await startSessionApi(t);
  const { rest, mcp } = await startGateway(t, sessionCapability(session), {
    upstream: api.upstream.origin,
    environment: { ...environment, ...given },
  });
  const ask: Served['ask'] = (method = 'GET', path = '/items', body) =>
    fetch(rest + path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const call: Served['call'] = async (...args) => {
    const response = await ask(...args);
    await response.arrayBuffer();
    return response.status;
  };
  return { api, rest, mcp, ask, call };
}

const repeat = (times: number, call: () => Promise<number>) =>
  Promise.all(Array.from({ length: times }, call));

test('nothing logs in before the first call, and 200 callers log in once', async (t) => {
  const { api, call } = await serve(t);
  api.rules.slow = 50;
  assert.equal(api.seen.logins, 0);
  assert.deepEqual(new Set(await repeat(200, () => call())), new Set([200]));
  assert.equal(api.seen.logins, 1);
  assert.equal(await call('POST', '/items', { text: 'a', more: 'b' }), 200);
  assert.deepEqual(api.seen.acted, ['{"text":"a","more":"b"}']);
  assert.equal(api.seen.logins, 1);
});

test('a tool is served by the same session as a route', async (t) => {
  const { api, call, mcp } = await serve(t);
  assert.equal(await call(), 200);
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'list', arguments: {} });
  assert.equal(textOf(result), '{"did":"GET /items"}');
  assert.equal(api.seen.logins, 1);
});

test('what a caller sends does not stand in the way of the session', async (t) => {
  const { call } = await serve(t);
  assert.equal(await call('GET', '/items?csrf=mine'), 200);
});

test('a caller may log in himself: that goes without the session, and leaves it alone', async (t) => {
  const { api, ask, call } = await serve(t);
  assert.equal(await call(), 200);
  const response = await ask('POST', '/login', {
    email: environment.API_USER,
    password: environment.API_PASSWORD,
  });
  assert.equal(response.status, 200);
  const { user } = (await response.json()) as { user: { token: string } };
  assert.equal(user.token, api.seen.given[3], 'the answer is his own, unmasked');
  assert.equal(await call(), 200);
  assert.equal(api.seen.logins, 2);
});

test('a session that is refused is renewed, and the call sent once more', async (t) => {
  const { api, call } = await serve(t);
  assert.equal(await call(), 200);
  api.restart();
  assert.deepEqual(new Set(await repeat(200, () => call())), new Set([200]));
  assert.equal(api.seen.logins, 2, 'all share one login');
  assert.equal(api.seen.atOnce, 1);
});

test('a second refusal is the answer, and a login follows each no further', async (t) => {
  const { api, call } = await serve(t);
  assert.equal(await call(), 200);
  api.rules.refuse.push(401, 401);
  assert.equal(await call(), 401);
  assert.equal(api.seen.logins, 2);
  assert.equal(await call(), 200);
  assert.equal(api.seen.logins, 2);
});

test('an API that refuses whatever is shown is not logged in to for ever', async (t) => {
  const { api, call } = await serve(t);
  assert.equal(await call(), 200);
  api.rules.refuse.push(...Array.from({ length: 100 }, () => 401));
  for (let count = 0; count < 20; count += 1) assert.equal(await call(), 401);
  assert.equal(api.seen.logins, 4, 'three times renewing did not help');
  api.rules.refuse.length = 0;
  assert.equal(await call('GET', '/items/1'), 200, 'other calls go on');
});

test('a POST that was refused before it acted is sent again, and acted on once', async (t) => {
  const { api, call } = await serve(t);
  assert.equal(await call(), 200);
  api.restart();
  const calls = Array.from({ length: 20 }, (_, index) =>
    call('POST', '/items', { text: `${index}`, more: '' }),
  );
  assert.deepEqual(new Set(await Promise.all(calls)), new Set([200]));
  const texts = api.seen.acted.map((body) => (JSON.parse(body) as { text: string }).text);
  assert.deepEqual(
    texts.sort((one, other) => Number(one) - Number(other)),
    Array.from({ length: 20 }, (_, index) => `${index}`),
  );
  assert.equal(api.seen.logins, 2);
});

test('other statuses repeat what is harmless, and a POST only where the file says so', async (t) => {
  const { api, call } = await serve(t, {
    renewOn: [401, 403, { status: 419, beforeActing: true }],
  });
  const posts = () => api.upstream.requests.filter(({ url }) => url.startsWith('/items')).length;
  assert.equal(await call(), 200);
  api.rules.refuse.push(403);
  assert.equal(await call(), 200, 'a GET');
  assert.equal(api.seen.logins, 2);
  const before = posts();
  api.rules.refuse.push(403);
  assert.equal(await call('POST', '/items', { text: 'a' }), 403, 'who knows what it did');
  assert.equal(posts(), before + 1);
  assert.equal(api.seen.logins, 2);
  assert.equal(await call(), 200);
  assert.equal(api.seen.logins, 3, 'the next call has another session');
  api.rules.refuse.push(419);
  assert.equal(await call('POST', '/items', { text: 'b' }), 200);
  assert.equal(api.seen.logins, 4);
});

test('what is really forbidden causes one login, not one each time', async (t) => {
  const { api, call } = await serve(t, { renewOn: [401, 403] });
  assert.equal(await call(), 200);
  for (let count = 0; count < 10; count += 1) {
    api.rules.refuse.push(403, 403);
    assert.equal(await call('GET', '/items/secret'), 403);
    api.rules.refuse.length = 0;
    assert.equal(await call(), 200);
  }
  assert.equal(api.seen.logins, 2);
  for (let count = 0; count < 10; count += 1) {
    api.rules.refuse.push(403);
    assert.equal(await call('POST', '/items', { text: 'a' }), 403);
    assert.equal(await call(), 200);
  }
  assert.ok(api.seen.logins <= 4, `${api.seen.logins} logins`);
});

test('other refusals are answers', async (t) => {
  const { api, call } = await serve(t);
  assert.equal(await call(), 200);
  api.rules.refuse.push(403);
  assert.equal(await call(), 403);
  api.rules.refuse.push(500);
  assert.equal(await call(), 500);
  assert.equal(api.seen.logins, 1);
});

for (const [how, expires, says] of [
  ['a duration', { in: 'PT0.4S' }, {}],
  ['seconds of the answer', { in: '$.expires_in' }, { expires_in: 0.4 }],
  ['seconds as text', { in: '$.expires_in' }, { expires_in: '0.4' }],
] as const) {
  test(`a session that ends after ${how} is renewed before it is refused`, async (t) => {
    const { api, call } = await serve(t, { expires });
    Object.assign(api.rules, { life: 500, says });
    const statuses = new Set<number>();
    for (const end = Date.now() + 20_000; Date.now() < end && api.seen.logins < 4; ) {
      statuses.add(await call());
      await sleep(10);
    }
    assert.deepEqual(statuses, new Set([200]));
    assert.equal(api.seen.logins, 4);
    assert.equal(api.seen.atOnce, 1);
  });
}

for (const [how, expires, says, asJwt] of [
  [
    'a time in ISO 8601',
    { at: '$.ends' },
    () => ({ ends: new Date(Date.now() + LIFE_MS).toISOString() }),
    false,
  ],
  ['seconds since 1970', { at: '$.ends' }, () => ({ ends: (Date.now() + LIFE_MS) / 1000 }), false],
  [
    'milliseconds since 1970',
    { at: '$.ends' },
    () => ({ ends: String(Date.now() + LIFE_MS) }),
    false,
  ],
  ['a JWT', { jwt: 'token' }, () => ({}), true],
] as const) {
  test(`${how} says when another login is needed`, async (t) => {
    const { api, call } = await serve(t, { expires });
    Object.assign(api.rules, { life: asJwt ? LIFE_MS : 60_000, asJwt, says: says() });
    assert.equal(await call(), 200);
    assert.equal(await call(), 200);
    assert.equal(api.seen.logins, 1);
    api.rules.says = {};
    // The end of a JWT is a whole second.
    await sleep(LIFE_MS + (asJwt ? 1_100 : 100));
    const before = api.upstream.requests.length;
    assert.equal(await call(), 200);
    assert.equal(api.seen.logins, 2);
    assert.equal(api.upstream.requests.length, before + 2, 'no call was refused for it');
  });
}

test('a time that is past is none to go by', async (t) => {
  const { api, call } = await serve(t, { expires: { at: '$.ends' } });
  api.rules.says = { ends: 0 };
  assert.deepEqual([await call(), await call()], [200, 200]);
  assert.equal(api.seen.logins, 1);
});

test('nobody waits for a session that is renewed early', async (t) => {
  const { api, call } = await serve(t, { expires: { in: 'PT1S' }, renewEarly: 'PT10S' });
  assert.equal(await call(), 200);
  await sleep(550);
  api.rules.slow = 1000;
  const logins = api.seen.logins;
  assert.equal(await call(), 200);
  await sleep(20);
  assert.equal(api.seen.logins, logins + 1, 'another one is asked for meanwhile');
});
