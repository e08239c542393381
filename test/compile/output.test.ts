import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../src/plan/plan.ts';
import { compileOutline, compileText, foundOf, outlined } from '../support/compile.ts';

const SHIP: Json = {
  imo_number: 'IMO 1',
  vessel_name: 'Zoë',
  dimensions: { length_overall: 0, beam: null },
  crew: [{ id: 1, name: 'Ann' }, { id: 2 }],
  tags: ['a', 'b'],
  active: false,
};

async function shaped(outputs: readonly object[], value: Json = SHIP): Promise<Json | undefined> {
  const { route } = await compileOutline({ outputs });
  const { answer } = route.operation;
  assert.equal(answer.kind, 'project');
  assert.ok(answer.kind === 'project');
  return answer.project({ input: {}, steps: { op: value } });
}

const kindOf = async (outputs: readonly object[], operation: object = {}): Promise<string> =>
  (await compileOutline({ outputs, operation })).route.operation.answer.kind;

describe('a whole payload is handed on unread', () => {
  for (const outputs of [
    [],
    [{ type: 'object', mapping: '$.' }],
    [{ type: 'object', mapping: '$' }],
    [{ type: 'array', mapping: ' $. ' }],
    [{ mapping: '$.' }],
    [{ type: 'object', mapping: '$.', properties: {} }],
    [{ name: 'result', type: 'object', value: '$.' }],
  ]) {
    test(JSON.stringify(outputs), async () => assert.equal(await kindOf(outputs), 'identity'));
  }

  test('but of a format that becomes JSON', async () => {
    const outputs = [{ type: 'object', mapping: '$.' }];
    for (const outputRawFormat of ['binary', 'text'])
      assert.equal(await kindOf(outputs, { outputRawFormat }), 'identity');
    for (const outputRawFormat of ['xml', 'csv']) {
      assert.equal(await kindOf(outputs, { outputRawFormat }), 'project');
      assert.equal(await kindOf([], { outputRawFormat }), 'identity');
    }
  });

  test('but not where more is asked of it', async () => {
    for (const more of [{ type: 'string' }, { items: {} }, { maxLength: 3 }, { const: 1 }])
      assert.equal(await kindOf([{ type: 'object', mapping: '$.', ...more }]), 'project');
  });
});

