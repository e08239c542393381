import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { better, betterAtBest } from '../../bench/figures.mjs';
import { gated, gateRow, judged } from '../../bench/judge.mjs';
import { ROWS } from '../../bench/rows/all.mjs';
import { TARGETS } from '../../bench/targets.mjs';
import { between } from '../../bench/written.mjs';

const rounds = (...cpus: number[]) => cpus.map((cpu) => ({ cpu, rps: 1e6 / cpu, p50: cpu }));
const row = (ours: number[], theirs: number[]) => ({
  name: 'row',
  contestants: [
    { name: 'gateway', rounds: rounds(...ours) },
    { name: 'bare', rounds: rounds(...theirs) },
  ],
});
interface Row {
  readonly name: string;
  readonly contestants?: readonly { readonly name: string }[];
}

const target = { what: 'to bare', row: 'row', theirs: 'bare', least: 0.9, gate: 0.5 };

describe('the bench', () => {
  test('takes ratios round by round, so that what slows both down does not count', () => {
    assert.deepEqual(better(row([10, 100, 40], [5, 50, 10]), 'cpu', 'gateway', 'bare'), {
      median: 0.5,
      low: 0.25,
      high: 0.5,
    });
    assert.equal(better(row([1], [1]), 'cpu', 'gateway', 'nobody'), undefined);
    assert.equal(betterAtBest(row([80, 20], [10, 90]), 'cpu', 'gateway', 'bare'), 0.5);
  });

  test('fails a gate below its bar, or without a figure, and no other', () => {
    const passes = (ours: number[]) => gated(row(ours, [10, 10, 10]), [target])[0]?.passes;
    assert.equal(passes([20, 19, 30]), true);
    assert.equal(passes([21, 24, 30]), false);
    assert.equal(gated({ name: 'row', contestants: [] }, [target])[0]?.passes, false);
    const missing = { name: 'row', contestants: [], missing: ['bare'] };
    assert.match(gated(missing, [target])[0]?.text ?? '', /skipped, bare is not installed/);
    const slow = { ...target, by: 'p50', most: 1.4, gate: 1.4 };
    assert.equal(gated(row([14, 14, 20], [10, 10, 10]), [slow])[0]?.passes, true);
    assert.equal(gated(row([15, 15, 15], [10, 10, 10]), [slow])[0]?.passes, false);
  });

  test('does not blame the gateway for rounds that a busy machine disturbed', () => {
    const steady = (ours: number[], theirs: number[]) =>
      gated(row(ours, theirs), [target])[0]?.steady;
    assert.equal(steady([21, 24, 30], [10, 12, 15]), true);
    assert.equal(steady([21, 24, 32], [10, 12, 15]), false);
    assert.equal(steady([21, 24, 30], [10, 12, 16]), false);
  });

  test('says of each target that a run can tell whether it is met', () => {
    const verdict = (ours: number[]) =>
      judged([row(ours, [10])], 2, [target, { ...target, row: 'absent' }]).map(
        (line) => line.verdict,
      );
    assert.deepEqual(verdict([11]), ['met']);
    assert.deepEqual(verdict([12]), ['**not met**']);
    const two = { ...target, needsCores: 4 };
    assert.equal(judged([row([12], [10])], 2, [two])[0]?.verdict, 'needs 4 cores');
  });

  test('has the rows and the contestants that its targets name', () => {
    const named = new Map<unknown, Row>(ROWS.map((each: Row) => [each.name, each]));
    for (const { what, row: name, ours = 'gateway', theirs, gateRows = [] } of TARGETS) {
      for (const each of [...gateRows, ...(name === undefined ? [] : [name])]) {
        assert.ok(named.has(each), `${what}: no row ${each}`);
      }
      const contestants = named.get(name)?.contestants?.map((each) => each.name);
      if (contestants === undefined) continue;
      for (const each of [ours, theirs]) {
        assert.ok(contestants.includes(each), `${what}: ${name} has no ${each}`);
      }
    }
  });

  test('measures for the gates no more than they ask for', () => {
    const rows = ROWS.flatMap((each) => gateRow(each) ?? []);
    assert.ok(rows.length > 10 && rows.length < ROWS.length);
    const call = rows.find(({ name }) => name === 'mcp-call');
    assert.equal(call?.contestants?.length, 5);
  });

  test('writes between its markers and nowhere else', () => {
    const text = 'a\n<!-- bench -->\nold\n<!-- /bench -->\nz\n';
    assert.equal(between(text, 'new'), 'a\n<!-- bench -->\nnew\n<!-- /bench -->\nz\n');
    assert.throws(() => between('no place', 'new'), /has no <!-- bench -->/);
  });
});
