// Client packages live in .cache/clients, installed on first use and again when a version changes.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../setup.mjs';

export const execute = promisify(execFile);

const PACKAGES = {
  '@ai-sdk/mcp': '1.0.101',
  '@langchain/core': '1.4.0',
  '@langchain/mcp-adapters': '1.1.4',
};
const INSTALL_TIMEOUT_MS = 180_000;
const folder = path.join(root, '.cache', 'clients');

export const versionOf = (name) => PACKAGES[name];

/** Imports a client package, which the project itself does not depend on. */
export async function importClient(name) {
  await install();
  const { load } = await import(pathToFileURL(path.join(folder, 'load.mjs')).href);
  return load(name);
}

async function install() {
  const wanted = `${JSON.stringify({ private: true, dependencies: PACKAGES }, null, 2)}\n`;
  const manifest = path.join(folder, 'package.json');
  const lockfile = path.join(folder, 'node_modules', '.package-lock.json');
  const isSame = fs.existsSync(manifest) && fs.readFileSync(manifest, 'utf8') === wanted;
  if (isSame && fs.existsSync(lockfile)) return;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'load.mjs'), 'export const load = (name) => import(name);\n');
  fs.writeFileSync(manifest, wanted);
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await execute('npm', args, { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
}
