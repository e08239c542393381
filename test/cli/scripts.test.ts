import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ScriptedOutline, scripted } from '../script/served.ts';
import { startUpstream } from '../support/upstream.ts';
import { folderOf, naftiko, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const make = { type: 'script', name: 'make', file: 'make.js' };
const text = 'console.log("ships", context.flag); result = { flag: context.flag };';
const operations = {
  run: { inputParameters: [{ name: 'flag', type: 'string', required: true }], steps: [make] },
};

/** A capability file with `make.js` beside it. */
async function fileOf(
  t: TestContext,
  outline: Partial<ScriptedOutline> = {},
  code = text,
): Promise<string> {
  const files = { 'ships.yaml': scripted({ operations, ...outline }), 'make.js': code };
  return join(await folderOf(t, files), 'ships.yaml');
}

test('call runs scripts that are allowed; what they print goes to stderr', bounded, async (t) => {
  const file = await fileOf(t);
  const call = ['call', file, 'run', '--arg', 'flag=NO'];
  const said = await naftiko([...call, '--allow-scripts']);
  assert.deepEqual(said, { status: 0, out: '{"flag":"NO"}\n', err: 'make.js: ships NO\n' });
  const refused = await naftiko(call);
  assert.deepEqual([refused.status, refused.out], [1, '']);
  assert.match(refused.err, /error SCRIPT_NOT_ALLOWED[\s\S]*Start with --allow-scripts/);
  const allowing = await fileOf(t, { scripting: { timeout: 5000 } });
  assert.equal((await naftiko(['call', allowing, 'run', '--arg', 'flag=NO'])).status, 0);
});

test('call tells the author what a failing script said', bounded, async (t) => {
  const file = await fileOf(t, {}, '\nthrow new TypeError("no flag " + context.flag);');
  const call = ['call', file, 'run', '--arg', 'flag=NO', '--allow-scripts'];
  const { status, out, err } = await naftiko(call);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /SCRIPT_FAILED[\s\S]*"make\.js", in line 2, failed with a TypeError/);
  assert.match(err, /It said: TypeError: no flag NO\n$/);
});

test('--dry-run runs no script, and needs nobody to let it', bounded, async (t) => {
  const upstream = await startUpstream(t, {});
  const given = { type: 'call', name: 'get', call: 'api.get-ship', with: { imo: '$.make.imo' } };
  const first = { type: 'call', name: 'list', call: 'api.list-ships' };
  const operations = {
    alone: { steps: [make] },
    chosen: { steps: [make, given] },
    listed: { steps: [first, make] },
  };
  const file = await fileOf(t, { operations, baseUri: upstream.origin }, 'console.log(1); throw 1');
  const shown = new Map<string, string>();
  for (const tool of Object.keys(operations)) {
    const { status, out, err } = await naftiko(['call', file, tool, '--dry-run']);
    assert.equal(status, 0, err);
    assert.doesNotMatch(err, /make\.js: 1/);
    shown.set(tool, out);
  }
  assert.match(shown.get('listed') ?? '', /GET \/ships/);
  assert.equal(upstream.requests.length, 0);
});

test('validate reads scripts, and only warns of who has to let them run', bounded, async (t) => {
  const file = await fileOf(t);
  const warned = await naftiko(['validate', file]);
  assert.equal(warned.status, 0);
  assert.match(warned.out, /warning SCRIPT_NOT_ALLOWED[\s\S]*The file is valid/);
  const allowed = await naftiko(['validate', file, '--allow-scripts']);
  assert.deepEqual(allowed, { status: 0, out: 'The file is valid.\n', err: '' });
  const broken = await naftiko(['validate', await fileOf(t, {}, 'const = 1;')]);
  assert.equal(broken.status, 1);
  assert.match(broken.out, /error SCRIPT_INVALID[\s\S]*"make\.js" has a syntax error in line 1/);
  const off = await naftiko(['validate', await fileOf(t, { scripting: { enabled: false } })]);
  assert.equal(off.status, 1);
  assert.match(off.out, /error SCRIPT_NOT_ALLOWED[\s\S]*switches its scripts off/);
});

test('inspect shows a file whose scripts nobody has let run yet', bounded, async (t) => {
  const { status, out, err } = await naftiko(['inspect', await fileOf(t)]);
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /GET +\/run/);
});

test('run --allow-scripts serves them', bounded, async (t) => {
  const file = await fileOf(t);
  const { rest } = await startRun(t, [file, '--allow-scripts']);
  const answer = await fetch(`${rest}/run?flag=PA`);
  assert.deepEqual(await answer.json(), { flag: 'PA' });
  const { status, err } = await naftiko(['run', file]);
  assert.equal(status, 1);
  assert.match(err, /error SCRIPT_NOT_ALLOWED/);
});
