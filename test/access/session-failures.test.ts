import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/log.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import {
  environment,
  PASSWORD,
  type SessionApi,
  sessionCapability,
  startSessionApi,
  USER,
} from './session-upstream.ts';

interface Served extends TestGateway {
  readonly api: SessionApi;
  /** Status and body of a call; GET /items when nothing is said. */
  readonly ask: (method?: string, path?: string) => Promise<{ status: number; text: string }>;
}

interface Problem {
  readonly code: string;
  readonly detail: string;
}

async function serve(
  t: TestContext,
  session: object = {},
  options: Parameters<typeof startGateway>[2] = {},
): Promise<Served> {
  const api = await startSessionApi(t);
  const gateway = await startGateway(t, sessionCapability(session), {
    upstream: api.upstream.origin,
    environment,
    ...options,
  });
  const ask: Served['ask'] = async (method = 'GET', path = '/items') => {
    const response = await fetch(gateway.rest + path, { method });
    return { status: response.status, text: await response.text() };
  };
  return { ...gateway, api, ask };
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(100))
    assert.ok(Date.now() < end, 'it never came');
}

const problemOf = ({ text }: { text: string }): Problem => JSON.parse(text) as Problem;

test('a wrong password is a failure that says where, and nothing secret', async (t) => {
  const { api, ask, mcp } = await serve(t);
  api.rules.password = 'another';
  const answer = await ask();
  assert.equal(answer.status, 502);
  const { code, detail } = problemOf(answer);
  assert.equal(code, 'UPSTREAM_LOGIN_FAILED');
  assert.match(
    detail,
    /^Logging in with things-api\.login failed, which answered with status 403: check the credentials/,
  );
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'list', arguments: {} });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /Logging in with things-api\.login failed/);
  assert.ok(!`${answer.text}${textOf(result)}`.includes(PASSWORD));
  assert.equal(api.upstream.requests.filter(({ url }) => url.startsWith('/items')).length, 0);
});

test('200 callers of a login that fails wait for one, and another is tried later', async (t) => {
  const { api, ask } = await serve(t);
  api.rules.password = 'another';
  api.rules.slow = 50;
  const call = async (): Promise<number> => (await ask()).status;
  const calls = (times: number) => Promise.all(Array.from({ length: times }, call));
  const begun = Date.now();
  assert.deepEqual(new Set(await calls(200)), new Set([502]));
  assert.deepEqual(new Set(await calls(20)), new Set([502]));
  // A second at least lies between two tries, however long the calls took.
  const most = 3 + Math.floor((Date.now() - begun) / 1000);
  assert.ok(api.seen.logins <= most, `${api.seen.logins} logins, ${most} at most`);
  assert.equal(api.seen.atOnce, 1);
  api.rules.password = PASSWORD;
  await eventually(async () => (await call()) === 200);
});

for (const [what, session, login, message] of [
  [
    'a status in the body',
    { success: { '$.status': 'OK' } },
    { status: 'ERROR', user: { token: 'x' }, csrf: 'y' },
    /with status 200: what it says at \$\.status is not what success looks like/,
  ],
  [
    'a value that is missing',
    {},
    { status: 'OK', user: { token: 'x' } },
    /there is no "csrf" at \$\.csrf/,
  ],
  [
    'a value that is empty',
    {},
    { status: 'OK', user: { token: '' }, csrf: 'y' },
    /there is no "token"/,
  ],
  [
    'a value that no header can hold',
    {},
    { user: { token: 'to\r\nken' }, csrf: 'y' },
    /cannot be sent as header authorization: it must not hold line breaks/,
  ],
  ['no JSON', {}, '<h1>Welcome</h1>', /there is no "token"/],
] as const) {
  test(`a login that answers 200 with ${what} has failed`, async (t) => {
    const { api, ask } = await serve(t, session);
    api.rules.login = { status: 200, body: login };
    const answer = await ask();
    const { code, detail } = problemOf(answer);
    assert.equal(code, 'UPSTREAM_LOGIN_FAILED');
    assert.match(detail, message);
  });
}

test('several values may mean success', async (t) => {
  const { ask } = await serve(t, {
    success: { '$.status': ['DONE', 'OK'], '$.user.token': 'token/1+of=session' },
  });
  assert.equal((await ask()).status, 200);
});

