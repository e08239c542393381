import assert from 'node:assert/strict';
import { OWNER } from '../../src/sandbox/cloudillo.ts';
import { fields, LOGIN, overBothFaces, refuses } from './cloudillo-scene.ts';

const BOB = { idTag: 'bob@example.com', password: 'first secret', name: 'Bob' };

overBothFaces(
  'a whole life',
  { mode: 'documents', commands: true, ...BOB },
  async (actor, { cloudillo }) => {
    const registered = fields(await actor.call('register', BOB));
    assert.equal(registered.idTag, BOB.idTag);
    await refuses(actor.call('register', BOB), 409);
    await refuses(actor.call('login', { idTag: BOB.idTag, password: BOB.password }), 403);
    const { code = '' } = cloudillo.account(BOB.idTag);
    await refuses(actor.call('verify-registration', { idTag: BOB.idTag, code: '000000' }), 400);
    const verified = await actor.call('verify-registration', { idTag: BOB.idTag, code });
    assert.equal(fields(verified).verified, true);
    assert.match(String(verified.meta.reqId), /^req_/);
    assert.ok(Number(verified.meta.time) > 1_700_000_000, 'seconds, as the older document has it');

    const login = fields(await actor.call('login', { idTag: BOB.idTag, password: BOB.password }));
    assert.deepEqual(login.settings, [
      ['theme', 'dark'],
      ['lang', 'en'],
    ]);
    assert.deepEqual((await actor.call('list-api-keys')).value, []);
    const logins = cloudillo.api.count(LOGIN);
    cloudillo.pass(4000);
    assert.deepEqual((await actor.call('list-api-keys')).value, [], 'renewed unnoticed');
    assert.equal(cloudillo.api.count(LOGIN), logins + 1);

    const next = { newPassword: 'second secret' };
    await refuses(actor.call('change-password', { body: { oldPassword: 'wrong', ...next } }), 403);
    const changed = await actor.call('change-password', {
      body: { oldPassword: BOB.password, ...next },
    });
    assert.deepEqual(changed.value, { success: true });
    assert.deepEqual((await actor.call('list-api-keys')).value, [], 'the session lasts');
    cloudillo.forgetTokens();
    await refuses(
      actor.call('list-api-keys'),
      502,
      /Logging in with cloudillo-api.login failed.* 403/,
    );
    await refuses(actor.call('logout'), 403);
    await refuses(actor.call('list-api-keys'), 502, /Logging in/);
    const again = { idTag: BOB.idTag, password: 'second secret' };
    assert.ok((await actor.call('login', again)).ok, 'the new password is good');
  },
);

overBothFaces('a whole life', { mode: 'real', commands: true }, async (actor, { cloudillo }) => {
  await refuses(actor.call('register', { idTag: 'a', password: 'b' }), 404);
  await refuses(actor.call('verify-registration', { idTag: 'a', code: 'b' }), 404);
  await refuses(actor.call('get-tenant-keys'), 404);
  await refuses(
    actor.call('login', { idTag: OWNER.idTag, password: 'wrong' }),
    403,
    /E-AUTH-NOPERM/,
  );
  const login = await actor.call('login', { idTag: OWNER.idTag, password: OWNER.password });
  assert.deepEqual(fields(login).settings, []);
  assert.match(String(login.meta.time), /^\d{4}-.*Z$/);
  assert.match(String(login.meta.reqId), /^[\da-f]{8}$/);
  assert.deepEqual((await actor.call('list-api-keys')).value, []);
  cloudillo.forgetTokens();
  assert.deepEqual((await actor.call('list-api-keys')).value, []);

  const passwords = { currentPassword: OWNER.password, newPassword: 'another secret' };
  await refuses(
    actor.call('change-password', { body: { ...passwords, newPassword: 'short' } }),
    400,
  );
  const changed = await actor.call('change-password', { body: passwords });
  assert.deepEqual([changed.ok, changed.value], [true, null]);
  assert.equal((await actor.call('logout')).value, null);
  await refuses(actor.call('list-api-keys'), 502, /UPSTREAM_LOGIN_FAILED|Logging in/);
  await refuses(actor.call('logout'), 403, /E-AUTH-NOPERM/);
  await refuses(actor.call('list-api-keys'), 502);
});