describe('a shaped answer', () => {
  test('an object of fields, nested, null where nothing is', async () => {
    const outputs = [
      {
        type: 'object',
        properties: {
          imo: { type: 'string', mapping: '$.imo_number' },
          active: { type: 'boolean', mapping: '$.active' },
          lost: { type: 'string', mapping: '$.nowhere' },
          specs: {
            type: 'object',
            properties: {
              length: { type: 'number', mapping: '$.dimensions.length_overall' },
              beam: { type: 'number', mapping: '$.dimensions.beam' },
            },
          },
          first: {
            type: 'object',
            mapping: '$.crew[0]',
            properties: { who: { mapping: '$.name' } },
          },
          none: { type: 'object', mapping: '$.nowhere', properties: { a: {} } },
        },
      },
    ];
    assert.deepEqual(await shaped(outputs), {
      imo: 'IMO 1',
      active: false,
      lost: null,
      specs: { length: 0, beam: null },
      first: { who: 'Ann' },
      none: null,
    });
  });

  test('a list of objects, of values, of what is there', async () => {
    const crew = {
      type: 'object',
      properties: { n: { type: 'integer', mapping: '$.id' }, name: {} },
    };
    assert.deepEqual(await shaped([{ type: 'array', mapping: '$.crew', items: crew }]), [
      { n: 1, name: 'Ann' },
      { n: 2, name: null },
    ]);
    assert.deepEqual(await shaped([{ type: 'array', mapping: '$.crew', items: [crew] }]), [
      { n: 1, name: 'Ann' },
      { n: 2, name: null },
    ]);
    assert.deepEqual(
      await shaped([
        { type: 'array', mapping: '$.tags', items: { type: 'string', mapping: '$.' } },
      ]),
      ['a', 'b'],
    );
    assert.deepEqual(await shaped([{ type: 'array', mapping: '$.tags' }]), ['a', 'b']);
    assert.deepEqual(
      await shaped([{ type: 'array', mapping: '$.crew[*].name', items: { type: 'string' } }]),
      ['Ann'],
    );
  });

  test('a member without a mapping is taken by its name', async () => {
    const properties = {
      imo_number: {},
      tags: { type: 'array', items: { type: 'string' } },
      constructor: {},
    };
    assert.deepEqual(await shaped([{ type: 'object', properties }]), {
      imo_number: 'IMO 1',
      tags: ['a', 'b'],
      constructor: null,
    });
  });

  test('properties may stand inside mapping, as the written language has it', async () => {
    const mapping = { properties: { name: { type: 'string', mapping: '$.vessel_name' } } };
    assert.deepEqual(await shaped([{ type: 'object', mapping }]), { name: 'Zoë' });
  });

  test('a path may stand under value', async () => {
    assert.equal(await shaped([{ type: 'string', value: '$.vessel_name' }]), 'Zoë');
    const named = [{ name: 'n', type: 'string', value: '$.vessel_name' }];
    assert.deepEqual(await shaped(named), { n: 'Zoë' });
  });

  test('const is the answer as it stands', async () => {
    assert.deepEqual(await shaped([{ type: 'object', const: { a: [null] } }]), { a: [null] });
    assert.equal(await shaped([{ type: 'boolean', const: false }]), false);
    assert.equal(await shaped([{ type: 'string', const: '{{x}}' }]), '{{x}}');
  });

  test('maxLength cuts text between characters, and nothing else', async () => {
    const cut = (maxLength: number, value: Json) =>
      shaped([{ type: 'string', mapping: '$.v', maxLength }], { v: value });
    assert.equal(await cut(3, 'abcdef'), 'abc');
    assert.equal(await cut(6, 'abcdef'), 'abcdef');
    assert.equal(await cut(2, 'a😀b'), 'a');
    assert.equal(await cut(3, 'a😀b'), 'a😀');
    assert.equal(await cut(0, 'abc'), '');
    assert.equal(await cut(2, 12345), '12');
    assert.deepEqual(await cut(1, ['abc']), null);
  });

  test('of alternatives the first that is not null answers, false and 0 among them', async () => {
    const alternatives = (...paths: string[]) =>
      shaped(paths.map((mapping) => ({ type: 'string', mapping })));
    assert.equal(await alternatives('$.nowhere', '$.vessel_name', '$.imo_number'), 'Zoë');
    assert.equal(await alternatives('$.active', '$.vessel_name'), 'false');
    assert.equal(await alternatives('$.dimensions.length_overall', '$.vessel_name'), '0');
    assert.equal(await alternatives('$.nowhere', '$.dimensions.beam'), null);
  });

  test('an answer of another kind than declared gives null, never a crash', async () => {
    const outputs = [
      {
        type: 'object',
        properties: {
          a: { type: 'array', mapping: '$.x', items: { properties: { b: {} } } },
          c: {},
        },
      },
    ];
    for (const value of [null, 7, 'text', [], [1], {}, { x: 7 }, { x: [null, 3, {}] }] as Json[]) {
      const answer = await shaped(outputs, value);
      assert.ok(answer === null || typeof answer === 'object');
    }
    assert.deepEqual(await shaped(outputs, { x: [null, 3, { b: 1 }] }), {
      a: [null, null, { b: 1 }],
      c: null,
    });
    assert.equal(await shaped([{ type: 'array', mapping: '$.vessel_name' }]), null);
  });

  test('text can be shaped, too', async () => {
    const { route } = await compileOutline({
      operation: { outputRawFormat: 'text' },
      outputs: [{ type: 'string', mapping: '$', maxLength: 2 }],
    });
    const { answer } = route.operation;
    assert.ok(answer.kind === 'project');
    assert.equal(answer.project({ input: {}, steps: { op: 'text' } }), 'te');
  });

  test('a step of a prototype name is a step', async () => {
    const text = outlined({ outputs: [{ type: 'string', mapping: '$.a' }] })
      .replaceAll('"op"', '"constructor"')
      .replaceAll('api.op', 'api.constructor');
    const { draft, findings } = await compileText(text);
    assert.deepEqual(findings, []);
    const [face] = draft.faces;
    assert.ok(face?.face === 'rest');
    const answer = face.routes[0]?.operation.answer;
    assert.ok(answer?.kind === 'project');
    const steps = Object.assign(Object.create(null), { constructor: { a: 1 } });
    assert.equal(answer.project({ input: {}, steps }), '1');
  });
});

describe('a mapping that cannot be honoured', () => {
  for (const [output, message, pointer] of [
    [{ type: 'string', mapping: '/a' }, /The path "\/a" does not start with "\$"/, '/mapping'],
    [
      { type: 'string', mapping: '$.a[?(@.b =~ /x/)]' },
      /uses =~, which is not of RFC 9535/,
      '/mapping',
    ],
    [{ type: 'string', mapping: 7 }, /The path of this output is not text/, '/mapping'],
    [
      { type: 'object', properties: { a: { mapping: '$.x[' } } },
      /The path "\$\.x\[" has a bracket that is not closed/,
      '/properties/a/mapping',
    ],
    [
      { type: 'object', mapping: { properties: { a: { mapping: '$.x[' } } } },
      /is not closed/,
      '/mapping/properties/a/mapping',
    ],
    [
      { type: 'array', mapping: '$.a', items: [{ mapping: '=b' }] },
      /"=b" does not/,
      '/items/0/mapping',
    ],
  ] as const) {
    test(JSON.stringify(output), async () => {
      const compiled = await compileText(outlined({ outputs: [output] }));
      const found = foundOf(compiled, 'JSONPATH_INVALID');
      assert.equal(found.length, 2, 'once on each face');
      assert.match(found[0]?.message ?? '', message);
      assert.ok(found[0]?.pointer.endsWith(`/outputParameters/0${pointer}`), found[0]?.pointer);
      assert.equal(compiled.plan, undefined);
    });
  }
});
