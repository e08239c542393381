// The processes of a run: started, kept on a core where Linux allows it, ended.
import { fork } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { startGateway, within } from '../scripts/gateway.mjs';
import { pin, twoCores } from './proc.mjs';

const here = import.meta.dirname;
const SLACK_MS = 20_000;
const LOAD_SLACK_MS = 90_000;
/** The whole public corpus on one busy core takes its time. */
const GATEWAY_MS = 120_000;
const env = { ...process.env, NODE_ENV: 'production' };

/** What is measured has a core for itself; the load and the upstream share another. */
export const CORES = twoCores();

/**
 * Starts servers/NAME.mjs; it tells its port.
 * @returns {Promise<{ origin: string, pid: number, stop: () => void }>}
 */
export async function startServer(name, args = [], core = CORES?.measured) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  const child = fork(path.join(here, 'servers', `${name}.mjs`), args, { env, stdio });
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

/** The gateway, by its real command; `origin` is that of its REST face, `mcp` its endpoint. */
export async function startMeasuredGateway(args, core = CORES?.measured) {
  // What nobody can read is not counted, and in production somebody does.
  const counted = [...args, '--admin', '127.0.0.1:0'];
  const gateway = await startGateway(counted, { env, patienceMs: GATEWAY_MS });
  pin(gateway.pid, core);
  return { ...gateway, origin: gateway.rest };
}

/** The load; `run` does one job, and calls `onCounting` when it begins to count. */
export function startLoad() {
  const child = fork(path.join(here, 'load.mjs'), { env });
  pin(child.pid, CORES?.rest);
  const run = (job, onCounting) => {
    let done;
    const result = new Promise((resolve, reject) => {
      done = (message) => {
        if (message.counting) onCounting?.();
        else resolve(message);
      };
      child.on('message', done);
      child.once('exit', () => reject(new Error('the load ended')));
    });
    child.send(job);
    const ms = (job.lead + job.seconds) * 1e3 + LOAD_SLACK_MS;
    return within(ms, `the load on ${job.url}`, result).finally(() => {
      child.off('message', done);
      child.removeAllListeners('exit');
    });
  };
  return { run, pid: child.pid, stop: () => child.kill() };
}
