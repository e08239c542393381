import assert from 'node:assert/strict';
import { fieldsOf, type Journey, refused } from './journey.ts';

/** What is known of the identity of a server, and what only the older document has. */
export async function profiles({ actor: { call }, idTag, step }: Journey): Promise<void> {
  await step('get-tenant-profile', 'the profile, with its keys', async () => {
    const profile = await fieldsOf(call('get-tenant-profile'));
    assert.equal(profile.idTag, idTag);
    assert.match(String(profile.type), /^(person|community)$/);
    assert.ok(Array.isArray(profile.keys));
  });
  await step('get-full-tenant-profile', 'the whole profile', async () => {
    assert.equal((await fieldsOf(call('get-full-tenant-profile'))).idTag, idTag);
  });
  await step('get-vapid-key', 'a key, called publicKey', async () => {
    assert.equal(typeof (await fieldsOf(call('get-vapid-key'))).publicKey, 'string');
  });
  await step('resolve-id-tag', 'the host of the app belongs to the identity', async () => {
    assert.deepEqual(await fieldsOf(call('resolve-id-tag', { idTag })), { idTag });
  });
  await step('get-tenant-keys', 'not on this server: 404', () =>
    refused(call('get-tenant-keys'), 404, /E-CORE-NOTFOUND/),
  );
  const who = { idTag: 'nobody.invalid', password: 'no password of anybody' };
  await step('register-account', 'not on this server: 404', () =>
    refused(call('register', who), 404, /E-CORE-NOTFOUND/),
  );
  await step('verify-registration', 'not on this server: 404', () =>
    refused(call('verify-registration', { idTag: who.idTag, code: '1' }), 404, /E-CORE-NOTFOUND/),
  );
}
