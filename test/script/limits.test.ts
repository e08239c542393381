import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScriptLimits } from '../../src/script/plan.ts';
import { failureOf, javascript, startRunner } from './running.ts';

interface Offence {
  readonly name: string;
  readonly text: string;
  readonly limits?: Partial<ScriptLimits>;
  readonly code: string;
  readonly message: RegExp;
}

const MUCH = Number.MAX_SAFE_INTEGER;
const BRIEF = { timeoutMs: 200, statements: MUCH };
const statements = { code: 'SCRIPT_LIMIT', message: /took more than 100000 statements/ };
const time = { limits: BRIEF, code: 'SCRIPT_TIMEOUT', message: /ran longer than 200 ms/ };
const stack = { code: 'SCRIPT_LIMIT', message: /calls itself too often, or nests values too deep/ };
const memory = { code: 'SCRIPT_LIMIT', message: /needed more memory than the 64 MiB it may have/ };

const OFFENCES: readonly Offence[] = [
  { name: 'an endless loop', text: 'for (;;);', ...statements },
  { name: 'an endless loop with time to spare for statements', text: 'while (true) {}', ...time },
  {
    name: 'a catch around the interrupt',
    text: 'for (;;) { try { for (;;); } catch {} finally { for (;;); } }',
    ...statements,
  },
  {
    name: 'a catch around the end of time',
    text: 'for (;;) { try { for (;;); } catch {} }',
    ...time,
  },
  {
    name: 'a generator that will not return',
    text: 'function* g() { try { for (;;) yield 1; } finally { for (;;); } }\nfor (const x of g()) {}',
    ...time,
  },
  {
    name: 'promises without end',
    text: 'const again = () => Promise.resolve().then(again); again();',
    ...time,
  },
  {
    name: 'an async function that catches its end',
    text: '(async () => { for (;;) { try { await null; for (;;); } catch {} } })();',
    ...time,
  },
  { name: 'a catastrophic expression', text: '/^(a+)+$/.test("a".repeat(50) + "b")', ...time },
  { name: 'a sort that never compares', text: '[2, 1].sort(() => { for (;;); })', ...time },
  {
    name: 'a getter on the result',
    text: 'result = { get a() { for (;;); } };',
    ...time,
  },
  { name: 'a toJSON of the result', text: 'result = { toJSON() { for (;;); } };', ...time },
  {
    name: 'an error whose message never comes',
    text: 'throw { get stack() { for (;;); }, get message() { for (;;); } };',
    ...time,
  },
  {
    name: 'work inside one built-in call, which no interrupt reaches',
    text: 'for (;;) new Array(2 ** 22).join("xy");',
    ...time,
  },
  { name: 'recursion', text: 'const f = (n) => f(n + 1) + 1; f(0);', ...stack },
  {
    name: 'recursion through built-ins',
    text: 'const f = () => [1].map(f); f();',
    ...stack,
  },
  {
    name: 'a deep result',
    text: 'let a = []; for (let i = 0; i < 4000; i++) a = [a]; result = a;',
    ...stack,
  },
  { name: 'deep code', text: 'eval("(".repeat(200000));', ...stack },
  { name: 'a huge array', text: 'new Array(1e9).fill(7);', ...memory },
  { name: 'a string that doubles', text: 'let s = "x"; for (;;) s += s;', ...memory },
  { name: 'a huge buffer', text: 'new ArrayBuffer(2 ** 30);', ...memory },
  {
    name: 'a result that is too long',
    text: 'result = "x".repeat(9e6);',
    code: 'SCRIPT_LIMIT',
    message: /set a result of more than 8000000 characters/,
  },
];

describe('the limits of a script', () => {
  test('each ends the run with its own message, and the next run is served', async (t) => {
    const runner = startRunner(t);
    for (const { name, text, limits = {}, code, message } of OFFENCES) {
      await t.test(name, async () => {
        const failure = await failureOf(runner.run(javascript(text, limits), {}));
        assert.equal(failure.code, code);
        assert.match(failure.message, message);
        assert.match(failure.message, /"filter.js"/);
        assert.equal(await runner.run(javascript('result = 1'), {}), 1);
      });
    }
  });

  test('deep JSON ends the run, whichever stack it fills first', async (t) => {
    const runner = startRunner(t);
    const failure = await failureOf(runner.run(javascript('JSON.parse("[".repeat(1e6));'), {}));
    assert.match(failure.code, /^SCRIPT_(?:LIMIT|FAILED)$/);
    assert.equal(await runner.run(javascript('result = 1'), {}), 1);
  });

  test('a result nested deeper than clients read is refused, brackets in its text are not', async (t) => {
    const runner = startRunner(t);
    const nested = (levels: number) =>
      javascript(`let a = ']}"[{'; for (let i = 0; i < ${levels}; i++) a = [a]; result = a;`);
    const deep = await failureOf(runner.run(nested(201), {}));
    assert.match(deep.message, /nests values too deep/);
    assert.ok(Array.isArray(await runner.run(nested(200), {})));
    const text = javascript('result = "[".repeat(500) + "\\\\" + \'"\' + "{".repeat(500);');
    assert.equal(String(await runner.run(text, {})).length, 1002);
  });

  test('a stop inside a dependency names it', async (t) => {
    const runner = startRunner(t);
    const plan = javascript('spin();', {}, { 'lib/spin.js': 'function spin() { for (;;); }' });
    const failure = await failureOf(runner.run(plan, {}));
    assert.match(failure.message, /in its dependency "lib\/spin.js", took more than/);
  });

  test('a context larger than the memory is refused before it is read', async (t) => {
    const runner = startRunner(t);
    const plan = javascript('result = 1', { memoryBytes: 1024 * 1024 });
    const failure = await failureOf(runner.run(plan, { text: 'x'.repeat(2 ** 20) }));
    assert.equal(failure.code, 'SCRIPT_LIMIT');
    assert.match(failure.message, /needed more memory than the 1 MiB/);
  });

  test('work within the limits is not disturbed', async (t) => {
    const runner = startRunner(t);
    const text =
      'const many = Array.from({ length: 5000 }, (_, n) => ({ n, text: "x".repeat(100) })); result = many.sort((a, b) => b.n - a.n).length;';
    assert.equal(await runner.run(javascript(text), {}), 5000);
  });
});
