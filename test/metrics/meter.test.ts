import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familiesOf } from '../../src/metrics/families.ts';
import { BOUNDS, createMeter, record } from '../../src/metrics/meter.ts';

const named = (name: string) => ({ name, help: `${name}.` });

const meter = () =>
  createMeter({
    total: named('x_total'),
    duration: named('x_seconds'),
    running: named('x_running'),
    labels: ['one', 'other'],
    outcomeLabel: 'end',
    outcomes: ['good', 'bad'],
  });

test('a row counts outcomes and puts times into buckets that are cumulated', () => {
  const measured = meter();
  const row = measured.row('a', 'b');
  assert.equal(measured.row('a', 'b'), row);
  record(measured, row, 0, 0.5);
  record(measured, row, 0, 0.6);
  record(measured, row, 1, 70_000);
  const [total, duration, running] = familiesOf(measured);
  assert.deepEqual(total?.samples(), [
    { value: 2, labels: { one: 'a', other: 'b', end: 'good' } },
    { value: 1, labels: { one: 'a', other: 'b', end: 'bad' } },
  ]);
  const samples = duration?.samples() ?? [];
  const counts = samples.filter(({ metricName }) => metricName === 'x_seconds_bucket');
  assert.deepEqual(
    counts.map(({ value }) => value),
    [1, ...BOUNDS.slice(1).map(() => 2), 3],
  );
  assert.deepEqual(
    [counts[0], counts.at(-1)].map((each) => each?.labels.le),
    [0.0005, '+Inf'],
  );
  const [sum, count] = samples.slice(-2);
  assert.equal(sum?.metricName, 'x_seconds_sum');
  assert.ok(Math.abs((sum?.value ?? 0) - 70.0011) < 1e-9);
  assert.deepEqual([count?.metricName, count?.value], ['x_seconds_count', 3]);
  measured.running = 4;
  assert.deepEqual(running?.samples(), [{ value: 4, labels: {} }]);
});

test('label values that run into each other are different rows, and unused rows say nothing', () => {
  const measured = meter();
  assert.notEqual(measured.row('a', 'b,c'), measured.row('a,b', 'c'));
  assert.deepEqual(
    familiesOf(measured).map(({ samples }) => samples().length),
    [0, 0, 1],
  );
});
