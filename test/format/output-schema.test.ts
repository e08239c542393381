import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import { compileOutputTree } from '../../src/format/output.ts';
import { outputJsonSchema } from '../../src/format/output-schema.ts';
import type { Json } from '../../src/plan/plan.ts';

const shipType = {
  type: 'object',
  properties: {
    imo: { type: 'string', mapping: '$.imo', description: 'Number', maxLength: 7 },
    specs: { type: 'object', properties: { tons: { type: 'number', mapping: '$.tons' } } },
    tags: { type: 'array', mapping: '$.tags' },
    any: { mapping: '$.any' },
  },
};

const SHIP = {
  properties: {
    imo: { type: ['string', 'null'], description: 'Number', maxLength: 7 },
    specs: {
      type: ['object', 'null'],
      properties: { tons: { type: ['number', 'null'] } },
      required: ['tons'],
    },
    tags: { type: ['array', 'null'], items: {} },
    any: {},
  },
};

test('an object is the schema itself', () => {
  assert.deepEqual(outputJsonSchema([shipType]), { type: 'object', ...SHIP });
  assert.deepEqual(
    outputJsonSchema([{ type: 'object', mapping: '$.a', values: { type: 'integer' } }]),
    {
      type: 'object',
      additionalProperties: { type: ['integer', 'null'] },
    },
  );
  assert.deepEqual(
    outputJsonSchema([{ name: 'a', type: 'boolean', value: 'true' }], { mock: true }),
    {
      type: 'object',
      properties: { a: { type: ['boolean', 'null'] } },
    },
  );
});

test('anything else stands under result', () => {
  const items = {
    type: ['object', 'null'],
    ...SHIP,
    required: ['imo', 'specs', 'tags', 'any'],
  };
  assert.deepEqual(outputJsonSchema([{ type: 'array', mapping: '$', items: shipType }]), {
    type: 'object',
    properties: { result: { type: ['array', 'null'], items } },
    required: ['result'],
  });
});

test('what is not sure to fit has none', () => {
  for (const outputs of [
    [],
    [{ type: 'object', mapping: '$.' }],
    [{ mapping: '$.a' }],
    [
      { type: 'string', mapping: '$.a' },
      { type: 'string', mapping: '$.b' },
    ],
  ]) {
    assert.equal(outputJsonSchema(outputs), undefined, JSON.stringify(outputs));
  }
});

const name = fc.constantFrom('a', 'b', 'result', '__proto__', 'x y');
const path = fc.constantFrom('$', '$.a', '$.b', '$.a.b', '$[0]', '$[*]', '$..a', '$.nope');

const parameter = fc.letrec<{ any: Record<string, unknown> }>((tie) => {
  const common = { mapping: fc.option(path, { nil: undefined }) };
  const members = fc.dictionary(name, tie('any'), { minKeys: 1, maxKeys: 3 });
  return {
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({
        ...common,
        type: fc.constantFrom('string', 'number', 'integer', 'boolean', 'any'),
        maxLength: fc.option(fc.nat(5), { nil: undefined }),
      }),
      fc.record({ ...common, type: fc.constant('object'), properties: members }),
      fc.record({ ...common, type: fc.constant('object'), values: tie('any') }),
      fc.record({ ...common, type: fc.constant('array'), items: tie('any') }),
      fc.record({ ...common, type: fc.constantFrom('object', 'array') }),
      fc.record({ type: fc.constant('string'), value: fc.constantFrom('fixed', '7') }),
    ),
  };
}).any;

const answer = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 'text', '7', 'a long text', 0, -1.5, 7),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
})).any;

/** What a tool gives as structured content. */
const structured = (value: Json): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { result: value };

test('every result fits the schema of its outputs, whatever the answer', () => {
  const ajv = new Ajv2020({ strict: false });
  let checked = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(parameter),
        fc.uniqueArray(
          fc.tuple(name, parameter).map(([given, shape]) => ({ ...shape, name: given })),
          { selector: (shape) => shape.name, minLength: 1, maxLength: 3 },
        ),
      ),
      fc.array(answer, { minLength: 3, maxLength: 6 }),
      fc.boolean(),
      (outputs, answers, unlisted) => {
        const schema = outputJsonSchema(outputs);
        if (schema === undefined) return;
        const validate = ajv.compile(schema);
        const shape = compileOutputTree(outputs, {
          pointer: '',
          compilePath: compileJsonPath,
          compileValue: (constant) => ({ constant }),
          report: () => {},
          unlisted,
        });
        for (const value of answers) {
          const result = structured(shape(value, { input: {}, steps: {} }));
          assert.ok(
            validate(result),
            `${JSON.stringify(result)}: ${ajv.errorsText(validate.errors)}`,
          );
          checked += 1;
        }
        ajv.removeSchema(schema);
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(checked > 500, String(checked));
});
