import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CallContext, Subject } from '../../src/mcp/conversation.ts';
import { createRounds } from '../../src/mcp/state.ts';
import type { Asking } from '../../src/plan/dialogue.ts';
import { sendRaw } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { startUpstream } from '../support/upstream.ts';
import { ASKING, SHOP } from './ask-capability.ts';

const KEY = 'a secret of more than 32 characters';
const SUBJECT: Subject = {
  server: 'shop',
  method: 'tools/call',
  name: 'order',
  args: { item: 'lamp', more: { b: 1, a: [1, 2] } },
};
const ASKED: Asking = {
  kind: 'ask',
  questions: { user: { method: 'roots/list', params: {} } },
  earlier: { hold: { id: 'H1' }, release: undefined },
};

const context = (more: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  client: { elicitation: true, elicitationUrl: false, sampling: true, roots: false },
  principal: 'ada',
  ...more,
});

test('a state is read by who it was given to, for the call it was given for', () => {
  const rounds = createRounds();
  const { requestState: state } = rounds.seal(SUBJECT, ASKED, context());
  assert.doesNotMatch(Buffer.from(state, 'base64url').toString('latin1'), /H1|hold|ada/);
  const turned = { ...SUBJECT, args: { more: { a: [1, 2], b: 1 }, item: 'lamp' } };
  const answers = { user: { roots: [] }, other: 1 };
  const dialogue = rounds.open(turned, context({ state, answers }));
  assert.deepEqual({ ...dialogue.answers }, { user: { roots: [] } });
  assert.deepEqual({ ...dialogue.earlier }, { hold: { id: 'H1' }, release: undefined });
  assert.ok('release' in dialogue.earlier);
  const kinds = ['elicitation', 'elicitation.url', 'sampling', 'roots'] as const;
  assert.deepEqual(kinds.map(dialogue.can), [true, false, true, false]);

  const foreign: readonly (readonly [Subject, CallContext])[] = [
    [SUBJECT, context({ state, principal: 'bob' })],
    [SUBJECT, { ...context({ state }), principal: '' }],
    [{ ...SUBJECT, server: 'other' }, context({ state })],
    [{ ...SUBJECT, name: 'cancel' }, context({ state })],
    [{ ...SUBJECT, method: 'prompts/get' }, context({ state })],
    [{ ...SUBJECT, args: { item: 'lamps' } }, context({ state })],
    [SUBJECT, context({ state: `${state}-TAMPERED` })],
    [SUBJECT, context({ state: `${state}=` })],
    [SUBJECT, context({ state: '' })],
    [SUBJECT, context({ state: 'x'.repeat(2_000_000) })],
  ];
  for (const [subject, given] of foreign) {
    assert.throws(() => rounds.open(subject, given), { code: -32602, message: /not one that was/ });
  }
  for (let at = 0; at < state.length; at += 1) {
    const other = state[at] === 'A' ? 'B' : 'A';
    const changed = state.slice(0, at) + other + state.slice(at + 1);
    assert.throws(() => rounds.open(SUBJECT, context({ state: changed })), { code: -32602 });
  }
});

test('answers count for nothing without the state of their questions', () => {
  const dialogue = createRounds().open(SUBJECT, context({ answers: { user: { roots: [] } } }));
  assert.deepEqual({ ...dialogue.answers }, {});
});

test('gateways of one key read what the others sealed, and none else does', () => {
  const { requestState: state } = createRounds({ key: KEY }).seal(SUBJECT, ASKED, context());
  const other = createRounds({ key: KEY }).open(SUBJECT, context({ state }));
  assert.deepEqual(other.earlier.hold, { id: 'H1' });
  for (const rounds of [createRounds(), createRounds({ key: `${KEY}.` })]) {
    assert.throws(() => rounds.open(SUBJECT, context({ state })), { code: -32602 });
  }
});

test('a state lasts ten minutes', () => {
  let now = 0;
  const rounds = createRounds({ now: () => now });
  const { requestState: state } = rounds.seal(SUBJECT, ASKED, context());
  now = 10 * 60_000;
  assert.deepEqual(rounds.open(SUBJECT, context({ state })).earlier.hold, { id: 'H1' });
  now += 1;
  assert.throws(() => rounds.open(SUBJECT, context({ state })), {
    code: -32602,
    message: /expired: answers are awaited for 10 minutes/,
  });
});

test('nobody is asked for ever, and nothing grows without bounds', () => {
  const rounds = createRounds();
  let given = context();
  for (let round = 1; round <= 20; round += 1) {
    given = context({ state: rounds.seal(SUBJECT, ASKED, given).requestState });
  }
  assert.throws(() => rounds.seal(SUBJECT, ASKED, given), {
    code: 'ASK_UNANSWERED',
    message: /asked 20 times.*for user\./,
  });
  const earlier = { hold: 'x'.repeat(1024 * 1024) };
  assert.throws(() => rounds.seal(SUBJECT, { ...ASKED, earlier }, context()), {
    code: 'UPSTREAM_TOO_LARGE',
    message: /at most 1048576 can be kept while the client is asked/,
  });
});

