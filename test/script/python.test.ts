import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_SCRIPT_LIMITS, type ScriptPlan } from '../../src/script/plan.ts';
import { failureOf, startRunner } from './running.ts';

// Python takes seconds to start: `npm run python` asks for it by name.
const asked = process.argv.some((word) => word === 'script/python');
const skip = asked ? false : 'npm run python';

function python(text: string): ScriptPlan {
  return {
    language: 'python',
    sources: [
      { name: 'lib/base.py', text: 'base = 20' },
      { name: 'filter.py', text },
    ],
    limits: { ...DEFAULT_SCRIPT_LIMITS, timeoutMs: 20_000 },
  };
}

/** Ways from Python to JavaScript and through it to the machine; each has to fail. */
const ATTEMPTS = [
  'from js import process',
  'from pyodide.code import run_js\nrun_js("1")',
  'from pyodide.ffi import to_js\nto_js([1]).constructor.constructor("return process")()',
  'import pyodide_js\npyodide_js.runPython.constructor("return process")()',
  'import pyodide_js\npyodide_js.mountNodeFS("/out", "/etc")',
  'import socket\nsocket.create_connection(("127.0.0.1", 9), 1)',
  'import socket\nsocket.getaddrinfo("example.com", 80)[0][4][0].index("93.")',
  'import subprocess\nsubprocess.run(["id"])',
  'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:9/")',
  'open("/etc/passwd")',
  'import os\nos.environ["HOSTNAME"]',
];

describe('python', () => {
  test('without its package a run fails and says so', async (t) => {
    const runner = startRunner(t, { python: 'a-package-that-nobody-installed' });
    const failure = await failureOf(runner.run(python('result = 1'), {}));
    assert.equal(failure.code, 'SCRIPT_FAILED');
    assert.match(failure.message, /"filter.py" could not be started/);
    assert.match(failure.cause, /is not installed/);
  });

  test('with its package', { skip }, async (t) => {
    const runner = startRunner(t);
    const failed = (text: string) => failureOf(runner.run(python(text), { n: 22 }));
    assert.equal(await runner.run(python('result = base + context["n"]'), { n: 22 }), 42);
    assert.equal(await runner.run(python('other = 1'), {}), undefined);
    assert.equal(
      await runner.run(python('result = "base" in dir() and "other" in dir()'), {}),
      false,
    );
    for (const text of ATTEMPTS) assert.equal((await failed(text)).code, 'SCRIPT_FAILED', text);
    assert.match(
      (await failed('x = 1\nx / 0')).message,
      /"filter.py", in line 2, failed with a ZeroDivisionError/,
    );
    assert.match((await failed('result = {1, 2}')).message, /JSON has no form for/);
    assert.match((await failed('def f(): f()\nf()')).message, /calls itself too often/);
    const memory = await failed('kept = []\nwhile True: kept.append(bytearray(10_000_000))');
    assert.match(memory.message, /needed more memory/);
    const endless = { ...python('while True: pass') };
    const limits = { ...endless.limits, timeoutMs: 300 };
    const late = await failureOf(runner.run({ ...endless, limits }, {}));
    assert.equal(late.code, 'SCRIPT_TIMEOUT');
    assert.equal(await runner.run(python('result = None'), {}), null);
  });
});
