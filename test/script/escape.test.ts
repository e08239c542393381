import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../src/plan/plan.ts';
import { failureOf, javascript, startRunner } from './running.ts';

/** Each text tries to reach something outside; its result has to be the value beside it. */
const ATTEMPTS: readonly (readonly [name: string, text: string, expected: Json])[] = [
  [
    'names of the host',
    `result = ['require', 'process', 'module', 'exports', '__dirname', 'Buffer', 'global', 'window',
      'self', 'fetch', 'XMLHttpRequest', 'WebSocket', 'setTimeout', 'setInterval', 'setImmediate',
      'queueMicrotask', 'structuredClone', 'postMessage', 'importScripts', 'Worker', 'WebAssembly',
      'Atomics', 'Deno', 'Bun', 'std', 'os', 'print', 'load', 'read', 'scriptArgs', 'parentPort',
    ].filter((name) => name in globalThis)`,
    [],
  ],
  ['import()', `result = import('node:fs').then(() => 'in', () => 'out')`, 'out'],
  ['import() of std', `result = import('std').then(() => 'in', () => 'out')`, 'out'],
  [
    'the constructor of a constructor',
    `result = typeof context.constructor.constructor('return typeof process')()`.replace(
      'typeof context',
      'context',
    ),
    'undefined',
  ],
  [
    'Function',
    `result = new Function('return typeof require + typeof process')()`,
    'undefinedundefined',
  ],
  [
    'indirect eval',
    `result = (0, eval)('typeof require + typeof globalThis.process')`,
    'undefinedundefined',
  ],
  [
    'functions of other kinds',
    `result = [async function () {}, function* () {}, async function* () {}]
      .map((f) => f.constructor('return typeof process'))
      .map((f) => typeof f).join()`,
    'function,function,function',
  ],
  ['this at the top', `result = this === globalThis && typeof this.process`, 'undefined'],
  [
    'the caller of a function',
    `result = (function () { try { return String(arguments.callee.caller); } catch { return 'none'; } })()`,
    'undefined',
  ],
  [
    'a walk over everything that can be reached',
    `const seen = new Set(); const bad = [];
    const walk = (value, path) => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
      if (seen.has(value)) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        const name = String(key);
        if (/process|require|child|socket|worker|host|module/i.test(name)) bad.push(path + '.' + name);
        const { value: inner, get } = Reflect.getOwnPropertyDescriptor(value, key);
        walk(inner, path + '.' + name); walk(get, path + '.' + name);
      }
      walk(Object.getPrototypeOf(value), path + '.__proto__');
    };
    walk(globalThis, 'globalThis');
    result = bad;`,
    [],
  ],
  [
    'the stack of an error of the engine',
    `try { JSON.parse('{'); } catch (error) { result = /[\\\\/]|node:|mjs|wasm/.test(error.stack); }`,
    false,
  ],
  [
    'Error.prepareStackTrace',
    `Error.prepareStackTrace = (error, frames) => frames; const { stack } = new Error();
    result = JSON.stringify(stack ?? '').includes('worker');`,
    false,
  ],
  [
    'a host path in the stack of a deep call',
    `const f = () => { throw new Error(); }; try { [1].map(f); } catch (e) { result = e.stack.includes('/'); }`,
    false,
  ],
  ['SharedArrayBuffer without Atomics', `result = typeof Atomics`, 'undefined'],
  [
    'getters on context',
    `Object.defineProperty(context, 'a', { get() { return 'mine'; } }); result = context.a`,
    'mine',
  ],
  [
    'replaced JSON',
    `JSON.stringify = () => '{"forged":'; JSON.parse = null; result = { a: 1 };`,
    { a: 1 },
  ],
  [
    'a setter where result goes',
    `Object.defineProperty(globalThis, 'result', { get: () => ({ got: 1 }) });`,
    { got: 1 },
  ],
  ['toJSON of its own', `result = { toJSON: () => ({ swapped: true }) };`, { swapped: true }],
  ['toJSON for everything', `Object.prototype.toJSON = () => 'all'; result = { a: 1 };`, 'all'],
  [
    'a Proxy as result',
    `result = new Proxy({ a: 1 }, { get: (o, k) => (k === 'a' ? 2 : o[k]), ownKeys: () => ['a'] });`,
    { a: 2 },
  ],
  [
    'a Proxy of an array',
    `result = new Proxy([1, 2], { get: (o, k) => (k === 'length' ? 1 : o[k]) });`,
    [1],
  ],
  [
    'a date and a wrapper object',
    `result = [new Date(0), new String('x'), new Number(1)];`,
    ['1970-01-01T00:00:00.000Z', 'x', 1],
  ],
  [
    'what JSON leaves out',
    `result = { f() {}, u: undefined, s: Symbol('x'), n: NaN, a: [undefined] };`,
    { n: null, a: [null] },
  ],
  ['half a surrogate pair', `result = '\\ud800'`, '\ud800'],
  ['a NUL', `result = 'a\\0b'`, 'a\0b'],
  ['a thenable as result', `result = { then(resolve) { resolve('forged'); }, a: 1 };`, { a: 1 }],
];

