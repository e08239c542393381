import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessionClient } from '../../src/access/session.ts';
import { createSessionKeeper } from '../../src/access/session-keeper.ts';
import { withSession } from '../../src/access/session-request.ts';
import { GatewayError } from '../../src/errors.ts';
import type { SessionPlan } from '../../src/plan/outbound.ts';
import type { CallStep, UpstreamResponse } from '../../src/plan/plan.ts';

/** A plan whose login gives `token` a new number each time, which lives 100 s. */
function planned(more: Partial<SessionPlan> = {}): SessionPlan {
  const step = {
    target: 'api.login',
    redirects: 0,
    build: () => ({ origin: 'http://api', method: 'POST', path: '/login', headers: [] }),
    read: (bytes: Buffer) => JSON.parse(bytes.toString()) as never,
  } as unknown as CallStep;
  return {
    type: 'session',
    login: {
      step,
      success: [],
      values: [{ name: 'token', from: 'at $', pick: ({ body }) => body }],
      expires: (_answer, _values, asked) => asked + 100_000,
    },
    inject: [
      {
        in: 'header',
        name: 'authorization',
        write: ({ input }) => `Bearer ${String(input.token)}`,
      },
    ],
    renewOn: new Map([[401, { beforeActing: true }]]),
    ...more,
  };
}

function keeping(plan: SessionPlan) {
  let time = 1_000_000;
  let logins = 0;
  let fails = false;
  const learned: string[] = [];
  const keeper = createSessionKeeper(plan, {
    now: () => time,
    learn: (_owner, secrets) => learned.push(...secrets),
    async send(): Promise<UpstreamResponse> {
      logins += 1;
      const token = `token-number-${logins}`;
      return {
        status: fails ? 403 : 200,
        headers: [],
        body: Buffer.from(JSON.stringify(token)),
      };
    },
  });
  const token = async () => (await keeper.get()).values.token;
  return {
    keeper,
    token,
    learned,
    logins: () => logins,
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
    fail: (now: boolean) => {
      fails = now;
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a session lives its time, and is renewed in the last tenth seconds of it', async () => {
  const { token, pass, logins } = keeping(planned());
  assert.equal(await token(), 'token-number-1');
  pass(89.9);
  assert.equal(await token(), 'token-number-1');
  assert.equal(logins(), 1);
  pass(0.2);
  assert.equal(await token(), 'token-number-1', 'nobody waits');
  await settled();
  assert.equal(await token(), 'token-number-2');
  pass(101);
  assert.equal(await token(), 'token-number-3');
});

test('renewEarly is at most half of the life', async () => {
  const { token, pass, logins } = keeping(planned({ renewEarly: 1_000_000 }));
  await token();
  pass(49);
  await token();
  await settled();
  assert.equal(logins(), 1);
  pass(2);
  await token();
  await settled();
  assert.equal(logins(), 2);
});

test('a renewal that fails leaves the session, and is not tried at every call', async () => {
  const { token, pass, logins, fail } = keeping(planned());
  await token();
  pass(95);
  fail(true);
  for (let count = 0; count < 5; count += 1) {
    assert.equal(await token(), 'token-number-1');
    await settled();
  }
  assert.equal(logins(), 2);
  fail(false);
  pass(4);
  assert.equal(await token(), 'token-number-1');
  await settled();
  assert.equal(await token(), 'token-number-3');
});

test('a login that fails is told for a while, which doubles each time to a minute', async () => {
  const { token, pass, logins, fail } = keeping(planned());
  fail(true);
  const pauses: number[] = [];
  for (let tries = 0; tries < 9; tries += 1) {
    await assert.rejects(token, { code: 'UPSTREAM_LOGIN_FAILED' });
    const before = logins();
    let pause = 0;
    for (; logins() === before; pause += 1) {
      pass(1);
      await assert.rejects(token, GatewayError);
    }
    pauses.push(pause);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  fail(false);
  pass(60);
  const good = await token();
  assert.match(String(good), /^token-number-/);
  fail(true);
  pass(101);
  await assert.rejects(token, GatewayError);
  pass(1);
  fail(false);
  assert.notEqual(await token(), good, 'a login that succeeds ends the doubling');
});

test('what is refused is renewed once for all who were refused', async () => {
  const { keeper, logins } = keeping(planned());
  const old = await keeper.get();
  const [one, other] = await Promise.all([keeper.renew(old), keeper.renew(old)]);
  const late = await keeper.renew(old);
  assert.equal(logins(), 2);
  assert.ok(one === other && late === one && one !== old);
});

test('a session that was asked for before a logout is not kept after it', async () => {
  const { keeper, token } = keeping(planned());
  const asked = keeper.get();
  keeper.forget();
  assert.equal((await asked).values.token, 'token-number-1');
  assert.equal(await token(), 'token-number-2');
});

test('who leaves does not end the login that others wait for', async () => {
  const { keeper, logins } = keeping(planned());
  const leaving = new AbortController();
  const left = keeper.get(leaving.signal);
  const stays = keeper.get();
  leaving.abort();
  await assert.rejects(left, { code: 'CANCELLED' });
  assert.equal((await stays).values.token, 'token-number-1');
  assert.equal(logins(), 1);
});

test('all that a session is shown by is never shown elsewhere', async () => {
  const base64 = Buffer.from('token-number-1:x').toString('base64');
  const { token, learned } = keeping(
    planned({ inject: [{ in: 'header', name: 'authorization', write: () => `Token ${base64}` }] }),
  );
  await token();
  assert.deepEqual(learned, ['token-number-1', base64]);
});

test('a session takes the place of what has its name', () => {
  const request = {
    origin: 'http://api',
    method: 'GET',
    path: '/items?a=1&csrf=old&c%73rf=old&b=2',
    headers: ['authorization', 'old', 'cookie', 'a=1; sid=old', 'accept', '*/*'],
  };
  const shown = [
    { in: 'header', name: 'authorization', text: 'Bearer new' },
    { in: 'query', name: 'csrf', text: 'csrf=new' },
    { in: 'cookie', name: 'sid', text: 'sid=new' },
  ] as const;
  const { path, headers } = withSession(request, { shown });
  assert.equal(path, '/items?a=1&b=2&csrf=new');
  assert.deepEqual(headers, [
    'accept',
    '*/*',
    'authorization',
    'Bearer new',
    'cookie',
    'a=1; sid=new',
  ]);
  assert.equal(withSession({ ...request, path: '/items' }, { shown }).path, '/items?csrf=new');
});

test('what is asked for once is repeated only where nothing was done', async () => {
  const statuses: number[] = [];
  const client = createSessionClient({
    now: Date.now,
    learn: () => {},
    async send({ path }): Promise<UpstreamResponse> {
      const status = path === '/login' ? 200 : (statuses.shift() ?? 200);
      return { status, headers: [], body: Buffer.from('"a-token"') };
    },
  });
  const refusing = { beforeActing: false };
  const plan = planned({
    renewOn: new Map([
      [403, refusing],
      [401, { beforeActing: true }],
    ]),
  });
  const poll = { origin: 'http://api', method: 'GET', path: '/poll', headers: [] };
  const ask = async (request: object, status: number): Promise<number> => {
    statuses.push(status);
    return (await client.send(plan, { ...poll, ...request }, { hold: true, redirects: 0 })).status;
  };
  assert.equal(await ask({}, 403), 200);
  assert.equal(await ask({ once: true }, 401), 200);
  assert.equal(await ask({ once: true }, 403), 403);
});
