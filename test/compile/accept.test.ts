import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileOutline, compileText, findingOf, inputOf, outlined } from '../support/compile.ts';

/** What an input of this shape makes of a value, or the sentences that refuse it. */
async function accepted(shape: object, value: unknown): Promise<unknown> {
  const { tool } = await compileOutline({ parameters: [{ name: 'v', in: 'query', ...shape }] });
  const refused: string[] = [];
  const result = inputOf(tool, 'v').accept(value, (why) => refused.push(why));
  return refused.length > 0 ? refused : result;
}

describe('a value of a type', () => {
  for (const [type, value, expected] of [
    ['integer', '7', 7],
    ['integer', ' 7 ', 7],
    ['integer', '+7', 7],
    ['integer', '-0', -0],
    ['integer', 7.0, 7],
    ['integer', '9007199254740991', 9007199254740991],
    ['integer', '9007199254740993', '9007199254740993'],
    ['integer', '-00000000000000000001', -1],
    ['integer', '9007199254740994', 9007199254740994],
    ['integer', '1e+21', 1e21],
    ['number', '1.50', 1.5],
    ['number', '.5', 0.5],
    ['number', '-1e3', -1000],
    ['number', '0.1234567890123456789', '0.1234567890123456789'],
    ['number', '12345678901234567890', '12345678901234567890'],
    ['number', '0.30000000000000004', 0.1 + 0.2],
    ['number', '1.7976931348623157e+308', Number.MAX_VALUE],
    ['number', '1e-400', '1e-400'],
    ['number', '0e5', 0],
    ['boolean', 'true', true],
    ['boolean', false, false],
    ['string', 7, '7'],
    ['string', true, 'true'],
    ['string', '', ''],
    ['array', 'a', ['a']],
    ['array', '["a", 1]', ['a', 1]],
    ['array', '[broken', ['[broken']],
    ['array', 7, [7]],
    ['array', [], []],
    ['object', '{"a": 1}', { a: 1 }],
    ['object', {}, {}],
    ['any', '{"a": 1}', '{"a": 1}'],
  ] as const) {
    test(`${type}: ${JSON.stringify(value)} is taken as ${JSON.stringify(expected)}`, async () =>
      assert.deepEqual(await accepted({ type }, value), expected));
  }

  for (const [type, value, reason] of [
    ['integer', '7.0', 'must be an integer, not "7.0"'],
    ['integer', 7.5, 'must be an integer, not 7.5'],
    ['integer', '', 'must be an integer, not ""'],
    ['integer', '0x10', 'must be an integer, not "0x10"'],
    ['integer', '1e3', 'must be an integer, not "1e3"'],
    ['integer', true, 'must be an integer, not true'],
    ['integer', JSON.parse('1e400'), 'must be an integer, not Infinity'],
    ['number', '1e400', 'must be a number, not "1e400"'],
    ['number', JSON.parse('1e400'), 'must be a number, not Infinity'],
    ['number', 'NaN', 'must be a number, not "NaN"'],
    ['number', '1,5', 'must be a number, not "1,5"'],
    ['number', '.', 'must be a number, not "."'],
    ['number', null, 'must be a number, not null'],
    ['boolean', '1', 'must be true or false, not "1"'],
    ['boolean', 'TRUE', 'must be true or false, not "TRUE"'],
    ['string', {}, 'must be text, not an object'],
    ['string', ['a'], 'must be text, not a list'],
    ['string', null, 'must be text, not null'],
    ['array', {}, 'must be a list, not an object'],
    ['array', null, 'must be a list, not null'],
    ['object', '[1]', 'must be an object, not "[1]"'],
    ['object', 'text', 'must be an object, not "text"'],
    ['object', [], 'must be an object, not a list'],
    ['object', 'x'.repeat(100_000), `must be an object, not "${'x'.repeat(57)}"…`],
  ] as const) {
    test(`${type}: ${String(JSON.stringify(value)).slice(0, 30)} is refused`, async () =>
      assert.deepEqual(await accepted({ type }, value), [reason]));
  }
});

