import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Seat, SeatEvents } from './pool.ts';
import { READY, type Reply } from './protocol.ts';

const LONGEST_COMPLAINT = 2000;

/** The URL of the package that runs Python, or undefined when it is not installed. */
export function findPython(specifier = 'pyodide'): string | undefined {
  try {
    const url = import.meta.resolve(specifier);
    return existsSync(fileURLToPath(url)) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A process with Pyodide in it; a thread could not hold it, see `python-child.mjs`.
 *
 * @throws Error when the package is not installed
 */
export function openPython(specifier: string, events: SeatEvents): Seat {
  const url = findPython(specifier);
  if (url === undefined) throw new Error(`The package ${specifier} is not installed.`);
  const program = realpathSync(fileURLToPath(new URL('./python-child.mjs', import.meta.url)));
  const entry = realpathSync(fileURLToPath(url));
  const child = fork(program, [pathToFileURL(entry).href], {
    cwd: dirname(program),
    env: {},
    execArgv: [
      '--no-warnings',
      permissionFlag(),
      `--allow-fs-read=${program}`,
      `--allow-fs-read=${dirname(entry)}${sep}`,
      '--disallow-code-generation-from-strings',
      '--max-old-space-size=512',
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => {
    child.kill('SIGKILL');
  };
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_COMPLAINT);
  });
  // A busy child would not notice that its parent is gone.
  process.once('exit', kill);
  child.on('message', (message: Reply | typeof READY) => {
    if (message === READY) events.onReady();
    else events.onReply(message);
  });
  child.on('error', (error) => {
    complaint ||= error.message;
    if (child.pid === undefined) events.onEnd(error);
  });
  child.on('close', () => {
    process.off('exit', kill);
    events.onEnd(new Error(complaint));
  });
  function hold(alive: boolean): void {
    const stderr = child.stderr as Socket | null;
    for (const handle of [child, child.channel, stderr]) {
      if (alive) handle?.ref();
      else handle?.unref();
    }
  }
  return {
    hold,
    send: (job) => child.send(job, () => {}),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      hold(true);
      const ended = once(child, 'close');
      kill();
      await ended;
    },
  };
}

/** Node 20 has the permission model under an older name. */
function permissionFlag(): string {
  const stable = '--permission';
  return process.allowedNodeEnvironmentFlags.has(stable) ? stable : '--experimental-permission';
}
