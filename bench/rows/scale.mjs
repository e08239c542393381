// What connections, many files, many calls and a second process do to the same route or tool.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../scripts/setup.mjs';
import { CAPABILITY, dispatch, gateway, handMcp, pipe, sdkStateless } from '../contestants.mjs';
import { bare, CALL } from '../mcp-requests.mjs';
import { DOCUMENTS } from '../payload.mjs';
import { memoryOf } from '../proc.mjs';
import { CORES, startMeasuredGateway } from '../processes.mjs';
import { runRow } from '../row.mjs';
import { corpus } from './start.mjs';

const usual = DOCUMENTS['2kb'];
const rest = {
  request: { method: 'GET', path: '/2kb/42' },
  check: (json) => assert.deepEqual(json, usual),
};
const mcp = { check: ({ result }) => assert.deepEqual(result.structuredContent, usual) };
const calls = (contestant) => ({ ...contestant, request: bare(CALL) });
const at = (connections, contestant) => ({
  ...contestant,
  name: `${contestant.name}, ${connections.toLocaleString('en')}`,
  connections,
});

export const scaleRows = [
  ...[1, 16, 256].flatMap((connections) => [
    {
      ...rest,
      name: `rest-connections-${connections}`,
      title: 'REST, GET 2 KB',
      pace: 'short',
      connections,
      contestants: [gateway(), dispatch, pipe],
    },
    {
      ...mcp,
      name: `mcp-connections-${connections}`,
      title: 'MCP, tools/call of 2 KB',
      pace: connections === 1 ? 'middle' : 'short',
      connections,
      contestants: [gateway(), handMcp, sdkStateless].map(calls),
    },
  ]),
  {
    ...rest,
    name: 'rest-connections-1024',
    title: 'REST, GET 2 KB',
    pace: 'short',
    connections: '64 or 1,024',
    contestants: [at(1_024, gateway()), at(64, gateway()), at(1_024, dispatch), at(64, dispatch)],
  },
  {
    ...mcp,
    name: 'mcp-connections-1024',
    title: 'MCP, tools/call of 2 KB',
    pace: 'short',
    connections: '64 or 1,024',
    contestants: [
      at(1_024, calls(gateway())),
      at(64, calls(gateway())),
      at(1_024, calls(handMcp)),
      at(64, calls(handMcp)),
    ],
  },
  {
    name: 'rest-corpus',
    title: 'REST, GET 2 KB with every published file loaded',
    pace: 'middle',
    connections: 64,
    request: { method: 'GET', path: '/bench-rest/2kb/42' },
    check: rest.check,
    contestants: [
      gateway('gateway, whole corpus', ({ folder }) => [
        corpus(folder),
        CAPABILITY,
        '--prefix',
        '--mock',
      ]),
      gateway('gateway, one file', () => [CAPABILITY, '--prefix', '--mock']),
    ],
  },
  {
    name: 'memory',
    title: 'MCP, resident memory after many calls',
    run: growth,
  },
  {
    name: 'rest-workers',
    title: 'REST, GET 2 KB by more than one process, none kept on a core',
    run: workers,
  },
];

/** Memory after the first calls, and after six times as many; as far as `timing.memory` lets it go. */
async function growth(bench, { name, title }) {
  const { first, whole, seconds } = bench.timing.memory;
  const server = await gateway().start(bench);
  try {
    const request = await bare(CALL)(server);
    const job = { ...request, connections: 32, lead: 0 };
    const settled = async () => {
      await sleep(1_000);
      return memoryOf(server.pid).now;
    };
    const early = await bench.load.run({ ...job, seconds: seconds / 3, requests: first });
    const before = await settled();
    const later = await bench.load.run({
      ...job,
      seconds: (seconds * 2) / 3,
      requests: whole - first,
    });
    const after = await settled();
    const sum = early.requests + later.requests;
    bench.progress(`${name}: ${Math.round(before)} MB, ${Math.round(after)} MB`);
    const told = (count) => `gateway, after ${count.toLocaleString('en')} calls`;
    return {
      name,
      title,
      contestants: [
        { name: told(sum), rounds: [{ mb: after }] },
        { name: told(early.requests), rounds: [{ mb: before }] },
      ],
    };
  } finally {
    await server.stop();
  }
}

/** Nothing where the command has no such option. */
function workers(bench, { name, title }) {
  if (!hasWorkers()) return undefined;
  const contestants = ['2', '1'].map((count) => ({
    name: count === '1' ? '1 worker' : `${count} workers`,
    start: ({ upstream }) =>
      startMeasuredGateway(
        [CAPABILITY, '--workers', count, '--base-uri', `bench=${upstream.origin}`],
        CORES?.all.join(),
      ),
  }));
  return runRow(bench, { ...rest, name, title, pace: 'middle', connections: 64, contestants });
}

function hasWorkers() {
  const args = [command, 'run', '--help'];
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.includes('--workers');
}
