import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import type { InputPlan } from '../../src/plan/plan.ts';
import { acceptInputs } from '../../src/runtime/input.ts';

const input = (name: string, extra: Partial<InputPlan> = {}): InputPlan => ({
  name,
  key: name,
  type: 'any',
  required: false,
  schema: {},
  from: { in: 'query', name },
  passBytes: false,
  accept: (value) => value,
  ...extra,
});

const from = (given: Readonly<Record<string, unknown>>) => (plan: InputPlan) =>
  Object.hasOwn(given, plan.name) ? given[plan.name] : undefined;

test('absent inputs have no key; empty ones are values; a default fills in', () => {
  const values = acceptInputs(
    [
      input('absent'),
      input('zero'),
      input('no'),
      input('empty'),
      input('nothing'),
      input('filled', { default: 5 }),
      input('given', { default: 5 }),
      input('__proto__'),
    ],
    from(JSON.parse('{"zero":0,"no":false,"empty":"","nothing":null,"given":6,"__proto__":7}')),
  );
  assert.equal('toString' in values, false, 'no name is inherited');
  assert.deepEqual(Object.entries(values), [
    ['zero', 0],
    ['no', false],
    ['empty', ''],
    ['nothing', null],
    ['filled', 5],
    ['given', 6],
    ['__proto__', 7],
  ]);
});

test('a null leaves an optional input of a type out, and is a value of any other', () => {
  const taken = (extra: Partial<InputPlan>): object => ({
    ...acceptInputs([input('n', extra)], from({ n: null })),
  });
  assert.deepEqual(taken({ type: 'string' }), {});
  assert.deepEqual(taken({ type: 'object', default: {} }), { n: {} });
  assert.deepEqual(taken({ type: 'any' }), { n: null });
  assert.deepEqual(taken({ type: 'array', required: true }), { n: null });
});

test('every violation is named at once, in order, with the place of its input', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const inputs = [
    input('missing', { required: true }),
    input('wrong', {
      from: { in: 'body', name: 'wrong' },
      accept: (_, refuse) => {
        refuse('must be this');
        refuse('must be that');
        return undefined;
      },
    }),
    input('twice'),
    input('deep'),
    input('fine'),
    input('bytes', { passBytes: true }),
  ];
  const read = from({ wrong: 1, deep, fine: 1, bytes: deep });
  assert.throws(
    () =>
      acceptInputs(inputs, (plan, refuse) => {
        if (plan.name === 'twice') refuse('is given twice');
        return read(plan);
      }),
    (error) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.code, 'INPUT_INVALID');
      assert.deepEqual(error.details.violations, [
        { input: 'missing', in: 'query', message: 'is required and was not given' },
        { input: 'wrong', in: 'body', message: 'must be this' },
        { input: 'wrong', in: 'body', message: 'must be that' },
        { input: 'twice', in: 'query', message: 'is given twice' },
        { input: 'deep', in: 'query', message: 'is nested deeper than 200 levels' },
      ]);
      assert.match(error.message, /^missing is required .*; deep is nested .* levels\.$/);
      return true;
    },
  );
});
