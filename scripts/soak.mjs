// `npm run soak [-- --minutes 60 --rate 150]`: mixed load at a steady rate on both faces, a quarter of
// it in front of faults. Every answer is checked. Ends with 1 when a call was answered wrongly, when
// memory grew after the warm-up, when the event loop was late, or when the log says INTERNAL.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startGateway } from './gateway.mjs';
import { root, setUp } from './setup.mjs';
import { createCallers } from './soak/callers.mjs';
import { startUpstream } from './soak/upstream.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '150' },
    json: { type: 'string' },
  },
});
const MINUTES = Number(values.minutes);
const RATE = Number(values.rate);
/** Shares of the run: what comes before is warm-up, and as much at the end is compared with it. */
const WARM_UP = 0.2;
const WINDOW = 0.2;
const MOST_GROWTH = 1.1;
const MOST_DELAY_MS = 20;
const TICK_MS = 20;
const MOST_OPEN = 2_000;
const MINUTE_MS = 60_000;

setUp();
const upstream = await startUpstream();
const samples = [];
const internal = [];
const gateway = await startGateway(
  [
    path.join(root, 'scripts', 'soak', 'capability.yaml'),
    ...['--base-uri', `api=${upstream.origin}`, '--timeout', '2s'],
  ],
  {
    imports: [path.join(root, 'scripts', 'soak', 'probe.mjs')],
    onMessage: (sample) => samples.push({ at: performance.now(), ...sample }),
    onLine: (line) => {
      if (line.includes('INTERNAL')) internal.push(line);
    },
  },
);
const callers = createCallers(gateway);
const counts = new Map(callers.kinds.map(({ name }) => [name, 0]));
const failures = new Map();
let open = 0;
let failed = 0;

const began = performance.now();
try {
  await load(began + MINUTES * MINUTE_MS);
  for (let left = 100; open > 0 && left > 0; left -= 1) await sleep(100);
} finally {
  callers.close();
  const status = await gateway.stop();
  if (status !== 0) note(`the gateway ended with ${status}`);
  upstream.close();
}
report();

/** Open loop: calls begin when they are due, whether or not earlier ones are answered. */
async function load(until) {
  const all = callers.kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  let due = 0;
  let minute = 1;
  let before = performance.now();
  for (let now = before; now < until; now = performance.now()) {
    due += (RATE * (now - before)) / 1000;
    before = now;
    for (; due >= 1; due -= 1) begin(all[Math.floor(Math.random() * all.length)]);
    if (now - began > minute * MINUTE_MS) {
      const { p99, rss } = samples.at(-1) ?? { p99: Number.NaN, rss: Number.NaN };
      console.log(
        `${minute} min: ${sum(counts)} calls, ${failed} wrong, ${megabytes(rss)} MB, ` +
          `loop late by ${p99.toFixed(1)} ms (p99)`,
      );
      minute += 1;
    }
    await sleep(TICK_MS);
  }
}

function begin({ name, run }) {
  if (open >= MOST_OPEN) return note('too many calls are open at once');
  open += 1;
  counts.set(name, counts.get(name) + 1);
  run()
    .catch((error) => note(`${name}: ${error.message.split('\n')[0]}`))
    .finally(() => {
      open -= 1;
    });
}

function note(what) {
  failed += 1;
  const times = (failures.get(what) ?? 0) + 1;
  failures.set(what, times);
  if (times === 1) console.log(`WRONG after ${minutesSince()} min: ${what}`);
}

function minutesSince() {
  return ((performance.now() - began) / MINUTE_MS).toFixed(1);
}

function report() {
  const from = samples[0]?.at ?? 0;
  const span = (samples.at(-1)?.at ?? 0) - from;
  const within = (start, end) =>
    samples.filter(({ at }) => at - from >= start * span && at - from <= end * span);
  const early = within(WARM_UP, WARM_UP + WINDOW);
  const late = within(1 - WINDOW, 1);
  const growth = median(late, 'rss') / median(early, 'rss');
  const least = leastOf(late) / leastOf(early);
  const delays = within(WARM_UP, 1).map(({ p99 }) => p99);
  const p99 = delays.toSorted((one, other) => one - other)[Math.floor(delays.length / 2)];
  const worst = Math.max(...delays);
  for (const [name, count] of counts) console.log(`${String(count).padStart(8)}  ${name}`);
  console.log(`${sum(counts)} calls in ${MINUTES} minutes, ${failed} answered wrongly`);
  console.log(
    `memory: ${megabytes(median(early, 'rss'))} MB after the warm-up, ` +
      `${megabytes(median(late, 'rss'))} MB at the end (${growth.toFixed(2)} times); ` +
      `least heap ${least.toFixed(2)} times`,
  );
  console.log(
    `event loop late (p99 of each 10 s): median ${p99?.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`,
  );
  for (const [what, times] of [...failures].slice(0, 30)) console.log(`WRONG ${times}×: ${what}`);
  for (const line of internal.slice(0, 5)) console.log(`INTERNAL: ${line}`);
  const breaches = [
    ...(failed > 0 ? [`${failed} calls were answered wrongly`] : []),
    ...(internal.length > 0 ? [`${internal.length} failures were the gateway's own`] : []),
    ...(growth <= MOST_GROWTH ? [] : [`memory grew ${growth.toFixed(2)} times`]),
    ...(p99 < MOST_DELAY_MS ? [] : [`the event loop was late by ${p99} ms`]),
  ];
  for (const breach of breaches) console.log(`BREACH: ${breach}`);
  if (values.json !== undefined) {
    const about = { date: new Date().toISOString(), node: process.version, cpus: os.cpus().length };
    const result = { about, minutes: MINUTES, rate: RATE, counts: [...counts], samples, breaches };
    fs.writeFileSync(values.json, `${JSON.stringify(result)}\n`);
  }
  process.exitCode = breaches.length === 0 ? 0 : 1;
}

function median(of, field) {
  const sorted = of.map((sample) => sample[field]).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function leastOf(of) {
  return Math.min(...of.map(({ heapUsed }) => heapUsed));
}

function megabytes(bytes) {
  return Math.round(bytes / 2 ** 20);
}

function sum(of) {
  return [...of.values()].reduce((total, count) => total + count, 0);
}
