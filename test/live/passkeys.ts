import assert from 'node:assert/strict';
import { createAuthenticator } from '../../src/sandbox/authenticator.ts';
import { claimsOf, type Fields, fieldsOf, given, type Journey, refused } from './journey.ts';

/** A passkey of an authenticator in software, made, used and deleted. */
export async function passkeys({ actor: { call }, idTag, step }: Journey): Promise<void> {
  const authenticator = createAuthenticator(idTag);
  const begin = async (operation: string): Promise<{ challenge: string; token: string }> => {
    const { options, token } = await fieldsOf(call(operation));
    return { challenge: String((options as Fields).challenge), token: String(token) };
  };
  const listed = async (): Promise<readonly Fields[]> =>
    (await given(call('list-passkeys'))) as readonly Fields[];
  const before = await step('list-passkeys', 'those of the account', listed);
  if (before?.length === 0) {
    await step('get-passkey-login-challenge', 'without any passkey: 404', () =>
      refused(call('get-passkey-login-challenge'), 404, /E-CORE-NOTFOUND/),
    );
  }
  const first = await step('get-passkey-registration-challenge', 'options and a token', () =>
    begin('get-passkey-registration-challenge'),
  );
  if (first === undefined) return;
  const { token } = first;
  const response = authenticator.register(first.challenge);
  const key_id = response.id;
  await step('register-passkey', 'a token that is not of the server is refused with 401', () =>
    refused(call('register-passkey', { body: { token: 'a.b.c', response } }), 401),
  );
  await step('register-passkey', 'with what an authenticator answered', async () => {
    const body = { token, response, description: 'naftiko' };
    const made = await fieldsOf(call('register-passkey', { body }));
    assert.deepEqual(made, { credentialId: key_id, description: 'naftiko' });
  });
  await step('list-passkeys', 'has it', async () => {
    assert.ok((await listed()).some(({ credentialId }) => credentialId === key_id));
  });
  const second = await step('get-passkey-login-challenge', 'options and a token', () =>
    begin('get-passkey-login-challenge'),
  );
  if (second !== undefined) {
    const forged = {
      ...createAuthenticator(idTag).logIn(second.challenge),
      id: key_id,
      rawId: key_id,
    };
    const answer = (signed: object) =>
      call('log-in-with-passkey', { body: { token: second.token, response: signed } });
    await step('log-in-with-passkey', 'the signature of another is refused with 403', () =>
      refused(answer(forged), 403, /E-AUTH-NOPERM/),
    );
    await step('log-in-with-passkey', 'its own logs in', async () => {
      const login = await fieldsOf(answer(authenticator.logIn(second.challenge)));
      assert.equal(login.idTag, idTag);
      claimsOf(login.token);
    });
  }
  await step('delete-passkey', 'and it is gone', async () => {
    assert.equal(await given(call('delete-passkey', { key_id })), null);
    assert.ok(!(await listed()).some(({ credentialId }) => credentialId === key_id));
  });
}
