// What every client sends, and what the mock upstream must say that it received.
import assert from 'node:assert/strict';

export const LOGIN = 'login-user';
export const LOGOUT = 'logout-user';

const BODY = { email: 'zoë@example.com', password: 'a "quoted" word' };

export function loginArguments(fingerprint) {
  return { body: BODY, 'seon-fp': fingerprint };
}

export function assertLogin(answer, fingerprint) {
  const { method, path, headers, body } = answer;
  assert.deepEqual(
    { method, path, body },
    { method: 'POST', path: '/v1/account/login', body: BODY },
  );
  assert.equal(headers['seon-fp'], fingerprint);
}

export function assertLogout({ method, path }) {
  assert.deepEqual({ method, path }, { method: 'DELETE', path: '/v1/account/logout' });
}

/** The value of a tool result; both of its forms must say the same. */
export function resultValue(result) {
  assert.ok(!result.isError, result.content?.[0]?.text);
  const value = JSON.parse(result.content[0].text);
  if (result.structuredContent) assert.deepEqual(result.structuredContent, value);
  return value;
}
