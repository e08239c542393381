import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import { compilePlainNames } from '../../src/expression/jsonpath-plain.ts';
import type { Json } from '../../src/plan/plan.ts';

const VALUES: readonly Json[] = [
  null,
  0,
  '',
  'a text',
  [],
  [[{ 'a-b': 1 }]],
  {},
  { 'a-b': null },
  { 'a-b': 0 },
  { 'a-b': '' },
  { 'a-b': [] },
  { 'a-b': [{ 'c d': 1 }] },
  { 'a-b': { 'c d': [[1], [2]] } },
  { 'a-b': { 'c d': { é: { '2nd': false } } } },
  { 'a-b': 'c d' },
  { 'c d': { 'a-b': { length: 3 } } },
  JSON.parse('{"a-b": {"__proto__": {"c d": 5}, "constructor": 6}, "__proto__": {"a-b": 7}}'),
];

const NAMES = ['a-b', 'c d', 'é', '2nd', '__proto__', 'constructor', 'toString', 'a'];

function select(path: string, value: Json): Json | undefined {
  const compiled = compileJsonPath(path);
  assert.ok('select' in compiled, 'why' in compiled ? compiled.why : '');
  return compiled.select(value);
}

describe('names after dots that RFC 9535 has not', () => {
  test('find what the same names in brackets find', () => {
    const paths = NAMES.flatMap((one) => [
      [one],
      ...NAMES.flatMap((two) => [[one, two], ...NAMES.map((three) => [one, two, three])]),
    ]);
    for (const names of paths) {
      const dotted = `$.${names.join('.')}`;
      const bracketed = `$${names.map((name) => `[${JSON.stringify(name)}]`).join('')}`;
      for (const value of VALUES) {
        const message = `${dotted} of ${JSON.stringify(value)}`;
        assert.deepEqual(select(dotted, value), select(bracketed, value), message);
      }
    }
  });

  test('that would be answered otherwise are left to ours', () => {
    const list = { 'my-list': [{ id: 1 }, 2], text: 'abc' };
    assert.equal(select('$.my-list.length', list), undefined);
    assert.deepEqual(select('$.my-list.0', list), { id: 1 });
    assert.equal(select('$.my-list[-1]', list), 2);
    assert.deepEqual(select('$.my-list[*].id', list), [1]);
    const signs = [
      'dc:title',
      '1:2',
      '@type',
      '$ref',
      '#0',
      '#1',
      'a/b',
      'a&b',
      '50%',
      'a+b',
      '%@%',
    ];
    for (const name of signs) {
      assert.equal(compilePlainNames([{ kind: 'name', name }]), undefined, name);
    }
    for (const name of ['dc:title', '@type', '$ref', 'a/b', '50%']) {
      assert.equal(select(`$.x y.${name}`, { 'x y': { [name]: 1 } }), 1, name);
    }
  });

  test('never run code, nor read what is inherited', () => {
    const value = { 'a-b': {} };
    for (const path of ['$.a-b.constructor', '$.a-b.__proto__', '$.a-b.toString']) {
      assert.equal(select(path, value), undefined, path);
    }
    for (const path of ['$.a-b[(@.length-1)]', '$.a-b[?(process.exit())]']) {
      assert.ok('why' in compileJsonPath(path), path);
    }
  });

  test('keep what a path is: one place, with what holds it', () => {
    const compiled = compileJsonPath('$.a-b.c d');
    assert.ok('select' in compiled && compiled.singular);
    assert.deepEqual(compiled.holder?.({ 'a-b': { 'c d': 1 } }), { 'c d': 1 });
  });
});
