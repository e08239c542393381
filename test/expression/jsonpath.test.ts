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
    ['id', 7],
    ['data.items[0].n', 1],
    ["$.['full name']", 'Zoë'],
    ['$.data.items.[1].n', 2],
    ['$.list.2', 12],
    ['$.data.2024', undefined],
    ['$.list.length()', 4],
    ['$.data.length()', 1],
    ['$.full name.length()', 3],
    ['$.id.length()', undefined],
    ['$.missing.length()', undefined],
    ['$.length()', Object.keys(DOCUMENT as object).length],
    ['$.data.items[?(@.n > 1)].length()', 1],
    ['$..n.length()', 3],
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
    ['$.missing[*]', []],
    ['$.id[*]', []],
    ['$.id[0:1]', []],
    ['$..@id', ['urn:1']],
    ["$..['full name']", ['Zoë']],
    ['$..full name', ['Zoë']],
    ['$.data.items[?(@.n > 1)].n', [2]],
    ['$.data.items[?(@.tags.length() == 2)].n', [1]],
    ["$.data.items[?(@.n == 1 || @.['n'] == 2)].n", [1, 2]],
    ['$[?(@.items[0].n == 1)].items[-1].n', [null]],
    ["$.data.items[?search(@.tags[0], '^[a-b]')].n", [1]],
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

describe('names in filters', () => {
  const rows: Json = [
    { 'seon-fp': 'x', '@id': 1, n: 1 },
    { 'seon-fp': 'y', '@id': 2, n: 2 },
  ];
  for (const path of [
    "$[?(@.seon-fp == 'y')].n",
    '$[?(@.@id == 2)].n',
    "$[?(@['seon-fp'] == 'y')].n",
    '$[?($[0].seon-fp != @.seon-fp)].n',
    "$[?(@.seon-fp == 'y' && @.seon-fp.length() == 1)].n",
  ]) {
    test(path, () => assert.deepEqual(select(path, rows), [2]));
  }

  test('signs inside quotes mean nothing', () => {
    const value: Json = [{ a: 'x-y = [and] .length()' }];
    assert.deepEqual(select("$[?(@.a == 'x-y = [and] .length()')]", value), value);
  });
});

describe('answers that a library gets wrong', () => {
  test('a list longer than a call has arguments goes through a filter', () => {
    const rows = Array.from({ length: 200_000 }, (_, n) => ({ n }));
    assert.equal((select('$[?@.n]', rows) as readonly Json[]).length, 200_000);
    assert.equal((select('$..n', rows) as readonly Json[]).length, 200_000);
  });

  test('length() counts characters, as RFC 9535 says', () => {
    assert.deepEqual(select('$[?length(@) == 1]', ['😀', 'a', 'ab']), ['😀', 'a']);
    assert.equal(select('$.a.length()', { a: '😀' }), 1);
  });

  test('text is compared by code point', () => {
    assert.deepEqual(select('$[?@ > "\uffff"]', ['😀', 'a', '\uffff']), ['😀']);
  });

  test('match() and search() want text on both sides', () => {
    const rows: Json = [{ b: 1 }, { a: 5 }, { a: '5' }];
    assert.deepEqual(select("$[?match(@.a, '.*')]", rows), [{ a: '5' }]);
    assert.deepEqual(select("$[?search(@.a, '5')]", rows), [{ a: '5' }]);
    assert.deepEqual(select('$.v[?match(@, $.p)]', { v: ['5'], p: 5 }), []);
  });
});