async function serve(t: TestContext, keys: readonly (string | undefined)[]) {
  const api = await startUpstream(t, SHOP);
  const urls: string[] = [];
  for (const key of keys) {
    const environment = key === undefined ? {} : { NAFTIKO_STATE_KEY: key };
    const { mcp } = await startGateway(t, ASKING, { upstream: api.origin, environment });
    urls.push(mcp);
  }
  return { urls, api };
}

interface Round {
  readonly requestState?: string;
  readonly inputResponses?: object;
  readonly arguments?: object;
}

async function call(url: string, name: string, round: Round, capabilities: object = {}) {
  const declared = {
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, ...capabilities },
  };
  const body = modern('tools/call', { name, ...round }, 1, declared);
  const { status, text } = await sendRaw(url, body, modernHeaders('tools/call', name));
  return { status, ...JSON.parse(text) };
}

const accepted = (name: unknown): object => ({ action: 'accept', content: { name } });

test('the rounds of a call go to gateways of one key in turn', async (t) => {
  const { urls, api } = await serve(t, [KEY, KEY]);
  const [one = '', two = ''] = urls;
  const args = { arguments: { item: 'lamp' } };
  const first = await call(one, 'order', args);
  assert.equal(first.result.resultType, 'input_required');
  assert.deepEqual(Object.keys(first.result.inputRequests), ['buyer']);
  const { requestState } = first.result;
  const again = await call(two, 'order', { ...args, requestState });
  assert.deepEqual(Object.keys(again.result.inputRequests), ['buyer']);
  assert.notEqual(again.result.requestState, requestState);
  const second = await call(two, 'order', {
    ...args,
    requestState,
    // The second is not asked for yet, and the third never.
    inputResponses: { buyer: accepted('Ada'), to: accepted('Rome'), x: 1 },
  });
  assert.deepEqual(Object.keys(second.result.inputRequests), ['to']);
  assert.equal(second.result.inputRequests.to.params.message, 'Where to, Ada?');
  const third = await call(one, 'order', {
    ...args,
    requestState: second.result.requestState,
    inputResponses: { to: accepted('Rome') },
  });
  assert.equal(third.result.structuredContent['to-name'], 'Rome');
  assert.deepEqual(
    api.requests.map(({ method, url }) => `${method} ${url}`),
    ['POST /holds', 'DELETE /holds', 'POST /orders'],
  );
});

test('on the wire a state that is not of the call is -32602', async (t) => {
  const { urls, api } = await serve(t, [undefined, undefined]);
  const [one = '', two = ''] = urls;
  const { result } = await call(one, 'greet', {});
  const { requestState } = result;
  const inputResponses = { user: accepted('Ada') };
  for (const [url, name, state] of [
    [one, 'greet', `${requestState}-TAMPERED`],
    [one, 'agree', requestState],
    [two, 'greet', requestState],
  ] as const) {
    const { error } = await call(url, name, { requestState: state, inputResponses });
    assert.equal(error.code, -32602, name);
  }
  assert.equal(api.requests.length, 0);
  const whole = await call(one, 'greet', { requestState, inputResponses });
  assert.deepEqual(whole.result.structuredContent, { 'user-name': 'Ada' });
});

test('an answer that does not fit is asked for again', async (t) => {
  const { urls } = await serve(t, [undefined]);
  const [url = ''] = urls;
  for (const wrong of [
    undefined,
    null,
    'Ada',
    {},
    { action: 'accept' },
    accepted(7),
    accepted('x'),
    { action: 'perhaps', content: { name: 'Ada' } },
  ]) {
    const { result: first } = await call(url, 'greet', {});
    const { requestState } = first;
    const round = await call(url, 'greet', { requestState, inputResponses: { user: wrong } });
    if (round.error !== undefined) {
      // What the protocol itself refuses does not come as far as us.
      assert.equal(round.error.code, -32602);
      continue;
    }
    assert.deepEqual(Object.keys(round.result.inputRequests), ['user'], JSON.stringify(wrong));
  }
});

test('a client of the new era hears which capabilities it lacks, all at once', async (t) => {
  const { urls, api } = await serve(t, [undefined]);
  const [url = ''] = urls;
  const { status, error } = await call(url, 'at-once', {});
  assert.deepEqual([status, error.code], [400, -32021]);
  assert.deepEqual(error.data, { requiredCapabilities: { sampling: {}, roots: {} } });
  assert.equal(api.requests.length, 0);
  const page = await call(url, 'page', { arguments: { id: '1' } });
  assert.deepEqual(page.error.data, { requiredCapabilities: { elicitation: { url: {} } } });
  const { result } = await call(url, 'perhaps', {});
  assert.deepEqual(Object.keys(result.inputRequests), ['user']);
});

test('a key that could be guessed stops the start', async (t) => {
  await assert.rejects(startGateway(t, ASKING, { stateKey: 'short' }), {
    name: 'OptionError',
    message: /--state-key has 5 characters, and less than 32 can be guessed/,
  });
  const environment = { NAFTIKO_STATE_KEY: 'short too' };
  await assert.rejects(startGateway(t, ASKING, { environment }), /NAFTIKO_STATE_KEY has 9/);
});
