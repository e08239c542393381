import assert from 'node:assert/strict';
import test from 'node:test';
import { OWNER, startCloudillo } from '../../src/sandbox/cloudillo.ts';
import { bounded, until } from '../support/http.ts';
import type { Actor } from './actor.ts';
import './cloudillo-life.test.ts';
import './cloudillo-operations.test.ts';
import './cloudillo-qr.test.ts';
import {
  FILE,
  fields,
  LOGIN,
  ledger,
  nothingLeaked,
  RENEWAL,
  refuses,
  scene,
} from './cloudillo-scene.ts';
import { assertNoLeak } from './leaks.ts';
import { checkTable } from './ledger.ts';
import { setStage } from './serve.ts';

test('Cloudillo: two hundred callers at once log in once', bounded, async (t) => {
  const given = await scene(t, 'two hundred callers at once');
  const { actors, cloudillo } = given;
  const calls = Array.from({ length: 200 }, (_, at) =>
    (actors[at % 2] as Actor).call('list-api-keys'),
  );
  for (const reply of await Promise.all(calls)) assert.deepEqual(reply.value, []);
  assert.equal(cloudillo.api.count(LOGIN), 1);
  cloudillo.forgetTokens();
  const more = Array.from({ length: 200 }, (_, at) =>
    (actors[at % 2] as Actor).call('list-passkeys'),
  );
  for (const reply of await Promise.all(more)) assert.deepEqual(reply.value, []);
  assert.equal(cloudillo.api.count(LOGIN), 2, 'and once more when all are refused at once');
  await nothingLeaked(given);
});

test('Cloudillo: tokens of a second end under callers who notice nothing', bounded, async (t) => {
  const given = await scene(t, 'tokens that end', { tokenLife: 1 });
  const { actors, cloudillo } = given;
  const { api } = cloudillo;
  while (api.count(LOGIN) + api.count(RENEWAL) < 4) {
    for (const actor of actors) assert.deepEqual((await actor.call('list-api-keys')).value, []);
  }
  await nothingLeaked(given);
});

test('Cloudillo: the server restarts in the middle', bounded, async (t) => {
  const given = await scene(t, 'a restart of the server');
  const { actors, cloudillo } = given;
  const { sessionId: session_id, secret } = fields(await actors[0].call('init-qr-login')) as Record<
    string,
    string
  >;
  const polling = actors.map((actor) =>
    actor.call('poll-qr-login', { session_id, 'x-qr-secret': secret, timeout: 30 }),
  );
  await until(() => cloudillo.api.count('GET /api/auth/qr-login/{session_id}/status') === 2);
  for (const actor of actors) assert.deepEqual((await actor.call('list-api-keys')).value, []);
  await cloudillo.api.stop();
  for (const poll of polling) await refuses(poll, 502);
  for (const actor of actors)
    await refuses(actor.call('list-api-keys'), 502, /refused the connection/);
  await cloudillo.restart();
  cloudillo.forgetTokens();
  for (const actor of actors) assert.deepEqual((await actor.call('list-api-keys')).value, []);
  await refuses(
    actors[0].call('poll-qr-login', { session_id, 'x-qr-secret': secret, timeout: 0 }),
    404,
  );
  assert.equal(cloudillo.api.count(LOGIN), 2);
  assert.equal(
    cloudillo.api.count('GET /api/auth/qr-login/{session_id}/status'),
    3,
    'no poll was sent twice',
  );
  await nothingLeaked(given);
});

test('Cloudillo: a caller is told when to come back', bounded, async (t) => {
  const given = await scene(t, 'too many logins', { authLimit: 1 });
  const [rest, tools] = given.actors;
  assert.deepEqual(
    (await rest.call('list-api-keys')).value,
    [],
    'the login of the gateway was the one',
  );
  await refuses(rest.call('init-qr-login'), 429, /"retryAfter":60/);
  await refuses(tools.call('init-qr-login'), 429, /Retry-After: 60/);
  await nothingLeaked(given);
});

test('Cloudillo: a token of your own takes the place of the login', bounded, async (t) => {
  const cloudillo = await startCloudillo(t, {});
  const key = {
    id: 1,
    name: 'mine',
    scope: undefined,
    expiresAt: undefined,
    createdAt: 0,
    lastUsedAt: undefined,
  };
  cloudillo.owner.keys.push({ ...key, secret: 'cl_of-my-own-0123456789' });
  const { actors, said } = await setStage(t, {
    file: FILE,
    story: 'a token of your own',
    ledger,
    environment: { CLOUDILLO_ID_TAG: OWNER.idTag, CLOUDILLO_TOKEN: 'cl_of-my-own-0123456789' },
    baseUris: { 'cloudillo-api': cloudillo.api.origin, 'cloudillo-app': cloudillo.app.origin },
    edit: (text) =>
      text
        .replace(
          /\n {6}authentication:\n(?: {8}.*\n)+/,
          "\n      authentication: { type: bearer, token: '{{CLOUDILLO_TOKEN}}' }\n",
        )
        .replaceAll('CLOUDILLO_PASSWORD: CLOUDILLO_PASSWORD', 'CLOUDILLO_TOKEN: CLOUDILLO_TOKEN'),
  });
  for (const actor of actors) {
    assert.equal(((await actor.call('list-api-keys')).value as readonly unknown[]).length, 1);
  }
  assert.equal(cloudillo.api.count(LOGIN), 0);
  assertNoLeak(['cl_of-my-own-0123456789'], await said());
});

test('Cloudillo: every operation was shown over both faces, and the page says by what', () =>
  checkTable('cloudillo.md', ledger));
