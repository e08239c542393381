import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The real command, in a process of its own. */
export const COMMAND = [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
];

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly said: { out: string; err: string };
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves when stderr holds it. */
  until(pattern: RegExp): Promise<void>;
}

export function start(
  t: TestContext,
  args: readonly string[],
  { cwd, node = [] }: { readonly cwd?: string; readonly node?: readonly string[] } = {},
): Child {
  const child = spawn(process.execPath, [...node, ...COMMAND, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').then(([status, signal]) => status ?? signal);
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    process: child,
    said,
    ended,
    async until(pattern) {
      while (!pattern.test(said.err)) {
        const more = once(child.stderr, 'data').then(() => true);
        const go = await Promise.race([more, ended.then(() => false)]);
        assert.ok(go, `ended before ${pattern}: ${said.err}`);
      }
    },
  };
}
