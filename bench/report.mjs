// The report: the machine, what the targets say, and a table for each row.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from '../scripts/setup.mjs';
import { better, median, spread } from './figures.mjs';
import { judged, targetTable } from './judge.mjs';
import { nginxVersion } from './nginx.mjs';
import { peerVersions } from './peers.mjs';

const PACKAGES = ['undici', 'express'];

const LOAD_LIMIT = 0.9;
const MAIN = ['rest-get-2kb', 'rest-array', 'mcp-call', 'mcp-list-1000', 'start'];

const NOTE = `CPU is processor time of the measured process per request, all threads. "×" is how many times
better the first line does than that line: requests/s and CPU above 1 mean that it is ahead. Ratios are
medians of those taken round by round; spread is the fastest round over the slowest. ° marks where
load and upstream had used up their own core, so that only CPU tells: the rest was not measured at its limit.`;

export function machine() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus.length} × ${cpus[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    upstream: nginxVersion ?? 'a bare node:http server',
    gateway: versionIn(root),
    packages: {
      ...Object.fromEntries(
        PACKAGES.map((name) => [name, versionIn(path.join(root, 'node_modules', name))]),
      ),
      ...peerVersions(),
    },
    load: os.loadavg()[0],
  };
}

function head(about) {
  const packages = Object.entries(about.packages).map((pair) => pair.join(' '));
  return [
    `${about.date}, naftiko-gateway ${about.gateway}, Node ${about.node}, ${about.cpu}, ` +
      `${about.memory}, ${about.system}, load ${about.load.toFixed(1)}; upstream ${about.upstream}; ` +
      `${about.pinned ? 'the measured process alone on a core' : 'not pinned to cores'}; ` +
      `${about.mode} run of ${about.minutes.toFixed(0)} minutes.`,
    packages.join(', '),
  ].join('\n\n');
}

/** All of it. */
export function report(about, rows) {
  return [head(about), targets(rows), ...rows.map(table), NOTE].join('\n\n');
}

/** What the README shows: the targets and the main rows. */
export function shortReport(about, rows) {
  const main = rows.filter(({ name }) => MAIN.includes(name));
  return [head(about), targets(rows), ...main.map(table), NOTE].join('\n\n');
}

const targets = (rows) => targetTable(judged(rows, os.cpus().length));

function table(row) {
  const [first] = row.contestants;
  return first.rounds[0].rps !== undefined ? loadTable(row, first) : timeTable(row, first);
}

function loadTable(row, first) {
  const lines = row.contestants.map((one) => {
    const middle = (measure) => median(one.rounds.map((round) => round[measure]));
    const ratio = (measure) => better(row, measure, first.name, one.name).median;
    const numbers = [
      Math.round(middle('rps')).toLocaleString('en'),
      figure(ratio('rps')),
      figure(middle('cpu')),
      figure(ratio('cpu')),
      figure(middle('p50')),
      figure(middle('p99')),
      figure(one.peak),
      spread(one.rounds.map(({ rps }) => rps)).toFixed(2),
    ];
    const errors = one.rounds.reduce((sum, round) => sum + round.errors, 0);
    const limited = middle('loadBusy') > LOAD_LIMIT ? '°' : '';
    const name = errors === 0 ? one.name + limited : `${one.name} (${errors} errors)`;
    return `| ${name} | ${numbers.join(' | ')} |`;
  });
  const rounds = `${first.rounds.length} rounds`;
  return [
    `| ${row.title}, ${row.connections} connections, ${rounds} | requests/s | × | CPU µs | × | p50 ms | p99 ms | peak MB | spread |`,
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

function timeTable(row, first) {
  const unit = first.rounds[0].ms === undefined ? 'mb' : 'ms';
  const lines = row.contestants.map((one) => {
    const numbers = [
      figure(median(one.rounds.map((round) => round[unit]))),
      figure(better(row, unit, first.name, one.name).median),
      spread(one.rounds.map((round) => round[unit])).toFixed(2),
    ];
    return `| ${one.name} | ${numbers.join(' | ')} |`;
  });
  return [
    `| ${row.title} | ${unit === 'mb' ? 'MB' : 'ms'} | × | spread |`,
    '|---|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

/** Three digits that matter, no more. */
function figure(number) {
  if (number === undefined || Number.isNaN(number)) return '–';
  if (number >= 100) return Math.round(number).toLocaleString('en');
  return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

function versionIn(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}
