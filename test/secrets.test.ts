import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMask } from '../src/secrets.ts';

describe('a mask', () => {
  const secret = 'p@ss "w\'ord"/ü!';
  const mask = createMask([secret]);

  for (const [spelling, text] of [
    ['as it is', secret],
    ['in JSON', JSON.stringify({ token: secret })],
    ['in single quotes of a shell', secret.replaceAll("'", `'\\''`)],
    ['percent-encoded', encodeURIComponent(secret)],
    ['percent-encoded without exception', 'p%40ss%20%22w%27ord%22%2F%C3%BC%21'],
    ['in a form', 'p%40ss+%22w%27ord%22%2F%C3%BC%21'],
    ['with digits in lower case', 'p%40ss%20%22w%27ord%22%2f%c3%bc%21'],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 without its end', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['in base64 in a URL', encodeURIComponent(Buffer.from(secret).toString('base64'))],
    ['in base64 of URLs', Buffer.from(secret).toString('base64url')],
    ['as header bytes', Buffer.from(secret).toString('latin1')],
  ] as const) {
    test(`hides a secret ${spelling}`, () => {
      const shown = mask(`before ${text} after`);
      assert.match(shown, /^before .*••••.* after$/);
      for (const piece of [
        'p@ss',
        'p%40ss',
        'ord',
        Buffer.from(secret).toString('base64').slice(0, 6),
      ])
        assert.ok(!shown.includes(piece), shown);
    });
  }

  test('leaves every other text as it is', () => {
    assert.equal(mask('nothing here'), 'nothing here');
    assert.equal(mask(''), '');
    assert.equal(createMask([])('secret'), 'secret');
  });

  test('hides each of several, and every time', () => {
    assert.equal(createMask(['alpha', 'beta'])('alpha beta alpha'), '•••• •••• ••••');
  });

  test('hides the longer of two that begin alike, whatever their order', () => {
    assert.equal(createMask(['token', 'token-long'])('token-long'), '••••');
    assert.equal(createMask(['token-long', 'token'])('token-long'), '••••');
  });

  test('leaves no half of a secret that overlaps another', () => {
    assert.equal(createMask(['abcdef', 'defghi'])('x abcdefghi y'), 'x •••• y');
    assert.equal(createMask(['abcabc'])('abcabcabc'), '••••');
  });

  test('takes marks of regular expressions as text', () => {
    const marks = '.*+?^$|{}()[]\\/-z';
    assert.equal(createMask([marks])(`x ${marks}`), 'x ••••');
    assert.equal(createMask(['a.cd'])('abcd'), 'abcd');
  });

  test('does not take short values for secrets', () => {
    assert.equal(createMask(['a', 'abc', ''])('abc and a'), 'abc and a');
  });

  test('takes half a surrogate pair', () => {
    assert.equal(createMask(['abc\ud800'])('abc\ud800!'), '••••!');
  });
});