test('an API that cannot be reached says so, and that it was to log in', async (t) => {
  const { ask } = await serve(t, {}, { upstream: 'http://127.0.0.1:9' });
  const answer = await ask();
  assert.equal(answer.status, 502);
  const { code, detail } = problemOf(answer);
  assert.equal(code, 'UPSTREAM_UNREACHABLE');
  assert.match(detail, /^Logging in with things-api\.login failed\. /);
});

const refresh = { operation: 'refresh', with: { body: { refresh: '{{session.refresh}}' } } };
const values = { token: '$.user.token', csrf: '$.csrf', refresh: '$.refresh' };

test('a session is refreshed rather than logged in again', async (t) => {
  const { api, ask } = await serve(t, { refresh, values });
  assert.equal((await ask()).status, 200);
  for (const count of [1, 2, 3]) {
    api.restart();
    assert.equal((await ask()).status, 200);
    assert.deepEqual([api.seen.logins, api.seen.refreshes], [1, count]);
  }
});

test('what is refreshed no more is logged in to', async (t) => {
  const { api, ask } = await serve(t, { refresh, values });
  assert.equal((await ask()).status, 200);
  api.restart();
  assert.equal((await ask()).status, 200);
  assert.deepEqual([api.seen.logins, api.seen.refreshes], [1, 1]);
  api.restart();
  api.rules.refreshes = false;
  assert.equal((await ask()).status, 200);
  assert.deepEqual([api.seen.logins, api.seen.refreshes], [2, 2]);
});

test('logging out forgets the session, and causes none', async (t) => {
  const { api, ask } = await serve(t, { logout: 'logout' });
  assert.equal((await ask('POST', '/logout')).status, 401);
  assert.equal(api.seen.logins, 0);
  assert.equal((await ask()).status, 200);
  assert.equal((await ask('POST', '/logout')).status, 200);
  const sent = api.upstream.requests.length;
  assert.equal((await ask()).status, 200);
  assert.equal(api.seen.logins, 2);
  assert.equal(api.upstream.requests.length, sent + 2, 'the old session was not tried');
});

test('an upstream that restarts in the middle is not noticed', async (t) => {
  const { api, ask } = await serve(t);
  const statuses = new Set<number>();
  for (let round = 0; round < 5; round += 1) {
    const calls = Array.from({ length: 20 }, () => ask());
    api.restart();
    api.upstream.dropConnections();
    for (const { status } of await Promise.all(calls)) statuses.add(status);
    api.restart();
  }
  assert.deepEqual(statuses, new Set([200]));
  assert.equal(api.seen.atOnce, 1);
});

test('no secret of a session is in any text that leaves', async (t) => {
  const lines: string[] = [];
  let mask = (text: string): string => text;
  const log = createLog({
    level: 'debug',
    format: 'json',
    mask: (text) => mask(text),
    write: (line) => lines.push(line),
  });
  const { api, ask, gateway, mcp } = await serve(t, { refresh, values }, { log });
  mask = gateway.mask;
  const agent = await connectAgent(t, mcp);
  const told: string[] = [];
  const tool = async (): Promise<void> => {
    told.push(textOf(await agent.callTool({ name: 'list', arguments: {} })));
  };
  await tool();
  // The API says what it was shown, and what it was not content with.
  api.rules.refuse.push(500, 403);
  await tool();
  await tool();
  api.restart();
  api.rules.refreshes = false;
  api.rules.password = 'another';
  await tool();
  told.push((await ask()).text);
  const logins = api.seen.logins;
  api.rules.login = { status: 200, body: { user: { token: api.seen.given[0] }, csrf: 'a\r\nb' } };
  await eventually(async () => {
    told.push((await ask()).text);
    return api.seen.logins > logins;
  });
  const secrets = [USER, PASSWORD, ...api.seen.given];
  for (const line of api.seen.given) log.error({ line }, `${line} ${encodeURIComponent(line)}`);
  const all = [...lines, ...told].join('\n');
  assert.match(all, /••••/);
  assert.match(told.join('\n'), /not with Bearer ••••/);
  for (const secret of secrets) {
    for (const spelled of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
      assert.ok(!all.includes(spelled), `${spelled} in ${all}`);
  }
});
