// Prism, a mock of an API nobody here wrote: it checks each request against the API's own document
// and answers with samples made from it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { installed } from '../clients/cache.mjs';
import { freePort } from '../free-port.mjs';
import { within } from '../gateway.mjs';

const PRISM = { '@stoplight/prism-cli': '5.14.2' };
const START_TIMEOUT_MS = 180_000;
const LONGEST_SAID = 10_000;

/**
 * Serves an OpenAPI or Swagger document on a free port of this machine.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startPrism(name, document, folder) {
  const { file } = await installed(PRISM);
  const described = path.join(folder, `${name}.json`);
  fs.writeFileSync(described, JSON.stringify(document));
  const port = await freePort();
  const script = file('@stoplight', 'prism-cli', 'dist', 'index.js');
  const args = [script, 'mock', described, '-h', '127.0.0.1', '-p', String(port), '--errors'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  const listening = new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said = (said + chunk).slice(-LONGEST_SAID);
      if (said.includes('Prism is listening')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    ended.then(() => reject(new Error(`Prism of ${name} ended before it listened:\n${said}`)));
  });
  const stop = async () => {
    process.off('exit', kill);
    child.kill();
    await ended;
  };
  try {
    await within(START_TIMEOUT_MS, `Prism of ${name} to listen`, listening);
  } catch (error) {
    kill();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}
