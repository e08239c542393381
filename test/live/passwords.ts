import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fieldsOf, given, type Journey, refused } from './journey.ts';

/** Passwords are changed and changed back, so that the account is left as it was found. */
export async function passwords(journey: Journey): Promise<void> {
  const { actor, idTag, password, reference, step } = journey;
  const { call } = actor;
  const next = `n-${randomBytes(12).toString('base64url')}`;
  const change = (currentPassword: string, newPassword: string) =>
    call('change-password', { body: { currentPassword, newPassword } });

  await step('change-password', 'one that is too short is refused with 400', () =>
    refused(change(password, 'short'), 400, /E-VAL-INVALID/),
  );
  await step('change-password', 'the same again is refused with 400', () =>
    refused(change(password, password), 400, /E-VAL-INVALID/),
  );
  await step('change-password', 'a wrong current one is refused with 403', () =>
    refused(change(`${password}!`, next), 403, /E-AUTH-NOPERM/),
  );
  await step('change-password', 'without the current one: 422 in plain text', () =>
    refused(call('change-password', { body: { newPassword: next } }), 422, /currentPassword/),
  );
  const changed = await step('change-password', 'to a new one', async () => {
    assert.equal(await given(change(password, next)), null);
    return true;
  });
  if (changed === true) {
    await step('log-in', 'the new one is good, the old one is not', async () => {
      await refused(call('login', { idTag, password }), 403);
      claim(await fieldsOf(call('login', { idTag, password: next })));
    });
    await step('change-password', 'and back: the session of the gateway went on', async () => {
      assert.equal(await given(change(next, password)), null);
    });
  }
  await step(
    'request-password-reset',
    'tells nobody whether there is such an account',
    async () => {
      const { message } = await fieldsOf(
        call('request-password-reset', { body: { email: 'nobody@example.invalid' } }),
      );
      assert.equal(typeof message, 'string');
    },
  );
  const set = (refId: string, newPassword: string) =>
    call('set-password', { body: { refId, newPassword } });
  if (reference !== undefined) {
    await step('set-password', 'with the reference of a mail', async () =>
      claim(await fieldsOf(set(reference, password))),
    );
  }
  await step('set-password', 'what is no reference, or none any more, is refused with 400', () =>
    refused(set(reference ?? 'no-such-reference', password), 400, /E-VAL-INVALID/),
  );
}

const claim = ({ token }: Readonly<Record<string, unknown>>): void =>
  assert.equal(typeof token, 'string');