describe('items of a list', () => {
  test('are coerced to their type, and the wrong ones told by their place', async () => {
    const shape = { type: 'array', items: { type: 'integer' } };
    assert.deepEqual(await accepted(shape, ['1', 2]), [1, 2]);
    assert.deepEqual(await accepted(shape, '3'), [3]);
    assert.deepEqual(await accepted(shape, '[3, "4"]'), [3, 4]);
    assert.deepEqual(await accepted(shape, ['1', 'x', {}]), [
      'at /1 must be an integer, not "x"',
      'at /2 must be an integer, not an object',
    ]);
  });

  test('of a hostile list only some are told', async () => {
    const shape = { type: 'array', items: { type: 'integer' } };
    const refused = await accepted(
      shape,
      Array.from({ length: 100_000 }, () => 'x'),
    );
    assert.equal((refused as string[]).length, 10);
    const nested = {
      type: 'array',
      items: { type: 'object', properties: { a: { type: 'integer' } } },
    };
    const rows = await accepted(
      nested,
      Array.from({ length: 1_000 }, () => ({ a: 'x' })),
    );
    assert.equal((rows as string[]).length, 10);
  });

  test('may be objects and lists of their own', async () => {
    const shape = {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'integer', required: true } } },
    };
    assert.deepEqual(await accepted(shape, [{ n: 1 }]), [{ n: 1 }]);
    assert.deepEqual(await accepted(shape, [{}]), ["at /0 must have required property 'n'"]);
    assert.deepEqual(await accepted(shape, ['x']), ['at /0 must be object']);
    assert.deepEqual(await accepted({ type: 'array', items: { type: 'array' } }, [['a'], 'b']), [
      'at /1 must be array',
    ]);
  });
});

describe('what is declared beyond the type is held', () => {
  for (const [shape, good, bad, reason] of [
    [
      { type: 'string', enum: ['a', 'b'] },
      'a',
      'c',
      'must be equal to one of the allowed values: "a", "b"',
    ],
    [
      { type: 'string', enum: [1, true] },
      'true',
      '2',
      'must be equal to one of the allowed values: "1", "true"',
    ],
    [{ type: 'integer', enum: [1, 2] }, 2, '3', 'must be equal to one of the allowed values: 1, 2'],
    [{ type: 'string', pattern: '^a+$' }, 'aa', 'b', 'must match pattern "^a+$"'],
    [
      { type: 'string', format: 'uuid' },
      '5f0c3d5a-7a9d-4b52-9d8b-4b2b1a0c9e11',
      'x',
      'must match format "uuid"',
    ],
    [{ type: 'string', format: 'nobody-knows' }, 'x', {}, 'must be text, not an object'],
    [{ type: 'string', minLength: 2 }, 'ab', 'a', 'must NOT have fewer than 2 characters'],
    [{ type: 'string', maxLength: 2 }, '😀😀', 'abc', 'must NOT have more than 2 characters'],
    [{ type: 'integer', minimum: 1 }, 1, '0', 'must be >= 1'],
    [{ type: 'number', maximum: 1 }, 0.5, '1.5', 'must be <= 1'],
    [{ type: 'integer', maximum: 10 }, 10, '9007199254740993', 'must be <= 10'],
    [
      { type: 'object', properties: { a: { type: 'integer', required: true } } },
      { a: 1, more: true },
      '{"a": "x"}',
      'at /a must be integer',
    ],
  ] as const) {
    test(JSON.stringify(shape), async () => {
      assert.deepEqual(await accepted(shape, good), good);
      assert.deepEqual(await accepted(shape, bad), [reason]);
    });
  }

  test('a huge integer within its limits travels as text', async () => {
    const shape = { type: 'integer', minimum: 1 };
    assert.equal(await accepted(shape, '9007199254740993'), '9007199254740993');
  });

  for (const shape of [
    { type: 'string', pattern: '(?P<x>a)' },
    { type: 'string', pattern: '[' },
    { type: 'string', enum: [] },
  ]) {
    test(`${JSON.stringify(shape)} makes no sense, which is told at load`, async () => {
      const text = outlined({ parameters: [{ name: 'v', in: 'query', ...shape }] });
      const compiled = await compileText(text);
      const found = findingOf(compiled, 'VALUE_NOT_ALLOWED');
      assert.match(
        found.message,
        /What is declared of this input cannot be checked: .+\. Correct its pattern/,
      );
      assert.match(found.pointer, /inputParameters\/0$/);
      assert.equal(compiled.plan, undefined);
    });
  }

  test('limits that two inputs share are held for each', async () => {
    const parameters = ['a', 'b'].map((name) => ({
      name,
      in: 'query',
      type: 'string',
      description: `The ${name}`,
      pattern: '^x$',
    }));
    const { tool } = await compileOutline({ parameters });
    for (const name of ['a', 'b']) {
      const refused: string[] = [];
      inputOf(tool, name).accept('y', (why) => refused.push(why));
      assert.deepEqual(refused, ['must match pattern "^x$"']);
    }
  });
});

test('text is checked in time that grows with its length only', async () => {
  const hostile = `${'1'.repeat(200_000)}x`;
  for (const type of ['integer', 'number', 'boolean', 'object']) {
    assert.equal(((await accepted({ type }, hostile)) as string[]).length, 1);
  }
  assert.deepEqual(await accepted({ type: 'array' }, `[${' '.repeat(200_000)}`), [
    `[${' '.repeat(200_000)}`,
  ]);
});
