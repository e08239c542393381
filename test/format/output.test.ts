import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import { compileOutputTree } from '../../src/format/output.ts';
import { isWholePayload } from '../../src/format/output-shape.ts';
import type { OutputOptions } from '../../src/format/output-source.ts';
import type { Json, Scope } from '../../src/plan/plan.ts';
import { fixture, read, skip, users } from './support.ts';

type Outputs = Parameters<typeof compileOutputTree>[0];
type Found = readonly [code: string, pointer: string, message: string];

const NOTHING: Scope = { input: {}, steps: {} };

/** Compiles outputs whose templates are one tag: the input of that name. */
function compile(outputs: Outputs, options: Partial<OutputOptions> = {}) {
  const found: Found[] = [];
  const shape = compileOutputTree(outputs, {
    pointer: '/outputParameters',
    compilePath: compileJsonPath,
    compileValue(value) {
      const name = typeof value === 'string' ? /^\{\{(.*)\}\}$/.exec(value)?.[1] : undefined;
      return name === undefined ? { constant: value } : { read: (scope) => scope.input[name] };
    },
    report: (...finding) => found.push(finding),
    ...options,
  });
  return { shape, found };
}

function shaped(outputs: Outputs, value: Json, options: Partial<OutputOptions> = {}): Json {
  const { shape, found } = compile(outputs, options);
  assert.deepEqual(found, []);
  return shape(value, NOTHING);
}

const SHIP: Json = {
  imo: 'IMO-1',
  built: 2018,
  tons: '54000',
  active: 'true',
  dimensions: { length: 225.5, beam: null },
  crew: [{ id: 1, name: 'Ann', at: { port: 'Oslo' } }, { id: 2 }, null],
  flags: { first: { code: 'NO' }, second: { code: 47 } },
};

