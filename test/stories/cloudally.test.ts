import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudAlly, PARTNER, PERSON, startCloudAlly } from '../../src/sandbox/cloudally.ts';
import { folderOf, naftiko, startRun } from '../cli/naftiko.ts';
import { keptLog } from '../support/log.ts';
import { FACES, type Told, tell } from './driver.ts';
import { assertNoLeak } from './leaks.ts';
import { checkTable, createLedger } from './ledger.ts';
import { operationsOf } from './outline.ts';

const CAPABILITIES = path.join(import.meta.dirname, '..', '..', 'capabilities');
const FILE = path.join(CAPABILITIES, 'cloudally.yaml');
const FILES = [FILE, path.join(CAPABILITIES, 'cloudally-authentication.yaml')];
const LOGIN = 'POST /auth/partner';
const ledger = createLedger(FILES.flatMap(operationsOf));

const ENVIRONMENT = {
  CLOUDALLY_CLIENT_ID: PARTNER.clientId,
  CLOUDALLY_CLIENT_SECRET: PARTNER.clientSecret,
  CLOUDALLY_EMAIL: PERSON.email,
  CLOUDALLY_PASSWORD: PERSON.password,
};
const SECRETS = [PARTNER.clientSecret, PERSON.password];

const urisOf = ({ service }: CloudAlly) => ({
  cloudally: service.origin,
  'cloudally-authentication': service.origin,
});

interface Scene extends Told {
  readonly cloudally: CloudAlly;
}

interface StoryOptions {
  /** The file is told another way to log in. */
  readonly edit?: (text: string) => string;
  readonly before?: (cloudally: CloudAlly) => void;
}

/** Told twice: over REST by fetch, and over MCP by the SDK's client. */
function story(
  name: string,
  run: (scene: Scene) => Promise<void>,
  options: StoryOptions = {},
): void {
  const { edit, before } = options;
  for (const face of FACES) {
    test(`${name}, over ${face}`, async (t) => {
      const cloudally = await startCloudAlly(t);
      before?.(cloudally);
      const log = keptLog('debug');
      const all = urisOf(cloudally);
      const edited = edit?.(readFileSync(FILE, 'utf8'));
      const files = edited ?? FILES;
      const baseUris = edited === undefined ? all : { cloudally: all.cloudally };
      const environment = { ...ENVIRONMENT, CLOUDALLY_API_KEY: cloudally.createKey() };
      const place = { face, files, ledger, story: name };
      const told = await tell(t, place, { environment, baseUris, log });
      const failures: string[] = [];
      const ask: Told['ask'] = async (...call) => {
        const reply = await told.ask(...call);
        if (reply.status >= 300) failures.push(reply.text);
        return reply;
      };
      await run({ ...told, ask, cloudally });
      const lines = log.lines.map((line) => JSON.stringify(line)).join('\n');
      const secrets = [...SECRETS, ...cloudally.seen.given];
      assertNoLeak(secrets, { 'the log': lines, 'what failures said': failures.join('\n') });
    });
  }
}

story('tokens given for a user, for a partner, and for a refresh token', async (scene) => {
  const { get, refused } = scene;
  const user = { email: PERSON.email, password: PERSON.password };
  const { accessToken, refreshToken } = await get('authenticate-portal-user', { body: user });
  assert.equal(accessToken.split('.').length, 3);
  const renewed = await get('refresh-access-token', { body: { refreshToken } });
  assert.notEqual(renewed.accessToken, accessToken);
  assert.match(
    await refused(401, 'refresh-access-token', { body: { refreshToken } }),
    /Unknown refresh/,
  );
  assert.equal((await get('authenticate-partner-client', { body: PARTNER })).tokenType, 'Bearer');
  const wrong = { ...PARTNER, clientSecret: 'guess' };
  assert.match(
    await refused(401, 'authenticate-partner-client', { body: wrong }),
    /Bad credentials/,
  );
  const name = { ...user, email: 'ada' };
  assert.match(await refused(400, 'authenticate-portal-user', { body: name }), /email/);
});

