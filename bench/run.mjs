// `npm run bench [-- --quick] [--json FILE]`: what the gateway adds to a request, as ratios to a bare
// pass-through in the same run. All on loopback; rounds are interleaved, so that what else the
// machine does hits all alike. Prints a Markdown report; the figures also go to FILE as JSON.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root, setUp } from '../scripts/setup.mjs';
import { BODY, TOOL_CALL } from './payload.mjs';
import { CORES, measure, startMeasuredGateway, startServer } from './processes.mjs';
import { machine, markdown, summarize } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: path.join(root, '.cache', 'bench.json') },
    connections: { type: 'string', default: '32' },
  },
});
const { warmUp, seconds, passes } = options.quick
  ? { warmUp: 3, seconds: 2, passes: 1 }
  : { warmUp: 8, seconds: 4, passes: 2 };
const connections = Number(options.connections);

setUp();
const started = [];
try {
  const rows = await bench();
  const about = { ...machine(), pinned: CORES !== undefined, connections, warmUp, seconds, passes };
  fs.mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  fs.writeFileSync(options.json, `${JSON.stringify({ about, rows }, null, 2)}\n`);
  console.log(markdown(about, rows));
} finally {
  for (const { stop } of started) await stop();
}

async function bench() {
  const upstream = await start(startServer('upstream', [], CORES?.rest));
  const server = (name) => start(startServer(name, [upstream.origin], CORES?.measured));
  const gateway = await start(startMeasuredGateway(upstream.origin));
  const [bare, express, sdk] = [await server('bare'), await server('express'), await server('sdk')];

  const at = ({ pid, origin }, route) => ({ pid, url: `${origin}${route}` });
  const rest = { pid: gateway.pid, origin: gateway.rest };
  const servers = { gateway: rest, bare, 'Express + undici': express };
  const on = (route) =>
    Object.fromEntries(Object.entries(servers).map(([name, one]) => [name, at(one, route)]));
  const tools = {
    gateway: { pid: gateway.pid, url: gateway.mcp },
    'SDK + Express + undici': at(sdk, '/mcp'),
  };
  return [
    await row('REST, GET 2 KB', { method: 'GET' }, on('/items/42')),
    await row('REST, POST 1 KB', { method: 'POST', body: BODY }, on('/items')),
    await row('MCP, tools/call 2 KB', { method: 'POST', body: TOOL_CALL }, tools),
  ];
}

/** Rounds in the order A B C C B A, after each has been warmed up. */
async function row(title, request, targets) {
  const forth = Object.entries(targets);
  const rounds = Object.fromEntries(forth.map(([name]) => [name, []]));
  for (const [name, target] of forth) {
    progress(`${title}: warming up ${name}`);
    await measure(target, request, connections, warmUp);
  }
  for (let pass = 0; pass < passes; pass += 1) {
    for (const [name, target] of [...forth, ...forth.toReversed()]) {
      const round = await measure(target, request, connections, seconds);
      progress(`${title}: ${name} ${Math.round(round.rps)} requests/s`);
      rounds[name].push(round);
    }
  }
  return { title, targets: summarize(rounds) };
}

async function start(starting) {
  const one = await starting;
  started.unshift(one);
  return one;
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
