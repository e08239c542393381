// Times of whole processes, kept on the measured core from their first instruction on.
import { spawn } from 'node:child_process';
import process from 'node:process';
import readline from 'node:readline';
import { within } from '../scripts/gateway.mjs';
import { command } from '../scripts/setup.mjs';
import { memoryOf } from './proc.mjs';
import { CORES } from './processes.mjs';

const PATIENCE_MS = 120_000;

/** Milliseconds from the start of `node ARGS` to its end. @throws when it fails */
export async function toEnd(args) {
  const begun = performance.now();
  const child = start(args, ['ignore', 'ignore', 'pipe']);
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = (said + bytes).slice(-1_000);
  });
  const status = await within(PATIENCE_MS, args.join(' '), ended(child));
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${said}`);
  return performance.now() - begun;
}

/**
 * Starts the gateway, and ends it once it has answered.
 * @returns milliseconds until it listens and until its first answer to GET `path`; its peak memory
 */
export async function toAnswer(args, path) {
  const begun = performance.now();
  const ports = ['--rest-port', '0', '--mcp-port', '0', '--log-format', 'json'];
  const child = start([command, 'run', ...args, ...ports], ['ignore', 'ignore', 'pipe']);
  const over = ended(child);
  try {
    const origin = await within(PATIENCE_MS, 'the gateway to listen', listening(child, over));
    const ready = performance.now() - begun;
    const response = await fetch(origin + path);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path} is answered with ${response.status}`);
    const answered = performance.now() - begun;
    return { ready, answered, mb: memoryOf(child.pid).peak };
  } finally {
    child.kill();
    await over;
  }
}

/** The origin of the REST face, once both faces listen. */
function listening(child, over) {
  const faces = {};
  return new Promise((resolve, reject) => {
    over.then((status) => reject(new Error(`the gateway ended with ${status}`)));
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.includes('"listening"')) return;
      const { host, port, rest, mcp } = JSON.parse(line);
      if (rest.length > 0) faces.rest = `http://${host}:${port}`;
      if (mcp.length > 0) faces.mcp = true;
      if (faces.rest && faces.mcp) resolve(faces.rest);
    });
  });
}

function start(args, stdio) {
  const line = [process.execPath, ...args];
  if (CORES !== undefined) line.unshift('taskset', '-c', CORES.measured);
  const [program, ...rest] = line;
  return spawn(program, rest, { stdio, env: { ...process.env, NODE_ENV: 'production' } });
}

function ended(child) {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve(status ?? signal));
  });
}