describe('declared types', () => {
  const cases: readonly (readonly [string, Json, Json])[] = [
    ['string', 'a', 'a'],
    ['string', 5, '5'],
    ['string', false, 'false'],
    ['string', { a: 1 }, null],
    ['string', ['a'], null],
    ['number', 1.5, 1.5],
    ['number', ' 7 ', 7],
    ['number', '-.5e3', -500],
    ['number', '', null],
    ['number', '0x10', null],
    ['number', 'Infinity', null],
    ['number', '1e999', null],
    ['number', '7 tons', null],
    ['number', true, null],
    ['number', '9007199254740993', null],
    ['number', '9007199254740992', 9007199254740992],
    ['integer', '7', 7],
    ['integer', 7.0, 7],
    ['integer', 7.5, null],
    ['boolean', true, true],
    ['boolean', ' False ', false],
    ['boolean', 'yes', null],
    ['boolean', 1, null],
    ['boolean', '1', null],
    ['object', { a: 1 }, { a: 1 }],
    ['object', [1], null],
    ['object', 'text', null],
    ['array', [1, 'a'], [1, 'a']],
    ['array', { a: 1 }, null],
    ['array', 'a', null],
    ['any', { a: [1] }, { a: [1] }],
  ];
  for (const [type, value, expected] of cases) {
    test(`${type} of ${JSON.stringify(value)} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(shaped([{ type, mapping: '$.v' }], { v: value }), expected);
    });
  }

  test('missing is null, of every type', () => {
    for (const type of ['string', 'number', 'integer', 'boolean', 'object', 'array', 'any']) {
      for (const value of [{}, { v: null }, null, [], 'v'] as Json[]) {
        assert.equal(shaped([{ type, mapping: '$.v' }], value), null);
      }
    }
  });

  test('maxLength cuts text between characters', () => {
    const cut = (maxLength: number, v: Json) =>
      shaped([{ type: 'string', mapping: '$.v', maxLength }], { v });
    assert.equal(cut(3, 'abcdef'), 'abc');
    assert.equal(cut(2, 'a😀b'), 'a');
    assert.equal(cut(0, 'abc'), '');
    assert.equal(cut(2, 12345), '12');
    assert.equal(shaped([{ mapping: '$', maxLength: 2 }], 'text'), 'te');
  });

  test('a path that may find several values gives a single one when it finds one', () => {
    const first = (path: string) => shaped([{ type: 'string', mapping: path }], SHIP);
    assert.equal(first('$.crew[?(@.id == 1)].name'), 'Ann');
    assert.equal(first('$.crew[*].id'), null);
    assert.equal(first('$.crew[?(@.id == 9)].name'), null);
    assert.deepEqual(shaped([{ type: 'array', mapping: '$.crew[*].id' }], SHIP), [1, 2]);
    assert.deepEqual(shaped([{ type: 'array', mapping: '$.crew[?(@.id == 9)]' }], SHIP), []);
  });
});

describe('nested outputs', () => {
  test('an object without a mapping is made of what stands around it', () => {
    const specs = {
      type: 'object',
      properties: {
        year: { type: 'number', mapping: '$.built' },
        size: {
          type: 'object',
          properties: { tons: { type: 'number', mapping: '$.tons' }, active: { type: 'boolean' } },
        },
      },
    };
    const properties = { imo: { type: 'string', mapping: '$.imo' }, specs };
    assert.deepEqual(shaped([{ type: 'object', properties }], SHIP), {
      imo: 'IMO-1',
      specs: { year: 2018, size: { tons: 54000, active: true } },
    });
    assert.deepEqual(shaped([{ type: 'object', properties }], {}), {
      imo: null,
      specs: { year: null, size: { tons: null, active: null } },
    });
  });

  test('an object with a mapping makes the paths in it relative', () => {
    const properties = {
      long: { type: 'number', mapping: '$.length' },
      whole: { mapping: '$.' },
      gone: { type: 'object', mapping: '$.nowhere', properties: { a: { mapping: '$.a' } } },
    };
    assert.deepEqual(shaped([{ type: 'object', mapping: '$.dimensions', properties }], SHIP), {
      long: 225.5,
      whole: { length: 225.5, beam: null },
      gone: null,
    });
  });

  test('an object whose fields say nothing of where they come from is the field of its name', () => {
    const properties = {
      dimensions: { type: 'object', properties: { length: { type: 'number' }, beam: {} } },
      crew: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    };
    assert.deepEqual(shaped([{ type: 'object', properties }], SHIP), {
      dimensions: { length: 225.5, beam: null },
      crew: [{ name: 'Ann' }, { name: null }, null],
    });
  });

  test('lists of lists, and of objects with lists, to any depth', () => {
    const deep = {
      type: 'array',
      mapping: '$.rows',
      items: {
        type: 'array',
        mapping: '$.cells',
        items: { type: 'array', items: { type: 'number' } },
      },
    };
    const value = { rows: [{ cells: [['1', 2], ['x'], 7] }, {}] };
    assert.deepEqual(shaped([deep], value), [[[1, 2], [null], null], null]);
  });

  test('a list reads each of its elements', () => {
    const list = (items: object) => shaped([{ type: 'array', mapping: '$.crew', items }], SHIP);
    assert.deepEqual(list({ type: 'string', mapping: '$.name' }), ['Ann', null, null]);
    assert.deepEqual(list({ type: 'string', mapping: '$.at.port' }), ['Oslo', null, null]);
    assert.deepEqual(list({ type: 'object', mapping: '$.at', properties: { port: {} } }), [
      { port: 'Oslo' },
      null,
      null,
    ]);
    const named = [
      { name: 'id', type: 'number' },
      { name: 'name', type: 'string' },
    ];
    assert.deepEqual(list(named), [{ id: 1, name: 'Ann' }, { id: 2, name: null }, null]);
    assert.deepEqual(list([{ type: 'object', properties: { id: {} } }]), [
      { id: 1 },
      { id: 2 },
      null,
    ]);
  });

  test('values shapes each field of an object', () => {
    const values = { type: 'string', mapping: '$.code' };
    const output = { type: 'object', mapping: '$.flags', values };
    assert.deepEqual(shaped([output], SHIP), { first: 'NO', second: '47' });
    assert.equal(shaped([{ ...output, mapping: '$.crew' }], SHIP), null);
  });

  test('properties may stand inside mapping, and none of them ask for nothing', () => {
    const mapping = { properties: { n: { type: 'string', mapping: '$.imo' } } };
    assert.deepEqual(shaped([{ type: 'object', mapping }], SHIP), { n: 'IMO-1' });
    assert.deepEqual(shaped([{ type: 'object', mapping: '$.flags.first', properties: {} }], SHIP), {
      code: 'NO',
    });
  });

  test('fields of prototype names are fields', () => {
    const hostile = JSON.parse('{"__proto__": {"a": 1}, "v": {"__proto__": 2}}') as Json;
    const properties = JSON.parse('{"__proto__": {"type": "object"}, "constructor": {}}');
    const result = shaped([{ type: 'object', properties }], hostile);
    assert.equal(JSON.stringify(result), '{"__proto__":{"a":1},"constructor":null}');
    const values = shaped(
      [{ type: 'object', mapping: '$.v', values: { type: 'number' } }],
      hostile,
    );
    assert.equal(JSON.stringify(values), '{"__proto__":2}');
  });
});

describe('a list of outputs', () => {
  test('of unnamed ones gives the first that is not null', () => {
    const alternatives = (...paths: string[]) =>
      shaped(
        paths.map((mapping) => ({ type: 'string', mapping })),
        { a: 'A', no: false, empty: '' },
      );
    assert.equal(alternatives('$.x', '$.a', '$.no'), 'A');
    assert.equal(alternatives('$.no', '$.a'), 'false');
    assert.equal(alternatives('$.empty', '$.a'), '');
    assert.equal(alternatives('$.x', '$.y'), null);
    assert.equal(shaped([], { a: 1 }), null);
  });

  test('of named ones is an object of them', () => {
    const outputs = [
      { name: 'imo', type: 'string', mapping: '$.imo' },
      { name: 'year', type: 'number', value: '$.built' },
      { name: 'dimensions', type: 'object', properties: { length: { type: 'number' } } },
      { name: 'crew', type: 'array', items: [{ name: 'id', type: 'number' }] },
    ];
    assert.deepEqual(shaped(outputs, SHIP), {
      imo: 'IMO-1',
      year: 2018,
      dimensions: { length: 225.5 },
      crew: [{ id: 1 }, { id: 2 }, null],
    });
    assert.equal(shaped(outputs, null), null);
    assert.deepEqual(shaped([{ name: 'year', type: 'number', mapping: '$.built' }], SHIP), {
      year: 2018,
    });
  });
});

describe('fixed values', () => {
  const input = { name: 'Ann', age: 41, tags: ['a'], body: Buffer.from('{"x": [1]}') };
  const scope: Scope = { input, steps: {} };
  const mocked = (outputs: Outputs): Json => {
    const { shape, found } = compile(outputs, { mock: true });
    assert.deepEqual(found, []);
    return shape(null, scope);
  };

  test('of a mock are of their declared types', () => {
    assert.deepEqual(
      mocked([
        { name: 'who', type: 'string', value: '{{name}}' },
        { name: 'age', type: 'string', value: '{{age}}' },
        { name: 'count', type: 'number', value: '5' },
        { name: 'active', type: 'boolean', value: 'true' },
        { name: 'price', type: 'string', value: '$.50' },
        { name: 'tags', type: 'array', value: '{{tags}}', items: { type: 'string' } },
        { name: 'list', type: 'array', value: '["a", "b"]' },
        { name: 'body', type: 'object', value: '{{body}}' },
        { name: 'missing', type: 'string', value: '{{nothing}}' },
        { name: 'nested', type: 'object', properties: { a: { type: 'number', value: 1 } } },
      ]),
      {
        who: 'Ann',
        age: '41',
        count: 5,
        active: true,
        price: '$.50',
        tags: ['a'],
        list: ['a', 'b'],
        body: { x: [1] },
        missing: null,
        nested: { a: 1 },
      },
    );
  });

  test('of a mocked list are its one element', () => {
    const items = { type: 'object', properties: { id: { type: 'number', value: '7' }, no: {} } };
    assert.deepEqual(mocked([{ name: 'rows', type: 'array', items }]), {
      rows: [{ id: 7, no: null }],
    });
    assert.deepEqual(mocked([{ type: 'array', items }]), [{ id: 7, no: null }]);
    assert.deepEqual(mocked([{ type: 'object', properties: { a: { const: 1 }, b: {} } }]), {
      a: 1,
      b: null,
    });
  });

  test('stand beside values of an answer', () => {
    const properties = {
      source: { type: 'string', value: 'registry' },
      imo: { type: 'string', mapping: '$.imo', const: 'not this' },
      only: { type: 'number', const: 3 },
    };
    assert.deepEqual(shaped([{ type: 'object', properties }], SHIP), {
      source: 'registry',
      imo: 'IMO-1',
      only: 3,
    });
    assert.equal(shaped([{ type: 'string', value: 'fixed', mapping: '$.imo' }], SHIP), 'fixed');
  });
});

describe('findings at load', () => {
  test('a path that cannot be honoured, with its place', () => {
    const { shape, found } = compile([
      { type: 'object', properties: { 'a/b': { type: 'string', mapping: '$.a[' } } },
      { type: 'array', mapping: '$.a', items: { type: 'string', mapping: 'no path' } },
      { mapping: 7 },
      { type: 'string', value: '$.b[x]' },
    ]);
    assert.deepEqual(found, [
      [
        'JSONPATH_INVALID',
        '/outputParameters/0/properties/a~1b/mapping',
        'The path "$.a[" has a bracket that is not closed.',
      ],
      [
        'JSONPATH_INVALID',
        '/outputParameters/1/items/mapping',
        'The path "no path" does not start with "$".',
      ],
      ['JSONPATH_INVALID', '/outputParameters/2/mapping', 'The path of this output is not text.'],
      [
        'JSONPATH_INVALID',
        '/outputParameters/3/value',
        'The path "$.b[x]" has a name in brackets without quotes; write ["x"].',
      ],
    ]);
    assert.deepEqual(shape({ a: 1 }, NOTHING), { 'a/b': null });
  });

  test('a fixed value that is not of its type', () => {
    const { found } = compile([
      { name: 'n', type: 'number', value: 'many' },
      { name: 'o', type: 'object', const: [1] },
      { name: 'fine', type: 'number', value: null },
    ]);
    assert.deepEqual(
      found.map(([code, pointer]) => [code, pointer]),
      [
        ['VALUE_WRONG_TYPE', '/outputParameters/0/value'],
        ['VALUE_WRONG_TYPE', '/outputParameters/1/const'],
      ],
    );
    assert.match(found[0]?.[2] ?? '', /declared to be of type number, which it cannot be\. Mend/);
  });
});

describe('answers of XML', () => {
  const rows: Outputs = [
    {
      type: 'array',
      mapping: '$.row',
      items: { type: 'object', properties: { id: { type: 'number' } } },
    },
  ];
  const xml = async (outputs: Outputs, text: string) =>
    shaped(outputs, await read('xml', text), { unlisted: true });

  test('an element that stands alone is a list of one, none of them an empty list', async () => {
    assert.deepEqual(await xml(rows, '<r><row id="1"/><row id="2"/></r>'), [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(await xml(rows, '<r><row><id>1</id></row></r>'), [{ id: 1 }]);
    assert.deepEqual(await xml(rows, '<r/>'), []);
    assert.deepEqual(await xml(rows, '<r>\n</r>'), []);
    assert.equal(await xml(rows, '<r><error>no</error></r>'), null);
    const nested: Outputs = [{ type: 'array', mapping: '$.rows.row' }];
    assert.deepEqual(await xml(nested, '<r><rows/></r>'), []);
    assert.equal(await xml(nested, '<r><other/></r>'), null);
  });

  test('a list of the whole answer is of the elements that its root wraps', async () => {
    const whole: Outputs = [{ ...rows[0], mapping: '$.' }];
    assert.deepEqual(await xml(whole, '<r><row id="1"/><row id="2"/></r>'), [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(await xml(whole, '<r><row><id>1</id></row></r>'), [{ id: 1 }]);
    assert.deepEqual(await xml(whole, '<r total="2"><row id="1"/><row id="2"/></r>'), [
      { id: 1 },
      { id: 2 },
    ]);
    assert.deepEqual(await xml(whole, '<r/>'), []);
    const names: Outputs = [{ type: 'array', mapping: '$', items: { type: 'string' } }];
    assert.deepEqual(await xml(names, '<r><name>a</name><name>b</name></r>'), ['a', 'b']);
    assert.deepEqual(await xml(names, '<r><name>a</name></r>'), ['a']);
  });

  test('a root that has what each item asks for is the one item', async () => {
    const whole: Outputs = [{ ...rows[0], mapping: '$' }];
    assert.deepEqual(await xml(whole, '<r><id>7</id><row id="1"/></r>'), [{ id: 7 }]);
    const deep: Outputs = [
      {
        type: 'array',
        mapping: '$',
        items: { type: 'object', properties: { id: { type: 'number', mapping: '$.row.id' } } },
      },
    ];
    assert.deepEqual(await xml(deep, '<r><row id="1"/></r>'), [{ id: 1 }]);
    const loose: Outputs = [{ type: 'array', mapping: '$', items: { type: 'object' } }];
    assert.deepEqual(await xml(loose, '<r><row id="1"/></r>'), [{ row: { id: '1' } }]);
    assert.deepEqual(await xml(whole, '<r><row id="1"/><other id="2"/></r>'), [{ id: null }]);
  });

  test('what a path gathers is one list', async () => {
    const text = '<r><a><x>1</x><x>2</x></a><a><x>3</x></a></r>';
    const items = { type: 'number' };
    assert.deepEqual(await xml([{ type: 'array', mapping: '$.a[*].x', items }], text), [1, 2, 3]);
    assert.deepEqual(await xml([{ type: 'array', mapping: '$..x', items }], text), [1, 2, 3]);
  });

  test('the text of an element counts, and 1 is true', async () => {
    const text = '<r><p currency="EUR">5.5</p><on>1</on><off>0</off></r>';
    const properties = { p: { type: 'number' }, on: { type: 'boolean' }, off: { type: 'boolean' } };
    assert.deepEqual(await xml([{ type: 'object', properties }], text), {
      p: 5.5,
      on: true,
      off: false,
    });
  });
});

describe('the capabilities of the reference for formats', { skip }, () => {
  const people: Outputs = [
    {
      type: 'array',
      mapping: '$',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', mapping: '$.id' },
          name: { type: 'string', mapping: '$.name' },
          email: { type: 'string', mapping: '$.email' },
        },
      },
    },
  ];
  const from = (mapping: string): Outputs => [{ ...people[0], mapping }];

  for (const [format, mapping, sample] of [
    ['xml', '$.root.user', 'sample-users.xml'],
    ['xml', '$.user', 'sample-users.xml'],
    ['yaml', '$.users', 'sample-users.yaml'],
    ['csv', '$', 'sample-users.csv'],
    ['tsv', '$', 'sample-users.tsv'],
    ['psv', '$', 'sample-users.psv'],
  ] as const) {
    test(`${format}, ${mapping}`, async () => {
      const tree = await read(format, fixture(`schemas/${sample}`));
      assert.deepEqual(shaped(from(mapping), tree, { unlisted: format === 'xml' }), users);
    });
  }

  test('html and markdown', async () => {
    const rows = (...names: string[]): Outputs => [
      {
        type: 'array',
        mapping: '$.tables[0]',
        items: {
          type: 'object',
          properties: Object.fromEntries(
            names.map((name) => [name.toLowerCase(), { type: 'string', mapping: `$.${name}` }]),
          ),
        },
      },
    ];
    const html = { format: 'html', outputSchema: 'table.products' };
    assert.deepEqual(
      shaped(
        rows('Name', 'Price', 'Stock'),
        await read(html, fixture('schemas/sample-products.html')),
      ),
      [
        { name: 'Widget', price: '$42', stock: '150' },
        { name: 'Gadget', price: '$99', stock: '30' },
      ],
    );
    assert.deepEqual(
      shaped(
        rows('Feature', 'Status'),
        await read('markdown', fixture('schemas/sample-readme.md')),
      ),
      [
        { feature: 'HTML support', status: 'GA' },
        { feature: 'Markdown support', status: 'Beta' },
      ],
    );
  });
});

test('a whole payload is known by its outputs', () => {
  for (const outputs of [
    [{ type: 'object', mapping: '$.' }],
    [{ mapping: ' $ ' }],
    [{ type: 'array', mapping: '$', properties: {} }],
    [{ name: 'result', type: 'object', value: '$.' }],
  ]) {
    assert.equal(isWholePayload(outputs), true, JSON.stringify(outputs));
  }
  for (const outputs of [
    [],
    [{ mapping: '$' }, { mapping: '$' }],
    [{ type: 'string', mapping: '$' }],
    [{ type: 'object', mapping: '$.a' }],
    [{ mapping: '$', maxLength: 3 }],
    [{ mapping: '$', items: {} }],
    [{ mapping: '$', const: 1 }],
    [{ mapping: '$', properties: { a: {} } }],
    [{ type: 'object' }],
  ]) {
    assert.equal(isWholePayload(outputs), false, JSON.stringify(outputs));
  }
});
