import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from './http.ts';

export interface TestRedis {
  /** With its password. */
  readonly url: string;
  /** What `redis-cli` would print for a command, keys as they are. */
  readonly command: (...words: readonly string[]) => string;
  /** Takes no answers from it, but its connections, until it goes on. */
  pause(): void;
  goOn(): void;
  stop(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
}

export const PASSWORD = 'redis-password-of-a-test';
/** What gateways that share it need in common. */
export const STATE_KEY = 'a-state-key-of-the-tests-000000001';

/** Starts a Redis on a free port until the test ends; undefined, and the test skipped, without redis-server. */
export async function startRedis(t: TestContext): Promise<TestRedis | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    t.skip('redis-server is not installed: apt-get install redis-server');
    return undefined;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'naftiko-redis-'));
  const port = await freePort();
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const options = { bind: '127.0.0.1', port, dir: folder, requirepass: PASSWORD };
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn('redis-server', [...given, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running = child;
    for await (const chunk of child.stdout) {
      if (String(chunk).includes('Ready to accept connections')) break;
    }
    child.stdout.resume();
  }

  async function stop(): Promise<void> {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await gone;
  }

  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return {
    url: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    command: (...words) =>
      spawnSync('redis-cli', ['-p', String(port), '--no-auth-warning', '-a', PASSWORD, ...words], {
        encoding: 'latin1',
      }).stdout.trim(),
    pause: () => void running?.kill('SIGSTOP'),
    goOn: () => void running?.kill('SIGCONT'),
    stop,
    start,
  };
}
