import assert from 'node:assert/strict';
import { claimsOf, fieldsOf, type Journey, refused } from './journey.ts';

/** Logging in, and tokens for what one has already. */
export async function logins({ actor, idTag, password, step }: Journey): Promise<void> {
  const { call } = actor;
  const login = await step('log-in', 'the password gives a token', async () => {
    const reply = await call('login', { idTag, password });
    const fields = await fieldsOf(Promise.resolve(reply));
    assert.equal(fields.idTag, idTag);
    assert.deepEqual(fields.settings, []);
    const life = Number(claimsOf(fields.token).exp) - Date.now() / 1000;
    assert.ok(life > 0 && life <= 3601, `a life of ${life} s`);
    assert.match(String(reply.meta.time), /^\d{4}-\d\d-\d\dT/);
    assert.ok(reply.meta.reqId, 'the answer names itself');
    return fields;
  });
  await step('log-in', 'a wrong password is refused with 403', () =>
    refused(call('login', { idTag, password: `${password}!` }), 403, /E-AUTH-NOPERM/),
  );
  await step('log-in', 'a password that is missing is refused', () =>
    refused(call('login', { idTag }), 400, /password/),
  );
  await step('start-login', 'without a token: a QR login', async () => {
    const { status, qrLogin } = await fieldsOf(call('init-login'));
    assert.equal(status, 'unauthenticated');
    assert.ok((qrLogin as { secret?: string }).secret);
  });
  await step('start-login', 'with a token: a login', async () => {
    const token = String(login?.token);
    assert.equal(await statusWith(actor, token), 'authenticated');
  });
  await step('refresh-login-token', 'a fresh token of the session', async () => {
    const fresh = await fieldsOf(call('refresh-login-token'));
    assert.equal(fresh.idTag, idTag);
    claimsOf(fresh.token);
  });
  await step('get-access-token', 'for the session', async () => {
    const { token } = await fieldsOf(call('get-access-token'));
    assert.equal(claimsOf(token).iss, idTag);
  });
  await step('get-access-token', 'with a scope', async () => {
    const { token } = await fieldsOf(call('get-access-token', { scope: 'apkg:publish' }));
    assert.equal(claimsOf(token).scope, 'apkg:publish');
  });
  await step('get-access-token', 'what is no reference is refused with 400', () =>
    refused(call('get-access-token', { refId: 'no-such-reference' }), 400, /E-VAL-INVALID/),
  );
  await step('get-access-token', 'what is no API key is refused with 403', () =>
    refused(call('get-access-token', { apiKey: 'cl_no-such-key-at-all' }), 403, /E-AUTH-NOPERM/),
  );
  await step('get-access-token', 'for a token of a login: 500', () =>
    refused(call('get-access-token', { token: String(login?.token) }), 500, /E-CORE-PARSE/),
  );
  await step('get-proxy-token', 'for an identity that nobody has: 500', () =>
    refused(call('get-proxy-token', { idTag: 'nobody.invalid' }), 500, /E-NET-ERROR/),
  );
  await step('get-proxy-token', 'for the identity itself', async () => {
    const { token, roles } = await fieldsOf(call('get-proxy-token'));
    assert.equal(claimsOf(token).iss, idTag);
    assert.ok((roles as string[]).includes('leader'));
  });
}

/** What logging in begins with for who shows a credential. */
export async function statusWith(
  { face, call }: Journey['actor'],
  shown: string,
): Promise<unknown> {
  const inputs = face === 'REST' ? { 'X-Cloudillo-Token': shown } : { token: shown };
  return (await fieldsOf(call('init-login', inputs))).status;
}
