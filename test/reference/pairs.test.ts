import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PAIRS } from './pairs/all.ts';
import { isSame } from './pairs/pair.ts';

describe('what was observed of the reference, asked of the gateway', () => {
  test('no observation is left out, and each difference has its reason', () => {
    assert.deepEqual(
      PAIRS.map(({ number }) => number),
      Array.from({ length: 42 }, (_, index) => index + 1),
    );
    for (const { number, why, parts } of PAIRS) {
      assert.equal(why === undefined, parts.every(isSame), `the reason of ${number}`);
    }
  });

  for (const { number, setup, parts } of PAIRS) {
    for (const { sent, ours, ask } of parts) {
      test(`${number}: ${setup}: ${sent}`, async (t) => {
        assert.deepEqual(await ask(t), ours);
      });
    }
  }
});
