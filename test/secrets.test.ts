import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMask, createSecrets } from '../src/secrets.ts';

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

describe('a mask of secrets that come later', () => {
  test('hides what was learned, and what was known before', () => {
    const { mask, learn } = createSecrets(['known-from-the-start']);
    assert.equal(mask('known-from-the-start, token-1'), '••••, token-1');
    learn({}, ['token-1']);
    assert.equal(mask('known-from-the-start, token-1'), '••••, ••••');
  });

  test('hides what overlaps as one, and longer values whole', () => {
    const { mask, learn } = createSecrets(['abcdef']);
    learn({}, ['defghi', 'abcdefghijkl']);
    assert.equal(mask('<abcdefghi> <abcdefghijkl>'), '<••••> <••••>');
  });

  test('keeps the last values of each owner, and not those of long ago', () => {
    const { mask, learn } = createSecrets([]);
    const [one, other] = [{}, {}];
    learn(other, ['the-only-one']);
    for (let at = 1; at <= 100; at += 1) learn(one, [`token-${at}-end`]);
    assert.equal(mask('the-only-one token-100-end token-97-end'), '•••• •••• ••••');
    assert.equal(mask('token-96-end'), 'token-96-end');
  });

  test('keeps no more than so many owners, the last ones', () => {
    const { mask, learn } = createSecrets([]);
    const first = {};
    learn(first, ['of-the-first-owner']);
    for (let at = 0; at < 400; at += 1) learn({}, [`of-owner-${at}-x`]);
    learn(first, ['of-the-first-owner']);
    for (let at = 400; at < 800; at += 1) learn({}, [`of-owner-${at}-x`]);
    assert.equal(mask('of-the-first-owner of-owner-799-x'), '•••• ••••');
    assert.equal(mask('of-owner-0-x'), 'of-owner-0-x');
  });

  test('finds a secret in base64 of more than itself', () => {
    const { mask } = createSecrets(['pa55w0rd-of-somebody']);
    for (const user of ['a', 'ab', 'abc', 'jörg@example.com']) {
      const shown = mask(Buffer.from(`${user}:pa55w0rd-of-somebody!`).toString('base64'));
      assert.match(shown, /••••/);
      assert.ok(shown.length < 36, shown);
    }
  });
});
