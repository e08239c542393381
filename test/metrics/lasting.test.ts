import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregate } from '../../src/metrics/aggregate.ts';
import { lasting } from '../../src/metrics/lasting.ts';
import { record } from '../../src/metrics/meter.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { samplesIn } from './samples.ts';

function counted(times: number) {
  const metrics = createMetrics('1.2.3');
  const row = metrics.tools.row('agent', 'get "it"');
  for (let at = 0; at < times; at += 1) record(metrics.tools, row, 0, 3);
  metrics.tools.running = times;
  const count = metrics.counter('x_total', 'X.', ['kind'])('one');
  count();
  count(2);
  return metrics;
}

const CALLS = 'naftiko_tool_calls_total{namespace="agent",outcome="ok",tool="get \\"it\\""}';

test('metrics of several processes read as those of one', async () => {
  const snapshots = await Promise.all([counted(2).snapshot(), counted(5).snapshot(), []]);
  const samples = {
    name: 'own',
    help: 'Own.',
    type: 'gauge' as const,
    samples: () => [{ value: 7, labels: {} }],
  };
  const { text, contentType } = await aggregate(snapshots, [samples]);
  const found = samplesIn(text);
  assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(found.get(CALLS), 7);
  assert.equal(found.get('naftiko_tool_calls_in_flight'), 7);
  assert.equal(found.get('x_total{kind="one"}'), 6);
  const bucket =
    'naftiko_tool_call_duration_seconds_bucket{le="0.005",namespace="agent",tool="get \\"it\\""}';
  assert.equal(found.get(bucket), 7);
  assert.equal(found.get('own'), 7);
  const info = [...found].find(([name]) => name.startsWith('naftiko_build_info'));
  assert.equal(info?.[1], 2);
});

test('what a process has counted stays counted when it is gone; what it had at hand does not', async () => {
  const [first, second] = await Promise.all([counted(2).snapshot(), counted(3).snapshot()]);
  const gone = lasting(lasting([], first), second);
  const found = samplesIn((await aggregate([gone, await counted(1).snapshot()], [])).text);
  assert.equal(found.get(CALLS), 6);
  assert.equal(found.get('naftiko_tool_calls_in_flight'), 1);
  assert.equal(found.get('x_total{kind="one"}'), 9);
});
