import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMAIL, type Koyeb, PASSWORD, startKoyeb } from '../../src/sandbox/koyeb.ts';
import { folderOf, startRun } from '../cli/naftiko.ts';
import { keptLog } from '../support/log.ts';
import { FACES, type Told, tell } from './driver.ts';
import { assertNoLeak } from './leaks.ts';
import { createLedger } from './ledger.ts';
import { operationsOf } from './outline.ts';

/** The file that the docs give for email and password. */
const page = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'koyeb.md'), 'utf8');
const [, FILE = ''] = /```yaml\n([^`]*)```/.exec(page) ?? [];
const environment = { KOYEB_EMAIL: EMAIL, KOYEB_PASSWORD: PASSWORD };
const LOGIN = 'POST /v1/account/login';
const REFRESH = 'PUT /v1/account/refresh';

interface Scene extends Told {
  readonly koyeb: Koyeb;
}

function story(name: string, run: (scene: Scene) => Promise<void>): void {
  for (const face of FACES) {
    test(`${name}, over ${face}`, async (t) => {
      const koyeb = await startKoyeb(t);
      const log = keptLog('debug');
      const place = { face, files: FILE, ledger: createLedger(operationsOf(FILE)), story: name };
      const baseUris = { koyeb: koyeb.service.origin };
      const told = await tell(t, place, { environment, baseUris, log });
      const heard: string[] = [];
      const ask: Told['ask'] = async (...call) => {
        const reply = await told.ask(...call);
        heard.push(reply.text);
        return reply;
      };
      await run({ ...told, ask, koyeb });
      const lines = log.lines.map((line) => JSON.stringify(line)).join('\n');
      const texts = { 'the log': lines, 'what was answered': heard.join('\n') };
      assertNoLeak([PASSWORD, ...koyeb.given], texts);
    });
  }
}

const create = (name: string) => ['create-app', { app: { name } }] as const;

story('two hundred callers, one login', async ({ ask, koyeb }) => {
  koyeb.rules.slow = 50;
  const replies = await Promise.all(Array.from({ length: 200 }, () => ask('list-apps')));
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(koyeb.service.count(LOGIN), 1);
  koyeb.pass(koyeb.rules.life);
  const later = await Promise.all(
    Array.from({ length: 200 }, (_, at) => ask(...create(`app-${at}`))),
  );
  assert.deepEqual(new Set(later.map(({ status }) => status)), new Set([200]));
  assert.deepEqual([koyeb.service.count(LOGIN), koyeb.seen.loginsAtOnce], [2, 1]);
  assert.equal(koyeb.platform.all('app').length, 200, 'no POST was done twice');
});

story('a session renewed before it ends', async ({ ask, koyeb }) => {
  koyeb.rules.life = 2000;
  for (let left = 400; left > 0 && koyeb.service.count(REFRESH) < 2; left -= 1) {
    assert.equal((await ask('list-apps')).status, 200);
    await sleep(20);
  }
  assert.deepEqual([koyeb.service.count(LOGIN), koyeb.service.count(REFRESH) >= 2], [1, true]);
});

story('a password that has changed', async ({ ask, koyeb, refused }) => {
  assert.equal((await ask('list-apps')).status, 200);
  koyeb.rules.password = 'another';
  assert.equal((await ask('list-apps')).status, 200);
  koyeb.pass(koyeb.rules.life);
  const why = await refused(502, 'list-apps');
  assert.match(why, /UPSTREAM_LOGIN_FAILED/);
  assert.match(why, /koyeb\.login failed, which answered with status 401/);
  const count = koyeb.service.count(LOGIN);
  await refused(502, 'list-apps');
  assert.equal(koyeb.service.count(LOGIN), count, 'it is not tried at once again');
});

story('Koyeb away for a moment', async ({ ask, koyeb, refused }) => {
  assert.equal((await ask(...create('before'))).status, 200);
  await koyeb.service.stop();
  assert.match(await refused(502, ...create('meanwhile')), /UPSTREAM_UNREACHABLE/);
  await koyeb.service.start();
  assert.equal((await ask(...create('after'))).status, 200);
  const names = koyeb.platform.all('app').map(({ name }) => name);
  assert.deepEqual(names, ['before', 'after']);
  assert.equal(koyeb.service.count(LOGIN), 1);
});

story('a session that is logged out', async ({ ask, koyeb }) => {
  assert.equal((await ask('list-apps')).status, 200);
  assert.equal((await ask('logout')).status, 200);
  const [first] = koyeb.given;
  const headers = { authorization: `Bearer ${first}` };
  assert.equal((await fetch(`${koyeb.service.origin}/v1/apps`, { headers })).status, 401);
  assert.equal((await ask('list-apps')).status, 200);
  assert.equal(koyeb.service.count(LOGIN), 2);
});

test('no secret stands in what the commands print, nor in the log of what they serve', async (t: TestContext) => {
  const koyeb = await startKoyeb(t);
  const key = koyeb.createKey();
  const folder = await folderOf(t, {
    'session.yaml': FILE,
    '.env': `KOYEB_EMAIL=${EMAIL}\nKOYEB_PASSWORD=${JSON.stringify(PASSWORD)}\nKOYEB_API_KEY=${key}\n`,
  });
  const env = path.join(folder, '.env');
  const apps = path.join(import.meta.dirname, '..', '..', 'capabilities', 'koyeb-secrets.yaml');
  const flags = ['--env-file', env, '--log-level', 'debug', '--prefix'];
  const uris = ['koyeb', 'koyeb-secrets'].flatMap((name) => [
    '--base-uri',
    `${name}=${koyeb.service.origin}`,
  ]);
  const run = await startRun(t, [path.join(folder, 'session.yaml'), apps, ...flags, ...uris]);
  const value = 'never/to be+seen"';
  const post = (at: string, body: object) =>
    fetch(`${run.rest}${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await fetch(`${run.rest}/koyeb-rest/apps`)).status, 200);
  const secrets = '/koyeb-secrets-rest/v1/v1/secrets';
  assert.equal((await post(secrets, { name: 'S', type: 'SIMPLE', value })).status, 200);
  assert.equal((await post(secrets, { name: 'S', type: 'NONE', value })).status, 400);
  await koyeb.service.stop();
  assert.equal((await post(secrets, { name: 'T', type: 'SIMPLE', value })).status, 502);
  assert.ok(run.err().split('\n').length > 10, 'there is a log to look at');
  assertNoLeak([PASSWORD, value, ...koyeb.given], { 'what was printed': run.err() + run.out() });
});