describe('a hostile answer', () => {
  test('nested a hundred thousand levels deep is walked', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}7${']'.repeat(100_000)}`) as Json;
    assert.equal((select('$..[0]', deep) as readonly Json[]).length, 100_000);
    assert.equal(select('$[?(@ == $[0])].length()', deep), 1);
  });

  test('cannot make a path run for ever', () => {
    const wide = Array.from({ length: 3000 }, (_, n) => n);
    assert.throws(
      () => select('$[?(count($..*) > 1)]', wide),
      /The path "\$\[\?\(count\(\$\.\.\*\) > 1\)\]" visits more values of this answer than it may\./,
    );
  });

  test('cannot stall a pattern, its own or the one in the path', () => {
    const text = 'a'.repeat(50_000);
    assert.deepEqual(select("$[?match(@, '(a*)*b')]", [text]), []);
    assert.deepEqual(select('$.v[?search(@, $.p)]', { v: [text], p: '(a|a)*(a|a)*c' }), []);
  });
});

describe('a JSONPath that cannot be honoured is refused with a reason', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['Northern Star', /^"Northern Star" does not start with "\$"$/],
    ['{{id}}', /does not start with/],
    ['@.id', /does not start with/],
    ['', /does not start with/],
    ['$id', /"i" where a dot or a bracket belongs/],
    ['$.a.', /right after a dot/],
    ['$..', /right after a dot/],
    ['$. .a', /right after a dot/],
    ['$.a[', /a bracket that is not closed/],
    ['$.a]', /the name "a\]"/],
    ['$.a[x]', /without quotes; write \["x"\]/],
    ['$[]', /is no JSONPath of RFC 9535/],
    ['$[01]', /is no JSONPath of RFC 9535/],
    ["$['a]", /a quote that is not closed/],
    ['$.a=1', /write such a name in brackets/],
    ['$.items[(@.length-1)]', /code in a path is never run.*\[-1\]/],
    ['$.items.sum()', /the function \.sum\(\); only \.length\(\)/],
    ['$.items[*].tags.length()', /the length of each value or the number of them/],
    ['$[?(@.a.max() > 1)]', /the function \.max\(\) in its filter/],
    ['$[?(@.a = 1)]', /uses =; write ==/],
    ['$[?(@.a === 1)]', /write == or !=/],
    ['$[?(@.a =~ /x/)]', /write match\(/],
    ["$[?(@.a in ['x'])]", /an operator that is not of RFC 9535/],
    ['$[?(@.a == 1 and @.b == 2)]', /write && for "and"/],
    ['$[?(@.a + 1 == 2)]', /computes in a filter/],
    ['$[?(@.a == 1 == 2)]', /cannot be compared/],
    ['$[?(@..a == 1)]', /is no JSONPath of RFC 9535/],
    ['$[?(@.a == foo(@.b))]', /no such function 'foo'/],
    ["$[?match(@.a, '(?i)x')]", /is no I-Regexp/],
    ['$[?(process.exit())]', /is no JSONPath of RFC 9535/],
    ["$[?(@.a == 'x'", /a bracket that is not closed/],
  ];
  for (const [path, reason] of cases) test(path, () => assert.match(why(path), reason));

  test('a hostile path is refused by its length', () => {
    for (const path of ['[ '.repeat(50_000), '[?@'.repeat(50_000), `['${'\\'.repeat(50_001)}`]) {
      assert.match(why(`$${path}`), /^".{200,400}…" is longer than 2048 characters$/);
    }
  });

  test('a path nested as deeply as its length lets it does not end the process', () => {
    for (const [open, close] of [
      ['[?@', ']'],
      ['[?(', ')]'],
      ['[?@.a-b[?', ']]'],
    ] as const) {
      const times = Math.floor(2000 / (open.length + close.length));
      const path = `$${open.repeat(times)}${close.repeat(times)}`;
      assert.doesNotThrow(() => compileJsonPath(path));
    }
  });
});

test('a compiled path says whether it can only name one place', () => {
  const singular = (path: string) => {
    const compiled = compileJsonPath(path);
    return 'singular' in compiled && compiled.singular;
  };
  for (const path of ['$', '$.', '$.a[0]["b c"]', '$.a.0', '$.a.length()', '$..a.length()']) {
    assert.equal(singular(path), true, path);
  }
  for (const path of ['$.*', '$[*]', '$..a', '$[0, 1]', '$[0:1]', '$[?@]']) {
    assert.equal(singular(path), false, path);
  }
});

test('what holds a place can be read, too', () => {
  const compiled = compileJsonPath('$.data.items');
  assert.ok('holder' in compiled && compiled.holder !== undefined);
  assert.deepEqual(compiled.holder({ data: '' }), '');
});
