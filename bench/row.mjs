// One row of the report: contestants that do the same work, each a process of its own, all alive at
// the same time, measured in turns.

import { busyOf, cpuOf, memoryOf } from './proc.mjs';
import { CORES } from './processes.mjs';

/** A round in which others took more of the measured core than this is measured once more. */
const FOREIGN = 0.12;

/** One connection alone asks so little in that time that its row would measure the compiler. */
const WARM_CONNECTIONS = 16;

/**
 * @param {object} bench `load`, `upstream`, `folder`, `timing` by the names of `row.pace`, `progress`
 * @param {object} row `name`, `title`, `pace`, `connections`, `request` (method, path, body), `check`
 *   of the answer's JSON, and `contestants`: `name`, `start(bench)`, `isMissing` where this machine has
 *   none, and where they differ from the row `request(server)`, `connections`, `check`
 */
export async function runRow(bench, row) {
  const { warmUp, rounds: count, seconds } = bench.timing[row.pace];
  const running = [];
  try {
    const present = row.contestants.filter(({ isMissing }) => !isMissing);
    const missing = row.contestants.filter(({ isMissing }) => isMissing).map(({ name }) => name);
    const starting = present.map((contestant) => started(bench, row, contestant));
    for (const each of await Promise.allSettled(starting)) {
      if (each.status === 'fulfilled') running.push(each.value);
    }
    await Promise.all(starting);
    for (const one of running) {
      bench.progress(`${row.name}: warming up ${one.name}`);
      const connections = Math.max(one.connections, WARM_CONNECTIONS);
      await measure(bench, { ...one, connections }, warmUp);
    }
    for (let index = 0; index < count; index += 1) {
      for (const one of index % 2 === 0 ? running : running.toReversed()) {
        const round = await quietRound(bench, one, seconds);
        bench.progress(
          `${row.name}: ${one.name} ${Math.round(round.rps)}/s, ${round.cpu.toFixed(0)} µs`,
        );
        one.rounds.push(round);
      }
    }
    const contestants = running.map(({ name, pid, connections, rounds }) => {
      return { name, connections, peak: memoryOf(pid).peak, rounds };
    });
    const { name, title, connections } = row;
    return { name, title, connections: bench.connections ?? connections, contestants, missing };
  } finally {
    for (const { stop } of running.toReversed()) await stop();
  }
}

async function started(bench, row, contestant) {
  const server = await contestant.start(bench);
  try {
    const origin = contestant.request ? undefined : server.origin + row.request.path;
    const request = contestant.request
      ? await contestant.request(server, row)
      : { ...row.request, url: origin };
    await probe(contestant.name, request, contestant.check ?? row.check);
    const connections = contestant.connections ?? bench.connections ?? row.connections;
    return { ...server, name: contestant.name, request, connections, rounds: [] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Asks once and looks at the answer, so that nobody is fast by answering something else. */
async function probe(name, { url, method, headers, body }, check) {
  const type = body ? { 'content-type': 'application/json' } : {};
  const accept = { accept: 'application/json, text/event-stream' };
  const response = await fetch(url, { method, headers: { ...accept, ...type, ...headers }, body });
  const text = await response.text();
  const data = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
  try {
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    check(JSON.parse(data));
  } catch (error) {
    throw new Error(`${name} answers ${url} wrongly: ${error.message}\n${text.slice(0, 500)}`);
  }
}

async function quietRound(bench, one, seconds) {
  const first = await measure(bench, one, seconds);
  if (!bench.timing.repeatsNoisy || !(first.foreign > FOREIGN)) return first;
  const second = await measure(bench, one, seconds);
  return second.foreign < first.foreign ? second : first;
}

/**
 * One round. `cpu`: microseconds of processor time of the process per request; `foreign`: the share
 * of its core that others took; `loadBusy`: the share of its core that load and upstream took.
 */
async function measure({ load, upstream, timing }, { pid, request, connections }, seconds) {
  const now = () => ({
    own: cpuOf(pid),
    upstream: cpuOf(upstream.pid),
    measuredCore: busyOf(CORES?.measured),
  });
  let before;
  const job = { ...request, connections, lead: timing.lead, seconds };
  const result = await load.run(job, () => {
    before = now();
  });
  if (before === undefined) throw new Error(`nothing was counted: ${result.why}`);
  if (result.requests === 0) throw new Error(`${request.url} answered nothing: ${result.why}`);
  const after = now();
  const took = (name) => after[name] - before[name];
  const elapsed = result.seconds * 1e6;
  const others = took('upstream') + result.cpu;
  return {
    rps: result.requests / result.seconds,
    cpu: took('own') / result.requests,
    p50: result.p50,
    p99: result.p99,
    requests: result.requests,
    errors: result.errors,
    why: result.why,
    loadBusy: others / elapsed,
    foreign: (took('measuredCore') - took('own')) / elapsed,
  };
}
