// `npm run clients`: the clients that people point at a gateway, of both eras, by HTTP and by pipes,
// each against running ones. The client packages are installed on first use into .cache/, not into
// the project. Ends with status 1 when a client fails at something it can do.
//   npm run clients -- WORD...     those whose line holds each WORD: `agents`, `inspector 2. stdio`
//   npm run clients -- --write     writes what was found to docs/clients.md
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { aiSdk } from './clients/ai-sdk.mjs';
import { curl } from './clients/curl.mjs';
import { FEATURES, LACKING } from './clients/expected.mjs';
import { inspectors } from './clients/inspector.mjs';
import { langchain } from './clients/langchain.mjs';
import { matrix } from './clients/matrix.mjs';
import { newerSdk } from './clients/newer-sdk.mjs';
import { openaiAgents } from './clients/openai-agents.mjs';
import { mcpRemote, sdk } from './clients/sdk.mjs';
import { startTargets } from './clients/targets.mjs';
import { within } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const STEP_TIMEOUT_MS = 120_000;
const INSTALL_AND_OPEN_MS = 600_000;
const CLIENTS = [
  curl,
  sdk,
  newerSdk,
  ...inspectors,
  ...aiSdk,
  langchain,
  openaiAgents,
  mcpRemote,
].flat();

const { values, positionals: words } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.write && words.length > 0) throw new Error('The matrix is written from a run of all.');

setUp();
const rows = CLIENTS.flatMap(({ modes, ...client }) =>
  modes.map((mode) => ({ ...client, ...mode })),
).filter((row) => words.every((word) => titleOf(row).includes(word)));
const targets = await startTargets();
let failed = 0;
for (const row of rows) {
  const started = Date.now();
  row.cells = await drive(row);
  const wrong = Object.entries(row.cells).filter(([, cell]) => typeof cell === 'string');
  const lacking = Object.keys(row.cells).filter((name) => row.cells[name] === LACKING);
  if (wrong.length > 0) failed += 1;
  const seconds = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const rest = lacking.length === 0 ? '' : `, has no ${lacking.join(', ')}`;
  console.log(`${wrong.length > 0 ? 'FAIL' : 'pass'}  ${titleOf(row)} (${seconds})${rest}`);
  for (const [name, why] of wrong) console.log(`      ${name}: ${why}`);
}
const statuses = await targets.close();
if (statuses.some((status) => status !== 0)) {
  failed += 1;
  console.log(`FAIL  the gateways ended with ${statuses.join(', ')}`);
}
if (values.write) {
  const file = path.join(root, 'docs', 'clients.md');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, matrix(rows));
}
console.log(`${rows.length - Math.min(failed, rows.length)} of ${rows.length} ways passed`);
// A client library may keep a connection of its own; nothing is waited for any more.
process.exit(failed > 0 || rows.length === 0 ? 1 : 0);

function titleOf({ name, version, way, transport }) {
  return [name, version, way, transport].filter((part) => part !== undefined).join(' ');
}

/** What became of each feature: true, LACKING, or why not. */
async function drive(row) {
  const cells = {};
  const { limits = {} } = row;
  for (const target of new Set(FEATURES.map(({ on }) => on))) {
    let session;
    try {
      const opening = row.open(targets[target]);
      session = await within(INSTALL_AND_OPEN_MS, 'the client to connect', opening);
      row.revision ??= session.revision;
    } catch (error) {
      for (const { name, on } of FEATURES) if (on === target) cells[name] = reason(error);
      continue;
    }
    for (const { name, on, check } of FEATURES) {
      if (on !== target) continue;
      try {
        const verdict = await within(STEP_TIMEOUT_MS, name, check(session, targets[target]));
        cells[name] = name in limits ? 'works now: it is no limit any more' : (verdict ?? true);
      } catch (error) {
        cells[name] = name in limits ? LACKING : reason(error);
      }
    }
    await within(STEP_TIMEOUT_MS, 'the client to close', session.close()).catch((error) => {
      cells.list = `closing: ${reason(error)}`;
    });
  }
  return cells;
}

function reason(error) {
  const lines = String(error?.message ?? error)
    .split('\n')
    .filter(Boolean);
  return lines.slice(0, 4).join(' / ');
}
