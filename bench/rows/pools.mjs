// How many connections to a consumed API serve best: one that answers at once, and one that takes its
// time, as those over a network do. The others are compared with the first.
import assert from 'node:assert/strict';
import { CAPABILITY, dispatch, gateway, server } from '../contestants.mjs';
import { DOCUMENTS } from '../payload.mjs';
import { CORES, startMeasuredGateway, startServer } from '../processes.mjs';

const LATE_MS = '100';

const rest = {
  pace: 'short',
  request: { method: 'GET', path: '/2kb/42' },
  check: (json) => assert.deepEqual(json, DOCUMENTS['2kb']),
};
const option = (most) => ['--max-connections', String(most)];
const upTo = (most) => gateway(`gateway, up to ${most}`, () => [CAPABILITY, ...option(most)]);
const late = (most) => ({
  name: `gateway, up to ${most}`,
  async start() {
    const api = await startServer('upstream', [LATE_MS], CORES?.rest);
    const args = [CAPABILITY, ...option(most), '--base-uri', `bench=${api.origin}`];
    const running = await startMeasuredGateway(args);
    return { ...running, stop: () => running.stop().finally(api.stop) };
  },
});
const pipelined = server('bare, 16, 8 requests in each', 'dispatch', '16', '8');

export const poolRows = [
  {
    ...rest,
    name: 'pools-64',
    title: 'REST, GET 2 KB by so many connections to the consumed API',
    connections: 64,
    contestants: [...[128, 16, 32, 64].map(upTo), dispatch, pipelined],
  },
  {
    ...rest,
    name: 'pools-1024',
    title: 'REST, GET 2 KB by so many connections to the consumed API',
    connections: 1_024,
    contestants: [...[128, 64, 256, 512, 1_024].map(upTo), dispatch, pipelined],
  },
  {
    ...rest,
    name: 'pools-late',
    title: `REST, GET 2 KB of a consumed API that takes ${LATE_MS} ms`,
    connections: 512,
    contestants: [128, 64, 256, 512].map(late),
  },
];
