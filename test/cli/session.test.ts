import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  environment,
  PASSWORD,
  sessionCapability,
  startSessionApi,
} from '../access/session-upstream.ts';
import { capability, whole } from '../support/capability.ts';
import { fileOf, folderOf, naftiko, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };

async function envFileOf(t: Parameters<typeof folderOf>[0]): Promise<string> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}="${value}"`);
  return `${await folderOf(t, { '.env': lines.join('\n') })}/.env`;
}

const written = (origin: string, session: object = {}): string =>
  sessionCapability(session).replaceAll('http://upstream.invalid', origin);

test(
  'inspect tells how a session is opened, shown and ended, without a value',
  bounded,
  async (t) => {
    const session = { logout: 'logout', expires: { in: 'PT30M' }, renewOn: [401, 403] };
    const file = await fileOf(t, written('http://127.0.0.1:9', session));
    const flags = ['--env-file', await envFileOf(t)];
    const { out, status } = await naftiko(['inspect', file, ...flags]);
    assert.equal(status, 0);
    assert.match(out, /logs in with things-api\.login\n/);
    assert.match(out, /sends header Authorization, query csrf\n/);
    assert.match(
      out,
      /ends after PT30M, or when refused with 401, 403, or after things-api\.logout\n/,
    );
    assert.ok(!out.includes(PASSWORD));
    const json = await naftiko(['inspect', file, '--format', 'json', ...flags]);
    const { capabilities } = JSON.parse(json.out) as {
      capabilities: { consumes: { authentication: string; session: object }[] }[];
    };
    const [consumed] = capabilities[0]?.consumes ?? [];
    assert.equal(consumed?.authentication, 'session');
    assert.deepEqual(Object.keys(consumed.session), [
      ...['login', 'logout', 'values', 'sent', 'expires', 'renewOn'],
    ]);
  },
);

test('--dry-run shows where a session goes, and opens none', bounded, async (t) => {
  const api = await startSessionApi(t);
  const file = await fileOf(t, written(api.upstream.origin));
  const flags = ['--dry-run', '--env-file', await envFileOf(t)];
  const { out, err, status } = await naftiko(['call', file, 'list', ...flags]);
  assert.equal(status, 0);
  assert.equal(api.upstream.requests.length, 0);
  assert.match(out, /^GET \/items\?csrf=\{session\.csrf\} HTTP/);
  assert.match(out, /\nauthorization: Bearer \{session\.token\}\n/);
  assert.match(out, /-H 'authorization: Bearer \{session\.token\}'/);
  assert.match(err, /\{session\.…\} stands for what logging in gives/);
  const json = await naftiko(['call', file, 'list', '--format', 'json', ...flags]);
  assert.match(json.out, /Bearer \{session\.token\}/);
});

test('a call logs in, and a login that fails tells the operator why', bounded, async (t) => {
  const api = await startSessionApi(t);
  const file = await fileOf(t, written(api.upstream.origin));
  const flags = ['--env-file', await envFileOf(t)];
  const { out, status } = await naftiko(['call', file, 'list', ...flags]);
  assert.deepEqual([status, JSON.parse(out)], [0, { did: 'GET /items' }]);
  api.rules.password = 'another';
  const refused = await naftiko(['call', file, 'list', ...flags]);
  assert.equal(refused.status, 1);
  assert.match(
    refused.err,
    /Logging in with things-api\.login failed, which answered with status 403/,
  );
  assert.ok(!refused.err.includes(PASSWORD));
});

test('run logs no secret of a session', bounded, async (t) => {
  const api = await startSessionApi(t);
  const file = await fileOf(t, written(api.upstream.origin));
  const level = ['--log-level', 'debug', '--log-format', 'json'];
  const running = await startRun(t, [file, '--env-file', await envFileOf(t), ...level]);
  assert.equal((await fetch(`${running.rest}/items`)).status, 200);
  api.restart();
  api.rules.password = 'another';
  assert.equal((await fetch(`${running.rest}/items`)).status, 502);
  await running.stop();
  assert.match(running.err(), /UPSTREAM_LOGIN_FAILED/);
  for (const secret of [PASSWORD, ...api.seen.given]) {
    for (const spelled of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
      assert.ok(!running.err().includes(spelled), spelled);
  }
});

test('the mock is served without logging in', bounded, async (t) => {
  const file = await fileOf(t, written('http://127.0.0.1:9'));
  const { out, status } = await naftiko(['call', file, 'list', '--mock']);
  assert.equal(status, 0);
  assert.equal((JSON.parse(out) as { operation: string }).operation, 'things-api.list');
});

test(
  'the credential of a caller is masked in a dry run, and told of by inspect',
  bounded,
  async (t) => {
    const text = capability({
      operations: { list: { route: 'GET /items', output: [...whole] } },
      consumes: { authentication: { type: 'caller', header: 'X-Key', key: 'Api-Key' } },
    });
    const file = await fileOf(t, text);
    const args = ['--arg', 'X-Key=my-own-key', '--dry-run'];
    const { out, status } = await naftiko(['call', file, 'list', ...args]);
    assert.equal(status, 0);
    assert.match(out, /\napi-key: ••••\n/);
    assert.ok(!out.includes('my-own-key'));
    const inspected = await naftiko(['inspect', file]);
    assert.match(inspected.out, /each caller gives X-Key, sent as header api-key\n/);
  },
);
