import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../src/plan/plan.ts';
import { failure, fixture, read, skip, users } from './support.ts';

describe('the tree of a YAML answer', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['a: 1\n---\nb: ]', { a: 1 }],
    ['', null],
    ['# nothing', null],
    ['text', 'text'],
    [
      '{a: 1.5, b: yes, c: 2024-01-01, d: 0x10, e: "1", f: ~, g: true}',
      { a: 1.5, b: 'yes', c: '2024-01-01', d: 16, e: '1', f: null, g: true },
    ],
    ['{a: .inf, b: .nan}', { a: null, b: null }],
    [
      'a: !!binary aGk=\nb: !!js/function "x"\nc: !!timestamp 2024-01-01',
      { a: 'aGk=', b: 'x', c: '2024-01-01' },
    ],
    ['1: a\ntrue: b\n~: c', { 1: 'a', true: 'b', '': 'c' }],
    [
      'a: &a {x: 1, z: 3}\nb: {<<: *a, x: 2}\nc: {<<: [{q: 1}, *a]}\n',
      { a: { x: 1, z: 3 }, b: { x: 2, z: 3 }, c: { q: 1, x: 1, z: 3 } },
    ],
    ['"<<": text', { '<<': 'text' }],
  ];
  for (const [text, tree] of cases) {
    test(JSON.stringify(text), async () => assert.deepEqual(await read('yaml', text), tree));
  }

  test('of the sample', { skip }, async () => {
    assert.deepEqual(await read('yaml', fixture('schemas/sample-users.yaml')), { users });
  });

  test('keeps reserved names as plain fields', async () => {
    const tree = await read('yaml', '__proto__: {admin: true}\nconstructor: 1');
    assert.deepEqual(Object.keys(tree as object), ['__proto__', 'constructor']);
    assert.equal((tree as { admin?: unknown }).admin, undefined);
  });

  test('of many keys is read in time that grows with their number', async () => {
    const text = Array.from({ length: 30_000 }, (_, n) => `k${n}: v`).join('\n');
    assert.equal(Object.keys((await read('yaml', text)) as object).length, 30_000);
  });
});

describe('a YAML answer that cannot be read', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['a: 1\nb: secret: c', /^The answer cannot be read as yaml: it is no valid YAML \(line 2\)\.$/],
    ['a: 1\na: 2', /a key stands twice/],
    ['? [secret]\n: 1', /a key of a mapping is itself a list/],
    ['a: *secret', /no valid YAML|an alias names nothing/],
    ['&a [*a]', /an alias stands inside what it names/],
    ['<<: 5', /a merge key "<<" stands for something that is no mapping/],
  ];
  for (const [text, reason] of cases) {
    test(JSON.stringify(text), async () => {
      const message = await failure('yaml', text);
      assert.match(message, reason);
      assert.doesNotMatch(message, /secret/);
    });
  }

  test('an anchor bomb', async () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let n = 1; n < 10; n += 1) lines.push(`a${n}: &a${n} [${Array(9).fill(`*a${n - 1}`)}]`);
    assert.match(await failure('yaml', lines.join('\n')), /more than 2,000,000 values/);
  });

  test('nested too deeply, in every way there is', async () => {
    for (const text of [
      '['.repeat(50_000),
      '['.repeat(5_000) + ']'.repeat(5_000),
      `a: ${'{a: '.repeat(5_000)}${'}'.repeat(5_000)}`,
      '- '.repeat(5_000),
      '? '.repeat(5_000),
      Array.from({ length: 500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    ]) {
      assert.match(await failure('yaml', text), /nested more than 200 levels deep/);
    }
  });
});
