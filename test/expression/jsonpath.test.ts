import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import type { Json } from '../../src/plan/plan.ts';

const DOCUMENT: Json = {
  id: 7,
  zero: 0,
  none: null,
  'full name': 'Zoë',
  'seon-fp': 'x',
  '@id': 'urn:1',
  $ref: '#/a',
  'dc:title': 'T',
  'a.b': 'dotted',
  "it's": 'quoted',
  'what?': 'asked',
  data: {
    items: [{ n: 1, tags: ['a', 'b'] }, { n: 2, tags: ['c'] }, { other: true }, { n: null }],
  },
  list: [10, 11, 12, 13],
};

function select(path: string, value: Json = DOCUMENT): Json | undefined {
  const compiled = compileJsonPath(path);
  assert.ok('select' in compiled, 'why' in compiled ? compiled.why : '');
  return compiled.select(value);
}

function why(path: string): string {
  const compiled = compileJsonPath(path);
  assert.ok('why' in compiled, `${path} was taken`);
  return compiled.why;
}

describe('a JSONPath that names one place', () => {
  const cases: readonly (readonly [string, Json | undefined])[] = [
    ['$', DOCUMENT],
    ['$.', DOCUMENT],
    [' $.id ', 7],
    ['$.zero', 0],
    ['$.none', null],
    ['$.full name', 'Zoë'],
    ['$.seon-fp', 'x'],
    ['$.@id', 'urn:1'],
    ['$.$ref', '#/a'],
    ['$.dc:title', 'T'],
    ["$['a.b']", 'dotted'],
    ['$["a.b"]', 'dotted'],
    ["$['it\\'s']", 'quoted'],
    ["$['what?']", 'asked'],
    ['$.data.items[0].n', 1],
    ['$.data.items[-1].n', null],
    ['$.data.items[ 1 ].tags[0]', 'c'],
    ['$.list[9]', undefined],
    ['$.list[-9]', undefined],
    ['$.missing.deeper', undefined],
    ['$.id.deeper', undefined],
    ['$.none.deeper', undefined],
    ['$.list.length', undefined],
    ['$.id[0]', undefined],
    ['$.constructor', undefined],
    ['$.__proto__', undefined],
  ];
  for (const [path, expected] of cases) {
    test(path, () => assert.deepEqual(select(path), expected));
  }

  test('prototype names are read where the document has them', () => {
    const hostile = JSON.parse('{"__proto__": {"constructor": 1}}') as Json;
    assert.equal(select('$.__proto__.constructor', hostile), 1);
  });
});

describe('a JSONPath that names several places gives a list', () => {
  const cases: readonly (readonly [string, Json | undefined])[] = [
    ['$.data.items[*].n', [1, 2, null]],
    ['$.data.items.*.n', [1, 2, null]],
    ['$.data.items[*].tags[*]', ['a', 'b', 'c']],
    ['$.list[*]', [10, 11, 12, 13]],
    ['$.list[1:3]', [11, 12]],
    ['$.list[-2:]', [12, 13]],
    ['$.list[:-3]', [10]],
    ['$.list[::2]', [10, 12]],
    ['$.list[::-1]', [13, 12, 11, 10]],
    ['$.list[2:0:-1]', [12, 11]],
    ['$.list[::0]', []],
    ['$.list[0,-1,9]', [10, 13]],
    ["$['id','a.b']", [7, 'dotted']],
    ["$['id', 'missing']", [7]],
    ['$.data.items[0:2].n', [1, 2]],
    ['$..n', [1, 2, null]],
    ['$.data..tags[0]', ['a', 'c']],
    ['$.missing[*]', undefined],
    ['$.id[*]', undefined],
    ['$.id[0:1]', undefined],
  ];
  for (const [path, expected] of cases) {
    test(path, () => assert.deepEqual(select(path), expected));
  }

  test('a list longer than a call has arguments', () => {
    const rows = Array.from({ length: 300_000 }, (_, n) => ({ n }));
    const nested = select('$[*].rows[*].n', [{ rows }]) as readonly Json[];
    assert.equal(nested.length, 300_000);
    assert.equal((select('$[*].n', rows) as readonly Json[]).length, 300_000);
  });
});

describe('a JSONPath that cannot be honoured is refused with a reason', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['id', /"id" does not start with "\$"/],
    ['', /does not start with/],
    ['$id', /cannot be read/],
    ['$.a.', /cannot be read/],
    ['$.a[', /cannot be read/],
    ['$.a]', /cannot be read/],
    ['$.a[x]', /cannot be read/],
    ['$[]', /cannot be read/],
    ["$['a]", /cannot be read/],
    ['$. .a', /cannot be read/],
    ['$.items[?(@.n > 1)]', /uses a filter/],
    ['$.items[?@.n]', /uses a filter/],
    ['$.items.length()', /uses a function/],
    ['$.items[(@.length-1)]', /uses a function/],
    ['$..@id', /after "\.\."/],
    ["$..['a b']", /after "\.\."/],
  ];
  for (const [path, reason] of cases) test(path, () => assert.match(why(path), reason));

  test('a hostile path is read in time that grows with its length only', () => {
    assert.match(why(`$${'[ '.repeat(50_000)}`), /cannot be read/);
    assert.match(why(`$['${'\\'.repeat(50_001)}`), /cannot be read/);
    assert.match(why(`$[${'0, '.repeat(50_000)}`), /cannot be read/);
    assert.match(why(`$.a${' '.repeat(100_000)}[`), /cannot be read/);
  });
});
