// The processes of a run: started, pinned to a core where Linux allows it, measured, ended.
import { execFile, execFileSync, fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startGateway, within } from '../scripts/gateway.mjs';

const here = import.meta.dirname;
const TICKS_PER_SECOND = 100;
const SLACK_MS = 15_000;

/** What is measured has a core for itself; the load and the upstream share another. */
export const CORES = canPin() ? { measured: '1', rest: '0' } : undefined;

/** Starts servers/NAME.mjs; gives its origin, its process id and how to end it. */
export async function startServer(name, args, core) {
  const child = fork(path.join(here, 'servers', `${name}.mjs`), args, {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const port = await within(
    SLACK_MS,
    `the ${name} server`,
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (status) => reject(new Error(`${name} ended with ${status}`)));
    }),
  );
  pin(child.pid, core);
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => child.kill() };
}

/** The gateway, by its real command. */
export async function startMeasuredGateway(upstream) {
  const file = path.join(here, 'capability.yaml');
  const gateway = await startGateway([file, '--base-uri', `bench=${upstream}`], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  pin(gateway.pid, CORES?.measured);
  return gateway;
}

/** One round; `cpu` is the microseconds of processor time that the process took per request. */
export async function measure({ pid, url }, { method, body }, connections, seconds) {
  const load = JSON.stringify({ url, method, body, connections, seconds });
  const command = [process.execPath, path.join(here, 'load.mjs'), load];
  if (CORES !== undefined) command.unshift('taskset', '-c', CORES.rest);
  const [program, ...args] = command;
  const before = cpuSeconds(pid);
  const { stdout } = await promisify(execFile)(program, args, {
    timeout: seconds * 1e3 + SLACK_MS,
  });
  const { requests, seconds: elapsed, p50, p99 } = JSON.parse(stdout);
  const used = cpuSeconds(pid) - before;
  return { rps: requests / elapsed, cpu: (used / requests) * 1e6, p50, p99 };
}

/** User and system time of all threads; NaN where there is no /proc. */
function cpuSeconds(pid) {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

function pin(pid, core) {
  if (core === undefined) return;
  execFileSync('taskset', ['-a', '-p', '-c', core, String(pid)], { stdio: 'ignore' });
}

function canPin() {
  if (os.availableParallelism() < 2) return false;
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
