import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { naftiko } from './cli/naftiko.ts';

const page = readFileSync(new URL('../docs/how-to-write-a-capability.md', import.meta.url), 'utf8');

const blocksOf = (kind: string): string[] =>
  Array.from(
    page.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'gms')),
    ([, text]) => text as string,
  );

/** The files of the page, in a folder of their own. */
async function written(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'how-to-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const own = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
  for (const block of [...blocksOf('yaml'), ...blocksOf('js')]) {
    const name = /^(?:#|\/\/) file: (\S+)\n/.exec(block)?.[1];
    assert.ok(name !== undefined, block.slice(0, 60));
    await writeFile(join(folder, name), block.replace("'naftiko-gateway'", own));
  }
  return folder;
}

test('every command of the page does what it says', async (t) => {
  const folder = await written(t);
  const commands = blocksOf('sh')
    .join('')
    .split('\n')
    .filter((line) => line.includes('naftiko '));
  assert.equal(commands.length, 5);
  for (const command of commands) {
    const [assigned = '', line = ''] = command.split('naftiko ', 2);
    const variables = assigned.trim() === '' ? [] : assigned.trim().split(' ');
    await writeFile(join(folder, 'test.env'), variables.join('\n'));
    const args = line
      .split(' ')
      .map((word) => (word.endsWith('.yaml') ? join(folder, word) : word));
    if (variables.length > 0) args.push('--env-file', join(folder, 'test.env'));
    const { status, out, err } = await naftiko(args);
    assert.equal(status, 0, `${command}\n${out}${err}`);
    if (command.includes('--dry-run')) assert.match(out, /POST \/v1\//);
  }
});

test('the files of the page have nothing to tell of', async (t) => {
  const folder = await written(t);
  await writeFile(join(folder, 'test.env'), 'CLOUDIO_USER=steve\nCLOUDIO_PASSWORD=x\n');
  for (const step of ['step-2.yaml', 'step-3.yaml', 'step-4.yaml']) {
    const { status, out, err } = await naftiko([
      'validate',
      join(folder, step),
      '--env-file',
      join(folder, 'test.env'),
    ]);
    assert.equal(status, 0, out + err);
    assert.doesNotMatch(out + err, /warning/);
  }
});

test('the test of the page passes', async (t) => {
  const folder = await written(t);
  const tsx = import.meta.resolve('tsx');
  const run = promisify(execFile)(
    process.execPath,
    ['--import', tsx, '--test', 'cloudio.test.mjs'],
    {
      cwd: folder,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    },
  );
  const { stdout } = await run;
  assert.match(stdout, /pass 1\b/, stdout);
  assert.match(stdout, /fail 0\b/);
});
