import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../stories/actor.ts';
import type { Front } from './front.ts';
import { given, type Step } from './journey.ts';

const LOGIN = 'POST /api/auth/login';
const RENEWAL = 'GET /api/auth/login-token';
const KEYS = 'GET /api/auth/api-keys';
const CALLERS = 20;
/** A server says the same token twice within a second. */
const ANOTHER_TOKEN_MS = 1_100;

/** What a session is for: callers notice nothing of logins, and nothing of tokens that end. */
export async function session(
  { calls, count, endTokens }: Front,
  actors: readonly Actor[],
  step: Step,
): Promise<void> {
  const list = (at: number) => given((actors[at % actors.length] as Actor).call('list-api-keys'));
  const atOnce = () => Promise.all(Array.from({ length: CALLERS }, (_, at) => list(at)));

  const end = async (...but: readonly string[]): Promise<void> => {
    await sleep(ANOTHER_TOKEN_MS);
    endTokens(...but);
  };

  await step('session', `${CALLERS} callers at once log in once`, async () => {
    await atOnce();
    assert.deepEqual([count(LOGIN), count(RENEWAL)], [1, 0], calls.join(', '));
  });
  await step('session', 'a token that the server refuses is renewed with itself', async () => {
    await end(RENEWAL.slice('GET '.length));
    await list(0);
    assert.deepEqual([count(LOGIN), count(RENEWAL)], [1, 1]);
  });
  await step('session', 'one that is good for nothing any more, with the password', async () => {
    await end();
    await list(1);
    assert.deepEqual([count(LOGIN), count(RENEWAL)], [2, 2]);
  });
  await step('session', `${CALLERS} callers with such a token renew it once`, async () => {
    await end();
    await atOnce();
    assert.equal(count(LOGIN), 3);
  });
  await step('session', 'nobody asked more than twice', async () => {
    assert.ok(count(KEYS) <= 2 * (2 * CALLERS + 2), `${count(KEYS)} calls`);
  });
}
