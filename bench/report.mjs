// Medians, ratios, and the machine they were measured on.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from '../scripts/setup.mjs';

const PACKAGES = ['undici', 'express', '@modelcontextprotocol/sdk'];

const NOTE = `CPU is processor time of the measured process per request. "gateway ÷" compares the gateway with
that line: requests/s above 1 and CPU below 1 mean that the gateway does better. Spread is the
fastest round over the slowest.`;

/** Medians of each target's rounds, and ratios of the first target, the gateway, to each other. */
export function summarize(rounds) {
  const names = Object.keys(rounds);
  const medians = names.map((name) => ({
    name,
    rps: median(rounds[name].map(({ rps }) => rps)),
    cpu: median(rounds[name].map(({ cpu }) => cpu)),
    p50: median(rounds[name].map(({ p50 }) => p50)),
    p99: median(rounds[name].map(({ p99 }) => p99)),
    spread: spread(rounds[name].map(({ rps }) => rps)),
    rounds: rounds[name],
  }));
  const [gateway] = medians;
  return medians.map((one) => ({
    ...one,
    rpsRatio: gateway.rps / one.rps,
    cpuRatio: gateway.cpu / one.cpu,
  }));
}

export function machine() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus.length} × ${cpus[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    gateway: versionIn(root),
    packages: Object.fromEntries(
      PACKAGES.map((name) => [name, versionIn(path.join(root, 'node_modules', name))]),
    ),
    load: os.loadavg()[0],
  };
}

export function markdown(about, rows) {
  const packages = Object.entries(about.packages).map((pair) => pair.join(' '));
  return [
    `naftiko-gateway ${about.gateway}, Node ${about.node}, ${packages.join(', ')}`,
    `${about.cpu}, ${about.memory}, ${about.system}, load ${about.load.toFixed(1)}, ${about.date}`,
    `${about.connections} connections; per row ${about.warmUp} s of warm-up each, then ` +
      `${about.passes * 2} rounds of ${about.seconds} s each, interleaved; medians; ` +
      `${about.pinned ? 'the measured process alone on a core' : 'not pinned to cores'}`,
    ...rows.map(table),
    NOTE,
  ].join('\n\n');
}

function table({ title, targets }) {
  const lines = targets.map((one) => {
    const numbers = [
      Math.round(one.rps).toLocaleString('en'),
      one.rpsRatio.toFixed(2),
      Number.isNaN(one.cpu) ? '–' : one.cpu.toFixed(0),
      Number.isNaN(one.cpu) ? '–' : one.cpuRatio.toFixed(2),
      one.p50.toFixed(1),
      one.p99.toFixed(1),
      one.spread.toFixed(2),
    ];
    return `| ${one.name} | ${numbers.join(' | ')} |`;
  });
  return [
    `| ${title} | requests/s | gateway ÷ | CPU µs | gateway ÷ | p50 ms | p99 ms | spread |`,
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function spread(numbers) {
  return Math.max(...numbers) / Math.min(...numbers);
}

function versionIn(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}