story('backups looked at, and one restored', async ({ get, refused, cloudally }) => {
  const { data } = await get('list-backup-tasks');
  const [{ id }] = data;
  assert.equal((await get('get-backup-task', { taskId: id })).source, 'SHAREPOINT_MULTI');
  assert.match(await refused(404, 'get-backup-task', { taskId: 'a/b' }), /There is no a\/b/);
  const wanted = { taskId: id, target: { kind: 'download' }, dates: ['2026-01-02'] };
  const { jobId } = await get('create-restore', { body: wanted });
  assert.deepEqual(cloudally.seen.restores, [wanted]);
  assert.equal((await get('get-restore-status', { jobId })).progress, 40);
  assert.match(await refused(400, 'create-restore', { body: { taskId: 'x' } }), /names no task/);
  assert.equal(cloudally.service.count(LOGIN), 1);
});

story('what a partner sees of his accounts', async ({ get, refused }) => {
  assert.equal((await get('get-partner')).name, 'Ada Backups');
  assert.equal((await get('get-partner-billing')).data[0].amount, 1234.5);
  assert.equal((await get('get-partner-status')).total, 3);
  assert.equal((await get('list-partner-tasks')).data[0].userId, 'user-1');
  const { data } = await get('list-resellers');
  assert.equal((await get('get-reseller', { resellerId: data[1].id })).id, 'reseller-2');
  const users: string[] = [];
  let more: { page: number; nextPageToken?: string } | undefined = { page: 1 };
  while (more !== undefined) {
    const answer: { data: { id: string }[]; nextPageToken: string | null } = await get(
      'list-partner-users',
      { pageSize: 2, ...more },
    );
    users.push(...answer.data.map(({ id }) => id));
    const { nextPageToken } = answer;
    more = nextPageToken === null ? undefined : { page: more.page + 1, nextPageToken };
  }
  assert.equal(users.length, 5);
  assert.match(await refused(400, 'list-partner-users', { page: 2 }), /nextPageToken does not fit/);
});

story('two hundred callers, one login', async ({ ask, cloudally }) => {
  cloudally.rules.slow = 50;
  const all = await Promise.all(Array.from({ length: 200 }, () => ask('get-partner')));
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
  assert.equal(cloudally.service.count(LOGIN), 1);
  cloudally.pass(cloudally.rules.life);
  const body = { taskId: 'task-1' };
  const later = await Promise.all(
    Array.from({ length: 200 }, () => ask('create-restore', { body })),
  );
  assert.deepEqual(new Set(later.map(({ status }) => status < 300)), new Set([true]));
  assert.equal(cloudally.seen.restores.length, 200, 'no restore was started twice');
  assert.deepEqual([cloudally.service.count(LOGIN), cloudally.seen.atOnce], [2, 1]);
});

story('a token renewed before it ends', async ({ ask, cloudally }) => {
  cloudally.rules.life = 2000;
  for (let left = 400; left > 0 && cloudally.service.count(LOGIN) < 3; left -= 1) {
    assert.equal((await ask('get-partner')).status, 200);
    await sleep(20);
  }
  assert.ok(cloudally.service.count(LOGIN) >= 3);
});

story('a secret that has changed', async ({ ask, refused, cloudally }) => {
  assert.equal((await ask('get-partner')).status, 200);
  cloudally.rules.clientSecret = 'another';
  cloudally.pass(cloudally.rules.life);
  const why = await refused(502, 'get-partner');
  assert.match(why, /UPSTREAM_LOGIN_FAILED/);
  assert.match(why, /cloudally\.log-in failed, which answered with status 401/);
  const count = cloudally.service.count(LOGIN);
  await refused(502, 'list-resellers');
  assert.equal(cloudally.service.count(LOGIN), count, 'it is not tried at once again');
});

