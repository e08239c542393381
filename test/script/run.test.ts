import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { createScriptRunner } from '../../src/script/runner.ts';
import { failureOf, javascript, startRunner } from './running.ts';

describe('a script run', () => {
  test('takes context in and gives result out, however result is declared', async (t) => {
    const runner = startRunner(t);
    const context = { items: [{ price: 3 }, { price: 4 }], name: 'ü "quoted" \u2028 {{x}}' };
    for (const declaration of ['', 'var ', 'let ', 'const ', 'globalThis.']) {
      const text = `${declaration}result = { sum: context.items.reduce((a, b) => a + b.price, 0), name: context.name };`;
      assert.deepEqual(await runner.run(javascript(text), context), {
        sum: 7,
        name: context.name,
      });
    }
  });

  test('gives every JSON value as it is, and undefined when there is none', async (t) => {
    const runner = startRunner(t);
    for (const value of [null, true, 0, -1.5, '', 'x', [], {}, { a: [{ b: null }] }]) {
      const text = `result = ${JSON.stringify(value)}`;
      assert.deepEqual(await runner.run(javascript(text), {}), value);
    }
    assert.equal(await runner.run(javascript('const other = 1;'), {}), undefined);
    assert.equal(await runner.run(javascript('result = undefined;'), {}), undefined);
    assert.equal(await runner.run(javascript(''), {}), undefined);
  });

  test('evaluates dependencies first, in one global scope', async (t) => {
    const runner = startRunner(t);
    const plan = javascript(
      'result = twice(base + context.n);',
      {},
      {
        'lib/base.js': 'const base = 20;',
        'lib/twice.js': 'function twice(n) { return 2 * n; }',
      },
    );
    assert.equal(await runner.run(plan, { n: 1 }), 42);
  });

  test('waits for promises, of its result and of its last statement', async (t) => {
    const runner = startRunner(t);
    const later = 'result = Promise.resolve(1).then((n) => n + 1);';
    assert.equal(await runner.run(javascript(later), {}), 2);
    const main = '(async () => { await null; result = 3; })();';
    assert.equal(await runner.run(javascript(main), {}), 3);
    const thrown = await failureOf(
      runner.run(javascript('(async () => {\n  await null;\n  null.x;\n})();'), {}),
    );
    assert.equal(thrown.code, 'SCRIPT_FAILED');
    assert.match(thrown.message, /in line 3, failed with a TypeError/);
    const never = await failureOf(runner.run(javascript('result = new Promise(() => {});'), {}));
    assert.match(never.message, /waits for a promise that nothing will ever settle/);
  });

  test('names script and line of a failure, and keeps what the script said for the log', async (t) => {
    const runner = startRunner(t);
    const text = `const key = context.key;\n\nthrow new RangeError('bad ' + key);`;
    const own = await failureOf(runner.run(javascript(text), { key: 'hunter2' }));
    assert.deepEqual(own, {
      code: 'SCRIPT_FAILED',
      message:
        'The script "filter.js", in line 3, failed with a RangeError. Its author finds what it said in the log.',
      cause: 'RangeError: bad hunter2',
    });
    const inDependency = await failureOf(
      runner.run(
        javascript('fail();', {}, { 'lib/a.js': '\nfunction fail() { undefined.x; }' }),
        {},
      ),
    );
    assert.match(
      inDependency.message,
      /"filter.js", in line 2 of its dependency "lib\/a.js", failed/,
    );
    const thrown = await failureOf(runner.run(javascript('throw "hunter2"'), {}));
    assert.equal(
      thrown.message,
      'The script "filter.js" failed. Its author finds what it said in the log.',
    );
  });

  test('prints to the log, within bounds', async (t) => {
    const printed: string[] = [];
    const runner = startRunner(t, {
      onPrint: (script, line) => printed.push(`${script}: ${line}`),
    });
    const text = `console.log('a', 1, { b: [2] }); for (let i = 0; i < 500; i++) console.error('x'.repeat(5000)); result = 1`;
    assert.equal(await runner.run(javascript(text), {}), 1);
    assert.equal(printed[0], 'filter.js: a 1 {"b":[2]}');
    assert.equal(printed.length, 100);
    assert.ok(printed.every((line) => line.length <= 1011));
  });

  test('many run at once, each with its own context', async (t) => {
    const runner = startRunner(t, { seats: 2 });
    const plan = javascript('result = context.n * 2;');
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    const results = await Promise.all(numbers.map((n) => runner.run(plan, { n })));
    assert.deepEqual(
      results,
      numbers.map((n) => n * 2),
    );
  });

  test('a caller who goes away ends his script, running or waiting, and no other', async (t) => {
    const runner = startRunner(t);
    const endless = javascript('for (;;);', { statements: Number.MAX_SAFE_INTEGER });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = failureOf(runner.run(endless, {}, running.signal));
    const second = failureOf(runner.run(javascript('result = 2'), {}, waiting.signal));
    const third = runner.run(javascript('result = 3'), {});
    waiting.abort();
    assert.equal((await second).code, 'CANCELLED');
    running.abort();
    assert.equal((await first).code, 'CANCELLED');
    assert.equal(await third, 3);
    const gone = await failureOf(runner.run(endless, {}, AbortSignal.abort()));
    assert.equal(gone.code, 'CANCELLED');
  });

  test('too many waiting are refused, and served again afterwards', async (t) => {
    const runner = startRunner(t, { waiting: 1 });
    const first = runner.run(javascript('result = 1'), {});
    const second = runner.run(javascript('result = 2'), {});
    const third = await failureOf(runner.run(javascript('result = 3'), {}));
    assert.equal(third.code, 'SCRIPT_BUSY');
    assert.deepEqual(await Promise.all([first, second]), [1, 2]);
    assert.equal(await runner.run(javascript('result = 4'), {}), 4);
  });

  test('close ends what runs and what waits, and nothing runs after it', async () => {
    const runner = createScriptRunner({ seats: 1 });
    const endless = javascript('for (;;);', { statements: Number.MAX_SAFE_INTEGER });
    const running = failureOf(runner.run(endless, {}));
    const waiting = failureOf(runner.run(javascript('result = 1'), {}));
    await runner.close();
    assert.equal((await running).code, 'SHUTTING_DOWN');
    assert.equal((await waiting).code, 'SHUTTING_DOWN');
    const late = await failureOf(runner.run(javascript('result = 1'), {}));
    assert.equal(late.code, 'SHUTTING_DOWN');
  });

  test('an idle sandbox does not keep the program alive, a running one does', async () => {
    const runner = new URL('../../src/script/runner.ts', import.meta.url).href;
    const program = `import { createScriptRunner } from ${JSON.stringify(runner)};
      const plan = ${JSON.stringify(javascript('result = context.n + 1;'))};
      console.log(await createScriptRunner().run(plan, { n: 1 }));`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    const [status] = await once(child, 'close');
    assert.deepEqual([status, printed], [0, '2\n']);
  });

  test('close of a runner that never ran anything is at once', async () => {
    await createScriptRunner().close();
  });
});
