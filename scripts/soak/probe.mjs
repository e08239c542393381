// Loaded into the gateway by --import: says once in a while, on a channel of its own, how late the
// event loop was and what memory is held.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

const RESOLUTION_MS = 5;
const EVERY_MS = Number(process.env.SOAK_PROBE_MS ?? 10_000);

if (process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // The histogram holds whole intervals; what is above the resolution was delay.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const timer = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ p99: late(delay.percentile(99)), longest: late(delay.max), rss, heapUsed });
    delay.reset();
  }, EVERY_MS);
  timer.unref();
  process.channel?.unref();
}
