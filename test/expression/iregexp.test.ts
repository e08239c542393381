import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileIRegexp } from '../../src/expression/iregexp.ts';

const free = (): void => {};

function matches(pattern: string, text: string, whole = true): boolean {
  const matcher = compileIRegexp(pattern);
  assert.ok(matcher, `${pattern} was refused`);
  return matcher(text, whole, free);
}

describe('an I-Regexp', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['', [''], ['a']],
    ['a|b', ['a', 'b'], ['ab', '']],
    ['a|', ['a', ''], ['b']],
    ['(a|b)*c', ['c', 'abac'], ['ab']],
    ['a?b+c*', ['b', 'abbcc'], ['a', 'ac']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{2,}', ['aa', 'aaaa'], ['a']],
    ['a{1,3}', ['a', 'aaa'], ['', 'aaaa']],
    ['(ab){0,2}', ['', 'abab'], ['ababab']],
    ['a{0}b', ['b'], ['ab']],
    ['.', ['x', '😀', '\u2028'], ['\n', '\r', 'ab']],
    ['[a-c-]', ['b', '-'], ['d']],
    ['[-a]', ['-', 'a'], ['b']],
    ['[^a-c]', ['d', '😀'], ['a']],
    ['[\\p{Lu}\\]0-9]', ['Ä', ']', '5'], ['ä']],
    ['\\p{L}\\P{L}', ['ß1'], ['1ß']],
    ['\\n\\t\\.\\*\\\\', ['\n\t.*\\'], ['n']],
    ['(a*)*', ['', 'aaa'], ['b']],
    ['(a*)+b', ['b', 'aab'], ['a']],
    ['^ab$', ['ab'], ['xab']],
    ['[\u{10000}-\u{10ffff}]', ['😀'], ['a']],
  ];
  for (const [pattern, taken, left] of cases) {
    test(JSON.stringify(pattern), () => {
      for (const text of taken) assert.equal(matches(pattern, text), true, text);
      for (const text of left) assert.equal(matches(pattern, text), false, text);
    });
  }

  test('is looked for anywhere when asked so', () => {
    assert.equal(matches('b+c', 'aabbc!', false), true);
    assert.equal(matches('^b', 'ab', false), false);
    assert.equal(matches('b$', 'abc', false), false);
    assert.equal(matches('', 'abc', false), true);
  });

  test('agrees with the engine of the language on plain patterns', () => {
    const texts = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abb', 'abab', 'bbaa', 'aaaa'];
    for (const pattern of [
      'a*b*',
      '(ab)*',
      'a+|b+',
      '(a|ab)(b|)',
      'a.b?',
      '[ab]{2,3}',
      '(a?b?){2}',
    ]) {
      for (const text of texts) {
        assert.equal(matches(pattern, text), new RegExp(`^(?:${pattern})$`).test(text), pattern);
        assert.equal(matches(pattern, text, false), new RegExp(pattern).test(text), pattern);
      }
    }
  });

  test('takes work that grows with the text only', () => {
    let work = 0;
    const matcher = compileIRegexp('(a*)*(a|aa)*b');
    matcher?.('a'.repeat(10_000), true, (more) => {
      work += more;
    });
    assert.ok(work < 10_000 * 20, String(work));
  });
});

test('what is no I-Regexp, or a monster of one, is refused', () => {
  for (const pattern of [
    ...[
      '(',
      ')',
      '(a',
      'a)',
      '[',
      '[]',
      '[^]',
      '[b-a]',
      '[a-',
      'a{',
      'a{x}',
      'a{2,1}',
      '*a',
      'a**',
    ],
    ...[
      '\\d',
      '\\w',
      '\\b',
      '\\p{Latin}',
      '\\p{L',
      '(?:a)',
      '(?i)a',
      '(?=a)',
      '\\1',
      ']',
      '}',
      '\\',
    ],
    '(((a{100}){100}){100}){100}',
    '('.repeat(100) + ')'.repeat(100),
  ]) {
    assert.equal(compileIRegexp(pattern), undefined, pattern);
  }
});
