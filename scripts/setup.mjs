// The one place that makes a clone ready to run: dependencies, then dist/. Plain Node, because it
// runs before anything is installed. Both steps look at file times only, so a second call is quick.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const command = inRoot('dist', 'cli', 'main.js');

const OLDEST_NODE = [20, 19];
const BUILT_FROM = ['src', 'schemas', 'scripts/build', 'tsconfig.json', 'package-lock.json'];

/** Installs and builds what is missing or stale. Ends the process with a sentence when it cannot. */
export function setUp({ withBuild = true } = {}) {
  checkNode();
  if (isInstallStale()) install();
  if (withBuild && isBuildStale()) build();
}

/** Types and code of src/ into a fresh dist/, so that no file of a deleted source stays behind. */
export function build() {
  const started = new Date();
  const fresh = inRoot('dist.next');
  say('building dist/');
  fs.rmSync(fresh, { recursive: true, force: true });
  const compiler = inRoot('node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--emitDeclarationOnly', '--sourceMap', 'false', '--noEmitOnError'];
  run(process.execPath, [compiler, '-p', root, ...types, '--outDir', fresh], 'the build');
  const bundle = inRoot('scripts', 'build', 'bundle.mjs');
  run(process.execPath, ['--import', 'tsx', bundle, fresh], 'the build');
  fs.chmodSync(path.join(fresh, 'cli', 'main.js'), 0o755);
  fs.rmSync(inRoot('dist'), { recursive: true, force: true });
  fs.renameSync(fresh, inRoot('dist'));
  // The folder's own time is the stamp: what was edited during the build counts as newer.
  fs.utimesSync(inRoot('dist'), started, started);
}

function install() {
  say('installing dependencies (npm ci), once');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args], 'npm ci');
  else run('npm', args, 'npm ci', process.platform === 'win32');
}

/** npm writes its hidden lockfile last, so a broken-off install has none. */
function isInstallStale() {
  const installed = timeOf(inRoot('node_modules', '.package-lock.json'));
  return installed === undefined || installed < (timeOf(inRoot('package-lock.json')) ?? 0);
}

function isBuildStale() {
  const built = timeOf(inRoot('dist'));
  if (built === undefined || !fs.existsSync(command)) return true;
  return BUILT_FROM.some((name) => newestTime(inRoot(name)) > built);
}

/** Folders count too: a deleted file changes nothing but the time of its folder. */
function newestTime(file) {
  const own = timeOf(file) ?? 0;
  if (!fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) return own;
  return fs.readdirSync(file).reduce((newest, name) => {
    return Math.max(newest, newestTime(path.join(file, name)));
  }, own);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  fail(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

function run(program, args, what, shell = false) {
  // What a tool says while setting up is no part of what `npm start` prints: it goes to stderr.
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: [0, 2, 2], shell });
  if (status === 0) return;
  fail(`Set-up stopped: ${what} failed${error ? ` (${error.message})` : ''}. See above for why.`);
}

function timeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function inRoot(...parts) {
  return path.join(root, ...parts);
}

function say(text) {
  process.stderr.write(`[setup] ${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
