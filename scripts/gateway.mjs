// A gateway as its own process, started by the real command on free ports, for the scripts that
// drive one from outside.
import { spawn } from 'node:child_process';
import process from 'node:process';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';
import { command } from './setup.mjs';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Runs `naftiko run ARGS` and waits until it listens.
 * @param {readonly string[]} args files and options
 * @param {{ program?: string, cwd?: string, env?: NodeJS.ProcessEnv, node?: string,
 *   needs?: readonly ('rest' | 'mcp')[], imports?: readonly string[],
 *   onMessage?: (message: unknown) => void, onLine?: (line: string) => void, patienceMs?: number }} [options] `program`: another `naftiko` than the one of this
 *   clone's dist/; `node`: the binary that runs it; `needs`: the faces to wait for, both when absent; `imports`: modules loaded
 *   before it; `onMessage`: what they send; `onLine`: each line of the log;
 *   `patienceMs`: how long it may take to listen
 * @returns {Promise<{ rest: string, mcp: string, pid: number, stop: () => Promise<number> }>}
 *   `rest`: `http://host:port`; `mcp`: `http://host:port/mcp`; `stop` gives the exit status
 */
export async function startGateway(
  args,
  {
    program = command,
    cwd,
    env = process.env,
    node = process.execPath,
    needs = ['rest', 'mcp'],
    imports = [],
    onMessage,
    onLine,
    patienceMs = START_TIMEOUT_MS,
  } = {},
) {
  const ports = ['--rest-port', '0', '--mcp-port', '0', '--log-format', 'json'];
  const before = imports.flatMap((file) => ['--import', pathToFileURL(file).href]);
  const child = spawn(node, [...before, program, 'run', ...args, ...ports], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe', ...(onMessage === undefined ? [] : ['ipc'])],
  });
  if (onMessage !== undefined) child.on('message', onMessage);
  const ended = new Promise((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? signal));
    child.on('error', (error) => resolve(error.message));
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  ended.then(() => process.off('exit', kill));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  try {
    const faces = await listening(child, ended, { needs, onLine, patienceMs });
    return { ...faces, pid: child.pid, stop: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

/** Reads the log until the needed faces listen; each listener is one line. */
async function listening(child, ended, { needs, onLine, patienceMs }) {
  const faces = {};
  const said = [];
  const lines = readline.createInterface({ input: child.stderr });
  const isReady = () => needs.every((face) => faces[face]);
  const all = new Promise((resolve) => {
    lines.on('line', (line) => {
      onLine?.(line);
      if (isReady()) return;
      said.push(line);
      const { msg, host, port, rest = [], mcp = [] } = jsonOf(line);
      if (msg !== 'listening') return;
      if (rest.length > 0) faces.rest = `http://${host}:${port}`;
      if (mcp.length > 0) faces.mcp = `http://${host}:${port}/mcp`;
      if (isReady()) resolve(faces);
    });
  });
  const broken = ended.then((status) => {
    throw new Error(`The gateway ended with ${status} before it listened:\n${said.join('\n')}`);
  });
  return within(patienceMs, 'the gateway to listen', Promise.race([all, broken]));
}

async function stop(child, ended) {
  child.kill('SIGTERM');
  try {
    return await within(STOP_TIMEOUT_MS, 'the gateway to stop', ended);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function jsonOf(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** Rejects when `promise` has not settled after `ms`. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms / 1000} s for ${what}.`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
