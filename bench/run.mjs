// `npm run bench`: what the gateway adds to a request, beside what others add, in one run on loopback.
//   --quick           the main rows, in under two minutes
//   --brief           shorter warm-ups and fewer rounds; about a third of the time
//   --gate            fails when CPU per request falls below the gates of CI; a row that fails is
//                     measured up to twice more, and a miss in rounds that differ by half is told,
//                     no more
//   --only WORD       rows whose name has the word; may be repeated
//   --connections N   that many for every row
//   --list            the names of the rows
//   --json FILE       the figures, by default .cache/bench.json; written after each row
//   --resume          rows that this file holds of a run of the same kind are not measured again
//   --write           the report to docs/bench.md and the README
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root, setUp } from '../scripts/setup.mjs';
import { gated, gateRow } from './judge.mjs';
import { MODES } from './modes.mjs';
import { startUpstream } from './nginx.mjs';
import { installPeers } from './peers.mjs';
import { raiseSession } from './priority.mjs';
import { pin } from './proc.mjs';
import { CORES, startLoad } from './processes.mjs';
import { machine, report, shortReport } from './report.mjs';
import { runRow } from './row.mjs';
import { write } from './written.mjs';

const LONGEST_MS = 3_600_000;
const MOST_TRIES = 3;
const NOTHING = { rows: [] };

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    connections: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'string', default: path.join(root, '.cache', 'bench.json') },
    resume: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const mode = ['gate', 'quick', 'brief'].find((one) => options[one]) ?? 'full';

setUp();
const { ROWS } = await import('./rows/all.mjs');
if (options.list) {
  for (const { name, title } of ROWS) console.log(`${name.padEnd(24)} ${title}`);
  process.exit();
}
installPeers();
process.setMaxListeners(0);
setTimeout(() => process.exit(1), LONGEST_MS).unref();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naftiko-bench-'));
const lowerSession = raiseSession();
process.once('exit', lowerSession);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const running = [];
const begun = performance.now();
const minutes = () => (performance.now() - begun) / 60_000;
let failed = 0;
let untold = 0;
try {
  pin(process.pid, CORES?.rest);
  running.push(startLoad());
  running.push(await startUpstream(folder));
  const [load, upstream] = running;
  const connections = options.connections && Number(options.connections);
  const bench = { mode, folder, load, upstream, connections, timing: MODES[mode], progress };
  if (mode === 'gate') await gate(bench);
  else await measure(bench);
} finally {
  for (const { stop } of running.toReversed()) await stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

async function measure(bench) {
  const { about: earlier, rows: known } = options.resume ? measuredBefore() : NOTHING;
  const found = new Map(known.map((row) => [row.name, row]));
  const soFar = () => ({
    about: {
      ...machine(),
      mode,
      minutes: (earlier?.minutes ?? 0) + minutes(),
      pinned: CORES !== undefined,
    },
    rows: ROWS.flatMap(({ name }) => found.get(name) ?? []),
  });
  fs.mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  for (const row of chosen(ROWS)) {
    if (found.has(row.name)) continue;
    const measured = await (row.run ?? runRow)(bench, row);
    if (measured === undefined) continue;
    found.set(row.name, measured);
    fs.writeFileSync(options.json, `${JSON.stringify(soFar(), null, 2)}\n`);
  }
  const { about, rows } = soFar();
  const whole = report(about, rows);
  console.log(whole);
  if (options.write) write(shortReport(about, rows), whole);
}

function measuredBefore() {
  if (!fs.existsSync(options.json)) return NOTHING;
  const earlier = JSON.parse(fs.readFileSync(options.json, 'utf8'));
  if (earlier.about.mode === mode) return earlier;
  throw new Error(`${options.json} holds a ${earlier.about.mode} run, this is a ${mode} one.`);
}

async function gate(bench) {
  for (const row of chosen(ROWS.flatMap((each) => gateRow(each) ?? []))) {
    progress(`${row.name}: after ${minutes().toFixed(1)} minutes`);
    const once = async () => gated(await (row.run ?? runRow)(bench, row));
    let results = await once();
    for (let tries = 1; tries < MOST_TRIES && !results.every(({ passes }) => passes); tries += 1) {
      results = await again(results, once);
    }
    for (const { text, passes, steady } of results) {
      console.log(`${passes ? 'pass' : steady ? 'FAIL' : 'busy'}  ${text}`);
      if (!passes && steady) failed += 1;
      if (!passes && !steady) untold += 1;
    }
  }
  const busy = untold === 0 ? '' : `${untold} missed while the machine was busy, `;
  console.log(`${failed} below a gate, ${busy}${minutes().toFixed(1)} minutes`);
}

/** What failed gets another chance; what passed has passed. */
async function again(first, once) {
  for (const { text } of first.filter(({ passes }) => !passes)) console.log(`again ${text}`);
  const second = await once();
  return first.map((one, index) => (one.passes ? one : second[index]));
}

function chosen(rows) {
  if (options.only) {
    return rows.filter(({ name }) => options.only.some((word) => name.includes(word)));
  }
  return mode === 'quick' ? rows.filter(({ quick }) => quick).map(shortened) : rows;
}

function shortened({ quickWithout = [], ...row }) {
  const left = new Set(quickWithout.map(({ name }) => name));
  return { ...row, contestants: row.contestants?.filter(({ name }) => !left.has(name)) };
}

function progress(text) {
  if (process.stderr.isTTY || process.env.BENCH_PROGRESS) process.stderr.write(`${text}\n`);
}
