// Client packages live in .cache/clients, a folder for each client, installed on first use and again
// when a version changes: two versions of one package can be driven beside each other.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../setup.mjs';

export const execute = promisify(execFile);

const INSTALL_TIMEOUT_MS = 300_000;
const LOADER = 'export const load = (name) => import(name);\n';

/**
 * Installs packages, by name and version, into a folder of their own.
 * @returns {Promise<{ load: (name: string) => Promise<object>, file: (...parts: string[]) => string }>}
 *   `load` imports a module as from that folder; `file` gives a path below its node_modules
 */
export async function installed(packages) {
  const [[name, version]] = Object.entries(packages);
  const folder = path.join(
    root,
    '.cache',
    'clients',
    `${name}-${version}`.replace(/\W+/g, '-').replace(/^-/, ''),
  );
  await install(folder, packages);
  const { load } = await import(pathToFileURL(path.join(folder, 'load.mjs')).href);
  return { load, file: (...parts) => path.join(folder, 'node_modules', ...parts) };
}

/** The binary of a Node that is not older than `needed`: this one, or one that is installed for it. */
export async function newerNode(needed) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > needed[0] || (major === needed[0] && minor >= needed[1]);
  return isNewEnough
    ? process.execPath
    : (await installed({ node: '24' })).file('node', 'bin', 'node');
}

async function install(folder, packages) {
  const wanted = `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`;
  const manifest = path.join(folder, 'package.json');
  const lockfile = path.join(folder, 'node_modules', '.package-lock.json');
  const isSame = fs.existsSync(manifest) && fs.readFileSync(manifest, 'utf8') === wanted;
  if (isSame && fs.existsSync(lockfile)) return;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'load.mjs'), LOADER);
  fs.writeFileSync(manifest, wanted);
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await execute('npm', args, { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
}
