import assert from 'node:assert/strict';
import { createAuthenticator } from '../../src/sandbox/authenticator.ts';
import { OWNER } from '../../src/sandbox/cloudillo.ts';
import { fields, LOGIN, overBothFaces, refuses } from './cloudillo-scene.ts';

for (const mode of ['documents', 'real'] as const) {
  const isReal = mode === 'real';

  overBothFaces('a forgotten password', { mode }, async (actor, { cloudillo }) => {
    const who = isReal ? { email: cloudillo.owner.email } : { idTag: OWNER.idTag };
    const asked = fields(await actor.call('request-password-reset', { body: who }));
    assert.ok(isReal ? typeof asked.message === 'string' : asked.sent === true);
    const ref = cloudillo.mailed(OWNER.idTag);
    const body = (value: string) =>
      isReal
        ? { refId: value, newPassword: 'chosen after the mail' }
        : { token: value, password: 'chosen after the mail' };
    await refuses(actor.call('set-password', { body: body('no such') }), 400, /reference/);
    const set = fields(await actor.call('set-password', { body: body(ref) }));
    assert.ok(isReal ? typeof set.token === 'string' : set.success === true);
    await refuses(actor.call('set-password', { body: body(ref) }), 400);
    // Said before the operation hears of it, in plain text.
    await refuses(actor.call('set-password', { body: { refId: ref } }), 422, /missing field/);
  });

  overBothFaces('tokens of many kinds', { mode }, async (actor, { cloudillo }) => {
    const fresh = fields(await actor.call('refresh-login-token'));
    assert.equal(typeof fresh.token, 'string');
    const token = String(fresh.token);
    const scope = { scope: 'apkg:publish' };
    const shownToken = isReal ? scope : { token, ...scope };
    const access = fields(await actor.call('get-access-token', shownToken));
    assert.equal(claimsOf(access.token).scope, 'apkg:publish');
    // The server exchanges tokens of other servers, and none that somebody logged in with.
    const asked = () => cloudillo.api.count('GET /api/auth/access-token');
    if (!isReal) {
      await refuses(actor.call('get-access-token', { apiKey: 'cl_none' }), 401, /E-AUTH-UNAUTH/);
      assert.equal(asked(), 3, 'what is refused with 401 is asked once more, and no more');
    } else {
      await refuses(actor.call('get-access-token', { token }), 500, /E-CORE-PARSE/);
      assert.equal(asked(), 2);
      await refuses(actor.call('get-access-token', { apiKey: 'cl_none' }), 403, /E-AUTH-NOPERM/);
      await refuses(actor.call('get-access-token', { refId: 'none' }), 400, /share link/);
    }
    const target = isReal ? { idTag: 'carol.example.com' } : { target: 'carol.example.com' };
    const proxy = fields(await actor.call('get-proxy-token', target));
    const { aud, iss } = claimsOf(proxy.token);
    assert.equal(isReal ? iss : aud, 'carol.example.com');
    const shown = actor.face === 'REST' ? { 'X-Cloudillo-Token': token } : { token };
    const known = fields(await actor.call('init-login', shown));
    assert.equal(known.status, 'authenticated');
    const unknown = fields(await actor.call('init-login'));
    assert.equal(unknown.status, 'unauthenticated');
    assert.ok(unknown.qrLogin);
  });

  overBothFaces('API keys', { mode }, async (actor, { cloudillo }) => {
    const expiresAt = isReal ? 1_900_000_000 : '2030-01-01T12:00:00Z';
    const scope = isReal ? 'scopes' : 'scope';
    const body = { name: 'CI/CD Pipeline', [scope]: 'apkg:publish', expiresAt };
    const made = await actor.call('create-api-key', { body });
    const { keyId, plaintextKey, key, ...rest } = fields(made);
    if (actor.face === 'REST') assert.equal(made.status, isReal ? 201 : 200);
    assert.match(String(isReal ? plaintextKey : key), isReal ? /^cl_[\w-]{43}$/ : /^ck_live_/);
    assert.deepEqual(
      [rest.name, rest[scope], rest.expiresAt],
      [body.name, 'apkg:publish', expiresAt],
    );
    const listed = (await actor.call('list-api-keys')).value as readonly object[];
    assert.equal(listed.length, 1);
    assert.ok(!JSON.stringify(listed).includes(String(plaintextKey ?? key)), 'shown once');
    const key_id = String(keyId);
    assert.equal(fields(await actor.call('get-api-key', { key_id })).name, body.name);
    const renamed = fields(
      await actor.call('update-api-key', { key_id, body: { name: 'Production' } }),
    );
    assert.equal(renamed.name, 'Production');
    assert.equal(renamed[scope] ?? null, isReal ? null : 'apkg:publish');
    if (isReal) await refuses(actor.call('get-api-key', { key_id: 'key_1' }), 400, /Cannot parse/);
    const dead = await actor.call('delete-api-key', { key_id });
    assert.equal(dead.value, isReal ? null : 'ok');
    await refuses(actor.call('delete-api-key', { key_id }), 404, /E-CORE-NOTFOUND/);
    const other = fields(await actor.call('create-api-key', { body: { name: 'leaving' } }));
    const apiKey = String(other.plaintextKey ?? other.key);
    assert.ok((await actor.call('logout', { body: { apiKey } })).ok);
    assert.deepEqual(cloudillo.owner.keys, []);
    if (!isReal) return;
    // A key is as good as a login, until somebody limits what it is good for.
    const whole = fields(await actor.call('create-api-key', { body: { name: 'all' } }));
    const limited = fields(
      await actor.call('create-api-key', { body: { name: 'some', scopes: 'read:files' } }),
    );
    const statusWith = async (key: unknown) => {
      const shown = String(key);
      const input = actor.face === 'REST' ? { 'X-Cloudillo-Token': shown } : { token: shown };
      return fields(await actor.call('init-login', input)).status;
    };
    assert.equal(await statusWith(whole.plaintextKey), 'authenticated');
    assert.equal(await statusWith(limited.plaintextKey), 'unauthenticated');
    const names = (await actor.call('list-api-keys')).value as readonly { name: string }[];
    assert.deepEqual(
      names.map(({ name }) => name),
      ['some', 'all'],
    );
  });

  overBothFaces('passkeys', { mode }, async (actor) => {
    const authenticator = createAuthenticator(OWNER.idTag);
    const begin = async (operation: string) => {
      const begun = fields(await actor.call(operation)) as {
        readonly challenge: string;
        readonly options: { readonly challenge: string };
        readonly token: string;
      };
      return isReal
        ? { challenge: begun.options.challenge, token: begun.token }
        : { challenge: begun.challenge, token: undefined };
    };
    const answer = (
      { token }: { token: string | undefined },
      credential: object,
      label?: string,
    ) =>
      isReal ? { token, response: credential, description: label } : { credential, name: label };
    if (isReal) await refuses(actor.call('get-passkey-login-challenge'), 404);
    const first = await begin('get-passkey-registration-challenge');
    const body = answer(first, authenticator.register(first.challenge), 'MacBook Touch ID');
    const made = fields(await actor.call('register-passkey', { body }));
    // The documents' challenge is good once; the server has the passkey already.
    await refuses(actor.call('register-passkey', { body }), isReal ? 500 : 400);
    const listed = (await actor.call('list-passkeys')).value as readonly Record<string, unknown>[];
    assert.deepEqual(
      listed.map((each) => each.description ?? each.name),
      ['MacBook Touch ID'],
    );

    const second = await begin('get-passkey-login-challenge');
    const signed = answer(second, authenticator.logIn(second.challenge));
    assert.equal(
      fields(await actor.call('log-in-with-passkey', { body: signed })).idTag,
      OWNER.idTag,
    );
    const third = await begin('get-passkey-login-challenge');
    const forged = answer(third, createAuthenticator(OWNER.idTag).logIn(third.challenge));
    await refuses(actor.call('log-in-with-passkey', { body: forged }), 403);

    if (isReal) {
      const spoiled = { ...forged, token: `${third.token}x` };
      await refuses(actor.call('log-in-with-passkey', { body: spoiled }), 401, /E-AUTH-UNAUTH/);
    }

    const key_id = String(made.credentialId ?? made.keyId);
    assert.equal((await actor.call('delete-passkey', { key_id })).value, isReal ? null : 'ok');
    assert.deepEqual((await actor.call('list-passkeys')).value, []);
  });

  overBothFaces('profiles and keys that are public', { mode }, async (actor, { cloudillo }) => {
    assert.equal(fields(await actor.call('get-tenant-profile')).name, OWNER.name);
    assert.equal(cloudillo.api.count(LOGIN), 0, 'nobody logs in to see what is public');
    if (!isReal) assert.ok(fields(await actor.call('get-tenant-keys')).publicKey);
    const full = fields(await actor.call('get-full-tenant-profile'));
    assert.ok(isReal ? full.x : full.serverInfo);
    const vapid = fields(await actor.call('get-vapid-key'));
    assert.deepEqual(vapid, { publicKey: isReal ? 'BNxwfD-real' : 'BNxwfD-documented' });
    const resolved = fields(await actor.call('resolve-id-tag', { idTag: OWNER.idTag }));
    assert.equal(resolved.idTag, OWNER.idTag);
    assert.equal(cloudillo.app.calls.at(-1)?.headers.authorization, undefined, 'another host');
  });
}

function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  const [, claims = ''] = String(token).split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}