story('CloudAlly started again, and busy', async ({ ask, refused, cloudally }) => {
  assert.equal((await ask('get-partner')).status, 200);
  await cloudally.service.stop();
  assert.match(await refused(502, 'get-partner'), /UPSTREAM_UNREACHABLE/);
  cloudally.forgetKeys();
  await cloudally.service.start();
  const body = { taskId: 'task-1' };
  assert.ok((await ask('create-restore', { body })).status < 300);
  assert.deepEqual([cloudally.seen.restores.length, cloudally.service.count(LOGIN)], [1, 2]);
  cloudally.rules.budget = 0;
  const limited = await ask('get-partner');
  assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '30']);
  cloudally.rules.budget = 5;
  assert.equal((await ask('get-partner')).status, 200);
});

const withPerson = (text: string): string =>
  text.replace(
    /( +)with:\n +body:\n +clientId: .*\n +clientSecret: .*\n/,
    "$1with: { body: { email: '{{CLOUDALLY_EMAIL}}', password: '{{CLOUDALLY_PASSWORD}}' } }\n",
  );

story(
  'a partner who logs in with email and password',
  async ({ ask, cloudally }) => {
    assert.equal((await ask('get-partner')).status, 200);
    assert.equal(cloudally.service.count(LOGIN), 1);
  },
  {
    edit: withPerson,
    before: ({ rules }) => {
      rules.asksForPerson = true;
    },
  },
);

story(
  'a portal user, who sees backups and no partner',
  async ({ ask, refused, cloudally }) => {
    assert.equal((await ask('list-backup-tasks')).status, 200);
    assert.match(await refused(403, 'get-partner'), /Access is denied/);
    assert.equal(cloudally.service.count('POST /auth'), 1);
  },
  { edit: (text) => withPerson(text).replace('operation: log-in\n', 'operation: log-in-user\n') },
);

const withKey = (text: string): string =>
  text.replace(
    / {6}headers:\n(?: {8}.*\n| {6}#.*\n)* {6}authentication:\n(?: {8}.*\n)+/,
    "      authentication: { type: bearer, token: '{{CLOUDALLY_API_KEY}}' }\n",
  );

story(
  'a token from elsewhere, until it ends',
  async ({ ask, refused, cloudally }) => {
    assert.equal((await ask('get-partner')).status, 200);
    cloudally.pass(3_600_000);
    assert.match(await refused(401, 'get-partner'), /authentication is required/);
    assert.equal(cloudally.service.count(LOGIN), 0);
  },
  { edit: withKey },
);

test('no secret stands in what the commands print, nor in the log of what they serve', async (t) => {
  const cloudally = await startCloudAlly(t);
  const key = cloudally.createKey();
  const all = { ...ENVIRONMENT, CLOUDALLY_API_KEY: key };
  const lines = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
  const folder = await folderOf(t, { '.env': lines.join('') });
  const env = ['--env-file', path.join(folder, '.env')];
  const uris = Object.entries(urisOf(cloudally)).flatMap((entry) => [
    '--base-uri',
    entry.join('='),
  ]);
  const inspected = await naftiko(['inspect', ...FILES, ...env]);
  const dry = await naftiko([
    'call',
    FILE,
    'create-restore',
    '--arg',
    'body={}',
    '--dry-run',
    ...env,
  ]);
  assert.match(dry.out, /\{session\.token\}/);
  const own = ['--base-uri', `cloudally=${cloudally.service.origin}`];
  const called = await naftiko(['call', FILE, 'get-partner', ...env, ...own]);
  assert.match(called.out, /Ada Backups/, called.err);
  const run = await startRun(t, [...FILES, ...env, ...uris, '--log-level', 'debug']);
  assert.equal((await fetch(`${run.rest}/v1/v1/partners`)).status, 200);
  cloudally.rules.clientSecret = 'another';
  cloudally.forgetKeys();
  assert.equal((await fetch(`${run.rest}/v1/v1/partners`)).status, 502);
  const printed = { inspect: inspected, 'a dry run': dry, 'a call': called };
  assertNoLeak([...SECRETS, ...cloudally.seen.given], {
    ...Object.fromEntries(Object.entries(printed).map(([name, { out, err }]) => [name, out + err])),
    'what is served': run.err() + run.out(),
  });
});

test('the table of the docs is what these stories did', () => checkTable('cloudally.md', ledger));
