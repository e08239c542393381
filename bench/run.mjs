// `npm run bench`: what the gateway adds to a request, beside what others add, in one run on loopback.
//   --quick           the main rows, in under two minutes
//   --only WORD       rows whose name has the word; may be repeated
//   --connections N   that many for every row
//   --list            the names of the rows
//   --json FILE       the figures, by default .cache/bench.json
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root, setUp } from '../scripts/setup.mjs';
import { startUpstream } from './nginx.mjs';
import { installPeers } from './peers.mjs';
import { raiseSession } from './priority.mjs';
import { pin } from './proc.mjs';
import { CORES, startLoad } from './processes.mjs';
import { machine, markdown } from './report.mjs';
import { runRow } from './row.mjs';
import { listRows } from './rows/lists.mjs';
import { mcpRows } from './rows/mcp.mjs';
import { restRows } from './rows/rest.mjs';
import { shapedRows } from './rows/shaped.mjs';

const LONGEST_MS = 3_600_000;
const PACES = {
  full: {
    long: { warmUp: 20, rounds: 6, seconds: 2 },
    middle: { warmUp: 10, rounds: 5, seconds: 2 },
    short: { warmUp: 5, rounds: 4, seconds: 2 },
  },
  quick: {
    long: { warmUp: 3, rounds: 2, seconds: 1 },
    middle: { warmUp: 2, rounds: 2, seconds: 1 },
    short: { warmUp: 2, rounds: 2, seconds: 1 },
  },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    connections: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'string', default: path.join(root, '.cache', 'bench.json') },
  },
});
const mode = options.quick ? 'quick' : 'full';
const all = [...restRows, ...shapedRows, ...mcpRows, ...listRows];
const chosen = all.filter(({ name, quick }) =>
  options.only ? options.only.some((word) => name.includes(word)) : quick || mode === 'full',
);
if (options.list) {
  for (const { name, title } of all) console.log(`${name.padEnd(24)} ${title}`);
  process.exit();
}

setUp();
installPeers();
process.setMaxListeners(0);
setTimeout(() => process.exit(1), LONGEST_MS).unref();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naftiko-bench-'));
const running = [];
const begun = performance.now();
const lowerSession = raiseSession();
try {
  pin(process.pid, CORES?.rest);
  const load = startLoad();
  running.push(load);
  const upstream = await startUpstream(folder);
  running.push(upstream);
  const connections = options.connections && Number(options.connections);
  const bench = { folder, load, upstream, connections, timing: PACES[mode], progress };
  const rows = [];
  for (const row of chosen) rows.push(await (row.run ?? runRow)(bench, row));
  const minutes = (performance.now() - begun) / 60_000;
  const about = { ...machine(), mode, minutes, pinned: CORES !== undefined };
  fs.mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  fs.writeFileSync(options.json, `${JSON.stringify({ about, rows }, null, 2)}\n`);
  console.log(markdown(about, rows));
} finally {
  for (const { stop } of running.toReversed()) await stop();
  lowerSession();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit();

function progress(text) {
  if (process.stderr.isTTY || process.env.BENCH_PROGRESS) process.stderr.write(`${text}\n`);
}
