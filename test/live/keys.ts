import assert from 'node:assert/strict';
import { type Fields, fieldsOf, given, type Journey, refused } from './journey.ts';
import { statusWith } from './logins.ts';

/** An API key from its making to its end, in use in between. */
export async function keys({ actor, step }: Journey): Promise<void> {
  const { call } = actor;
  const name = `naftiko over ${actor.face}`;
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const made = await step('create-api-key', 'shows its secret', async () => {
    const reply = await call('create-api-key', { body: { name, expiresAt } });
    const fields = await fieldsOf(Promise.resolve(reply));
    if (actor.face === 'REST') assert.equal(reply.status, 201);
    assert.match(String(fields.plaintextKey), /^cl_[\w-]{43}$/);
    assert.equal(fields.keyPrefix, String(fields.plaintextKey).slice(0, 11));
    assert.deepEqual([fields.name, fields.expiresAt], [name, expiresAt]);
    return fields;
  });
  const key_id = String(made?.keyId);
  const secret = String(made?.plaintextKey);
  await step('list-api-keys', 'has it, and never its secret', async () => {
    const listed = (await given(call('list-api-keys'))) as readonly Fields[];
    assert.equal(listed.find(({ keyId }) => keyId === made?.keyId)?.name, name);
    assert.ok(!JSON.stringify(listed).includes(secret));
  });
  await step('get-api-key', 'has it, and never its secret', async () => {
    const found = await fieldsOf(call('get-api-key', { key_id }));
    assert.deepEqual([found.name, found.plaintextKey], [name, undefined]);
  });
  await step('get-api-key', 'an id that is no number is refused with 400 in plain text', () =>
    refused(call('get-api-key', { key_id: 'key_abc123' }), 400, /Cannot parse/),
  );
  await step('start-login', 'the key is good for a login', async () => {
    assert.equal(await statusWith(actor, secret), 'authenticated');
  });
  await step('get-access-token', 'the key is good for a token', async () => {
    const { token } = await fieldsOf(call('get-access-token', { apiKey: secret }));
    assert.equal(typeof token, 'string');
  });
  await step('get-api-key', 'says when it was used', async () => {
    assert.ok(Number((await fieldsOf(call('get-api-key', { key_id }))).lastUsedAt) > 0);
  });
  await step('update-api-key', 'what is left out is gone', async () => {
    const body = { name: `${name}, renamed`, scopes: 'carddav:read' };
    const changed = await fieldsOf(call('update-api-key', { key_id, body }));
    assert.deepEqual(
      [changed.name, changed.scopes, changed.expiresAt],
      [body.name, body.scopes, undefined],
    );
  });
  await step('start-login', 'a key with scopes is good for no login', async () => {
    assert.equal(await statusWith(actor, secret), 'unauthenticated');
  });
  await step('create-api-key', 'a time that is no number is refused with 422', () =>
    refused(call('create-api-key', { body: { expiresAt: '2030-01-01T00:00:00Z' } }), 422),
  );
  await step('delete-api-key', 'once, and then 404', async () => {
    assert.equal(await given(call('delete-api-key', { key_id })), null);
    await refused(call('delete-api-key', { key_id }), 404, /E-CORE-NOTFOUND/);
  });
  await step('get-access-token', 'the key that was deleted is good for nothing', () =>
    refused(call('get-access-token', { apiKey: secret }), 403, /E-AUTH-NOPERM/),
  );
  await step('log-out', 'deletes the key that is given; the next call logs in again', async () => {
    const other = await fieldsOf(call('create-api-key', { body: { name } }));
    const body = { apiKey: String(other.plaintextKey) };
    assert.equal(await given(call('logout', { body })), null);
    await refused(call('get-api-key', { key_id: String(other.keyId) }), 404);
  });
}
