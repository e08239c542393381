import assert from 'node:assert/strict';
import { fieldsOf, type Journey, refused } from './journey.ts';

/** A QR login that is approved while somebody waits, and one that is denied. */
export async function qrLogins({ actor: { call }, idTag, step }: Journey): Promise<void> {
  const begin = (what: string) =>
    step('start-qr-login', what, async () => {
      const { sessionId, secret } = await fieldsOf(call('init-qr-login'));
      assert.ok(sessionId && secret);
      return { session_id: String(sessionId), 'x-qr-secret': String(secret) };
    });
  const login = await begin('an id and a secret');
  if (login === undefined) return;
  const { session_id } = login;
  await step('poll-qr-login', 'a wrong secret is refused with 404', () =>
    refused(call('poll-qr-login', { ...login, 'x-qr-secret': 'guessed', timeout: 0 }), 404),
  );
  await step('poll-qr-login', 'is pending after its timeout', async () => {
    const { status } = await fieldsOf(call('poll-qr-login', { ...login, timeout: 1 }));
    assert.equal(status, 'pending');
  });
  const poll = fieldsOf(call('poll-qr-login', { ...login, timeout: 30 }));
  poll.catch(() => {});
  await step('get-qr-login-details', 'who asks, from where', async () => {
    const details = await fieldsOf(call('get-qr-login-details', { session_id }));
    assert.ok(details.ipAddress && 'userAgent' in details, JSON.stringify(details));
  });
  await step('respond-qr-login', 'approves', async () => {
    const { status } = await fieldsOf(call('respond-qr-login', { session_id, approved: true }));
    assert.equal(status, 'approved');
  });
  await step('poll-qr-login', 'who waited is told at once, with the login', async () => {
    const { status, login: got } = await poll;
    assert.equal(status, 'approved');
    const { token, idTag: who } = got as { readonly token: string; readonly idTag: string };
    assert.deepEqual([who, token.split('.').length], [idTag, 3]);
  });
  await step('poll-qr-login', 'who asks again is told of no such login', () =>
    refused(call('poll-qr-login', { ...login, timeout: 0 }), 404),
  );

  const other = await begin('another');
  if (other === undefined) return;
  const denied = { session_id: other.session_id, approved: false };
  await step('respond-qr-login', 'denies, and never twice', async () => {
    assert.equal((await fieldsOf(call('respond-qr-login', denied))).status, 'denied');
    await refused(call('respond-qr-login', denied), 400, /E-VAL-INVALID/);
  });
  await step('poll-qr-login', 'is denied', async () => {
    assert.equal(
      (await fieldsOf(call('poll-qr-login', { ...other, timeout: 5 }))).status,
      'denied',
    );
  });
  await step('get-qr-login-details', 'of no such login: 404', () =>
    refused(call('get-qr-login-details', { session_id: 'none' }), 404, /E-CORE-NOTFOUND/),
  );
}