/** Results that cannot be JSON: each is a failure that says so. */
const UNUSABLE: readonly (readonly [name: string, text: string])[] = [
  ['a function', 'result = () => 1;'],
  ['a symbol', 'result = Symbol("x");'],
  ['a BigInt', 'result = 10n;'],
  ['a BigInt inside', 'result = { a: [1n] };'],
  ['a circle', 'result = {}; result.self = result;'],
  ['a toJSON that gives nothing', 'result = { toJSON() {} };'],
];

describe('escape attempts', () => {
  test('none reaches anything', async (t) => {
    const runner = startRunner(t);
    for (const [name, text, expected] of ATTEMPTS) {
      await t.test(name, async () => {
        assert.deepEqual(await runner.run(javascript(text), { a: 1 }), expected);
      });
    }
  });

  test('results that JSON has no form for', async (t) => {
    const runner = startRunner(t);
    for (const [name, text] of UNUSABLE) {
      await t.test(name, async () => {
        const failure = await failureOf(runner.run(javascript(text), {}));
        assert.equal(failure.code, 'SCRIPT_FAILED');
        assert.match(
          failure.message,
          /"filter.js" set result to something that JSON has no form for/,
        );
      });
    }
  });

  test('what throws while the result is read fails with its line', async (t) => {
    const runner = startRunner(t);
    for (const text of [
      '\nresult = { toJSON() { throw new TypeError("x"); } };',
      '\nresult = { get a() { throw new TypeError("x"); } };',
      '\nresult = new Proxy({}, { ownKeys() { throw new TypeError("x"); } });',
    ]) {
      const failure = await failureOf(runner.run(javascript(text), {}));
      assert.equal(failure.code, 'SCRIPT_FAILED');
      assert.match(failure.message, /in line 2, failed with a TypeError/);
    }
  });

  test('nothing of one run is there in the next', async (t) => {
    const runner = startRunner(t);
    const pollute = `Object.prototype.polluted = 'yes'; Array.prototype.map = () => 'mine';
      globalThis.left = 'behind'; JSON.parse = () => 'mine'; context.added = 1; var kept = 1; result = 1;`;
    const context = { list: [1, 2] };
    assert.equal(await runner.run(javascript(pollute), context), 1);
    assert.deepEqual(context, { list: [1, 2] });
    const look = `result = [({}).polluted, [1].map((n) => n), typeof left, typeof kept, context.added ?? null]
      .map((value) => value ?? null);`;
    assert.deepEqual(await runner.run(javascript(look), context), [
      null,
      [1],
      'undefined',
      'undefined',
      null,
    ]);
    assert.equal(({} as { polluted?: string }).polluted, undefined);
  });

  test('keys that mean something to JavaScript stay data on the way in and out', async (t) => {
    const runner = startRunner(t);
    const context = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as Json;
    const text =
      'result = JSON.parse(JSON.stringify(context)); result.seen = Object.keys(context).join();';
    const result = (await runner.run(javascript(text), context)) as Record<string, Json>;
    assert.equal(result.seen, '__proto__,constructor');
    assert.deepEqual(Object.keys(result), ['__proto__', 'constructor', 'seen']);
    assert.equal(Object.getPrototypeOf(result), Object.prototype);
  });

  test('an error that pretends to be of the host names nothing but the script', async (t) => {
    const runner = startRunner(t);
    const text = `const e = new Error('x'); e.name = 'InternalGatewayError';
      e.stack = '    at evil (/etc/passwd:1:1)\\n    at other (filter.js:77:1)'; throw e;`;
    const failure = await failureOf(runner.run(javascript(text), {}));
    assert.equal(
      failure.message,
      'The script "filter.js", in line 77, failed. Its author finds what it said in the log.',
    );
    for (const thrown of [
      'null',
      'undefined',
      '1n',
      'Symbol("x")',
      '() => 1',
      'new Proxy({}, {})',
    ]) {
      const other = await failureOf(runner.run(javascript(`throw ${thrown}`), {}));
      assert.equal(other.code, 'SCRIPT_FAILED', thrown);
      assert.match(other.message, /^The script "filter.js" failed\./, thrown);
    }
  });

  test('the thread has no environment of ours', async (t) => {
    process.env.NAFTIKO_TEST_SECRET = 'hunter2';
    t.after(() => {
      delete process.env.NAFTIKO_TEST_SECRET;
    });
    const runner = startRunner(t);
    const text = `result = typeof process === 'undefined' ? 'none' : process.env.NAFTIKO_TEST_SECRET`;
    assert.equal(await runner.run(javascript(text), {}), 'none');
  });
});
