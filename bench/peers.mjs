// The peers live in .cache/bench/peers, installed from the lockfile in peers/ on first use and again
// when it changes, so that the product has none of them among its dependencies.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../scripts/setup.mjs';

const INSTALL_TIMEOUT_MS = 300_000;
const FILES = ['package.json', 'package-lock.json'];
const LOADER = 'export const load = (name) => import(name);\n';
const source = path.join(import.meta.dirname, 'peers');
const folder = path.join(root, '.cache', 'bench', 'peers');

/** Installs the peers where they are missing or stale. */
export function installPeers() {
  const done = path.join(folder, 'node_modules', '.package-lock.json');
  if (fs.existsSync(done) && FILES.every((name) => isSame(name))) return;
  process.stderr.write('[bench] installing the peers, once\n');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'load.mjs'), LOADER);
  fs.rmSync(done, { force: true });
  for (const name of FILES) fs.copyFileSync(path.join(source, name), path.join(folder, name));
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: folder, stdio: [0, 2, 2], timeout: INSTALL_TIMEOUT_MS });
}

/** A module of a peer. */
export async function peer(name) {
  const { load } = await import(pathToFileURL(path.join(folder, 'load.mjs')).href);
  return load(name);
}

/** The version of each peer. */
export function peerVersions() {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
  return dependencies;
}

function isSame(name) {
  const copy = path.join(folder, name);
  if (!fs.existsSync(copy)) return false;
  return fs.readFileSync(copy).equals(fs.readFileSync(path.join(source, name)));
}
