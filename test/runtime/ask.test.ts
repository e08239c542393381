import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import { readJson } from '../../src/format/json.ts';
import type { Asking, AskStep, Dialogue, ProgressPoint } from '../../src/plan/dialogue.ts';
import type {
  CallStep,
  ChainLink,
  OperationPlan,
  UpstreamClient,
  UpstreamRequest,
} from '../../src/plan/plan.ts';
import { converse, execute } from '../../src/runtime/execute.ts';

function counting(fails: readonly string[] = []): UpstreamClient & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    async send(request) {
      const { path } = request as UpstreamRequest;
      sent.push(path);
      if (fails.includes(path)) throw new GatewayError('UPSTREAM_TIMEOUT', 'too slow');
      const empty = path === '/empty';
      return {
        status: empty ? 204 : 200,
        headers: [],
        body: Buffer.from(empty ? '' : JSON.stringify({ from: path })),
      };
    },
    close: async () => {},
  };
}

const call = (name: string): CallStep => ({
  kind: 'call',
  name,
  target: `api.${name}`,
  method: 'POST',
  pathTemplate: `/${name}`,
  baseUri: 'https://api.example',
  redirects: 0,
  setCookie: false,
  format: 'json',
  read: readJson,
  build: () => ({ origin: 'https://api.example', method: 'POST', path: `/${name}`, headers: [] }),
});

const ask = (name: string, more: Partial<AskStep> = {}): AskStep => ({
  kind: 'ask',
  name,
  capability: 'elicitation',
  optional: false,
  question: () => ({ method: 'elicitation/create', params: { message: `${name}?` } }),
  read: (answer) => (typeof answer === 'string' ? { value: answer } : { again: 'it is no text' }),
  ...more,
});

const operation = (...chain: readonly ChainLink[]): OperationPlan => ({
  id: 'op',
  inputs: [],
  steps: chain.flatMap(({ step }) => (step.kind === 'call' ? [step] : [])),
  chain,
  answer: { kind: 'project', project: ({ steps }) => ({ ...steps }) as never },
});

const dialogue = (more: Partial<Dialogue> = {}): Dialogue => ({
  can: () => true,
  answers: {},
  earlier: {},
  ...more,
});

const asks = (outcome: object): Asking => {
  assert.ok('questions' in outcome, JSON.stringify(outcome));
  return outcome as Asking;
};

test('all that can be asked is asked at once, while the others run to their end', async () => {
  const upstream = counting();
  const plan = operation(
    { step: call('before'), after: [] },
    { step: ask('one'), after: [0] },
    { step: ask('two'), after: [] },
    { step: call('empty'), after: [] },
    { step: ask('three'), after: [1] },
    { step: call('last'), after: [0, 1, 2, 3, 4] },
  );
  const points: ProgressPoint[] = [];
  const context = { upstream, hold: true, progress: (point: ProgressPoint) => points.push(point) };
  const first = asks(await converse(plan, {}, { ...context, dialogue: dialogue() }));
  assert.deepEqual(Object.keys(first.questions).sort(), ['one', 'two']);
  assert.deepEqual({ ...first.earlier }, { before: { from: '/before' }, empty: undefined });
  assert.deepEqual(upstream.sent.sort(), ['/before', '/empty']);

  const { earlier } = first;
  const answers = { one: 'a', two: 7 };
  const second = asks(
    await converse(plan, {}, { ...context, dialogue: dialogue({ answers, earlier }) }),
  );
  assert.deepEqual(
    second.questions.two?.params.message,
    'two?\n\nThe last answer did not fit: it is no text.',
  );
  assert.deepEqual(second.questions.three?.params.message, 'three?');
  assert.equal(upstream.sent.length, 2);

  const round = dialogue({ answers: { two: 'b', three: 'c' }, earlier: second.earlier });
  const done = await converse(plan, {}, { ...context, dialogue: round });
  assert.deepEqual('value' in done && done.value, {
    before: { from: '/before' },
    one: 'a',
    two: 'b',
    empty: undefined,
    three: 'c',
    last: { from: '/last' },
  });
  assert.deepEqual(upstream.sent.slice(2), ['/last']);
  assert.deepEqual(
    points.map(({ done, total }) => [done, total]),
    [0, 1, 2, 3, 4, 5, 6, 7].map((at) => [at, 7]),
  );
  const messages = points.map(({ message }) => message);
  assert.deepEqual(
    [messages[0], messages.at(-2), messages.at(-1)],
    ['started', 'last', 'completed'],
  );
});

test('a step that fails wins over what is asked', async () => {
  const upstream = counting(['/bad']);
  const plan = operation({ step: ask('one'), after: [] }, { step: call('bad'), after: [] });
  await assert.rejects(converse(plan, {}, { upstream, hold: true, dialogue: dialogue() }), {
    code: 'UPSTREAM_TIMEOUT',
    message: 'The step "bad" failed. too slow',
  });
});

test('nothing is done for a caller who cannot be asked what has to be asked', async () => {
  const upstream = counting();
  const first = { step: call('before'), after: [] };
  const plan = operation(first, { step: ask('one', { capability: 'roots' }), after: [0] });
  const can: Dialogue['can'] = (capability) => capability !== 'roots';
  const contexts = [
    { upstream, hold: true },
    { upstream, hold: true, dialogue: dialogue({ can }) },
  ];
  for (const context of contexts) {
    await assert.rejects(converse(plan, {}, context), {
      code: 'ASK_IMPOSSIBLE',
      message: /The step "one" asks for the roots of the client/,
      details: { step: 'one' },
    });
  }
  await assert.rejects(execute(plan, {}, { upstream, hold: true }), { code: 'ASK_IMPOSSIBLE' });
  assert.deepEqual(upstream.sent, []);

  const optional = operation(first, { step: ask('one', { optional: true }), after: [0] });
  const outcome = await execute(optional, {}, { upstream, hold: true });
  assert.deepEqual('value' in outcome && outcome.value, { before: { from: '/before' }, one: null });
});

test('a refusal ends the run, or is null where the step is optional', async () => {
  const upstream = counting();
  for (const refused of ['decline', 'cancel'] as const) {
    const read = () => ({ refused });
    const run = (optional: boolean) =>
      converse(
        operation(
          { step: ask('one', { read, optional }), after: [] },
          { step: call('next'), after: [0] },
        ),
        {},
        { upstream, hold: true, dialogue: dialogue({ answers: { one: {} } }) },
      );
    await assert.rejects(run(false), {
      code: 'ASK_REFUSED',
      message: refused === 'decline' ? /declined that the step "one" asks/ : /closed the question/,
    });
    assert.deepEqual(upstream.sent, []);
    const outcome = await run(true);
    assert.deepEqual('value' in outcome && outcome.value, { one: null, next: { from: '/next' } });
    upstream.sent.length = 0;
  }
});

test('a single call has three points', async () => {
  const points: unknown[] = [];
  const plan: OperationPlan = {
    id: 'op',
    inputs: [],
    steps: [call('one')],
    answer: { kind: 'identity' },
  };
  const progress = (point: ProgressPoint): void => void points.push(Object.values(point));
  await execute(plan, {}, { upstream: counting(), hold: true, progress });
  assert.deepEqual(points, [
    [0, 2, 'started'],
    [1, 2, 'one'],
    [2, 2, 'completed'],
  ]);
});
