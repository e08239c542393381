import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePointEnd, tokenCounter } from '../../src/mcp/tokens.ts';

test('tokens are counted, and special ones are text like any other', async () => {
  const { count } = await tokenCounter();
  assert.equal(count(''), 0);
  assert.equal(count('hello world'), 2);
  assert.ok(count('<|endoftext|>') > 1);
});

test('no text has more tokens than bytes, which the last resort stands on', async () => {
  const { count } = await tokenCounter();
  for (const text of ['\u0001\ud7ff', '😀'.repeat(600), '漢字'.repeat(600), 'zq'.repeat(800)]) {
    assert.ok(count(text) <= Buffer.byteLength(text), text.slice(0, 10));
  }
});

test('counting ends where the limit is passed, over all texts', async () => {
  const { exceedsAt } = await tokenCounter();
  assert.equal(exceedsAt(['one two', ' three'], 3), undefined);
  assert.equal(exceedsAt(['one two', ' three'], 2), 7);
  assert.ok((exceedsAt(['word '.repeat(1_000_000)], 100) as number) < 1_000);
});

test('no character is halved', () => {
  assert.equal(codePointEnd('a😀b', 2), 1);
  assert.equal(codePointEnd('a😀b', 3), 3);
  assert.equal(codePointEnd('a', 9), 1);
});
