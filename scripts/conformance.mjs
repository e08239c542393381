// `npm run conformance`: the official suite of the Model Context Protocol against the real command,
// which serves test/conformance/conformance.capability.yaml over a small API. Both frozen sets of
// requirements, every scored scenario, no failure expected. The suite is fetched on first use.
//   npm run conformance -- --node 20,22,24    the gateway under these versions of Node
//   npm run conformance -- --set 2026-07-28   one of the sets
//   npm run conformance -- --scenario NAME    one scenario, with all it says (needs --set)
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startUpstream } from '../test/conformance/upstream.mjs';
import { startGateway, within } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

// The suite needs a newer Node than the gateway does.
const RUNNER = ['-y', '-p', 'node@24', '-p', '@modelcontextprotocol/conformance@0.2.0-alpha.12'];
const SCORED = { '2025-11-25': 30, '2026-07-28': 37 };
const RUN_TIMEOUT_MS = 300_000;

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: '' },
    set: { type: 'string', default: Object.keys(SCORED).join() },
    scenario: { type: 'string' },
  },
});

setUp();
const upstream = await startUpstream();
let failed = 0;
for (const version of values.node.split(',')) {
  const node = version === '' ? process.execPath : await binaryOf(version);
  const said = (await output(node, ['--version'])).text.trim();
  for (const set of values.set.split(',')) failed += (await passes(node, said, set)) ? 0 : 1;
}
await upstream.close();
process.exit(failed > 0 ? 1 : 0);

async function passes(node, said, set) {
  const capability = path.join(root, 'test', 'conformance', 'conformance.capability.yaml');
  const gateway = await startGateway([capability, '--base-uri', `fixture=${upstream.url}`], {
    node,
    needs: ['mcp'],
  });
  const url = gateway.mcp.replace('127.0.0.1', 'localhost');
  const results = path.join(root, '.cache', 'conformance', `${said}-${set}`);
  fs.rmSync(results, { recursive: true, force: true });
  const only =
    values.scenario === undefined
      ? ['--requirements', set]
      : ['--scenario', values.scenario, '--spec-version', set, '--verbose'];
  const { status, text } = await within(
    RUN_TIMEOUT_MS,
    `the suite of ${set}`,
    output('npx', [...RUNNER, 'conformance', 'server', '--url', url, ...only, '-o', results]),
  ).finally(gateway.stop);
  if (values.scenario !== undefined || status !== 0) console.log(text);
  const { scored, passed } = scoresIn(text);
  const whole = status === 0 && (values.scenario !== undefined || passed === SCORED[set]);
  console.log(
    `${whole ? 'pass' : 'FAIL'}  ${set} on Node ${said}: ${passed} of ${scored} scored scenarios`,
  );
  return whole;
}

/** Counts the scenarios that the suite scores in the summary it ends with. */
function scoresIn(text) {
  const summary = text.slice(text.lastIndexOf('=== SUMMARY ==='));
  const unscored = new Set(
    Array.from(summary.matchAll(/^ {2}[✓✗] (\S+) \(/gm), ([, name]) => name),
  );
  const ran = Array.from(summary.matchAll(/^([✓✗]) (\S+): \d+ passed/gm), ([, mark, name]) => ({
    name,
    passed: mark === '✓',
  })).filter(({ name }) => !unscored.has(name));
  return { scored: ran.length, passed: ran.filter((each) => each.passed).length };
}

/** The Node of a major version, fetched when this is another. */
async function binaryOf(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath;
  const found = await output('npx', [
    '-y',
    '-p',
    `node@${version}`,
    'node',
    '-p',
    'process.execPath',
  ]);
  return found.text.trim().split('\n').at(-1);
}

function output(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (piece) => {
      complaints += piece;
    });
    child.on('error', reject);
    child.on('close', (status) =>
      resolve({ status, text: status === 0 ? text : text + complaints }),
    );
  });
}
