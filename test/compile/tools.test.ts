import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignKeys } from '../../src/compile/keys.ts';
import type { JsonSchema, ToolDefinition } from '../../src/plan/plan.ts';
import {
  compileOutline,
  compileText,
  findingOf,
  foundOf,
  inputOf,
  type Outline,
  outlined,
  requestOf,
  toolsOf,
} from '../support/compile.ts';

const definitionOf = async (outline: Outline): Promise<ToolDefinition> =>
  (await compileOutline(outline)).tool.definition;

const query = (name: string, more: object = {}): object => ({ name, in: 'query', ...more });

describe("a tool's input schema", () => {
  test('every input is a property with type and description, in file order', async () => {
    const { inputSchema } = await definitionOf({
      path: '/{id}',
      parameters: [
        query('z', { type: 'integer', description: 'Last' }),
        query('a', { type: 'boolean', required: true }),
        query('list', { type: 'array' }),
        query('typed', { type: 'array', items: { type: 'integer', minimum: 1 } }),
        query('nested', { type: 'array', items: { type: 'array' } }),
        query('open', { type: 'object' }),
        query('closed', {
          type: 'object',
          properties: { p: { type: 'string', required: true }, q: {} },
        }),
        query('said', { properties: { p: { items: { type: 'string' } } } }),
        query('any', { type: 'any' }),
        query('told', { type: 'any', description: 'Whatever there is' }),
        query('none'),
      ],
      with: Object.fromEntries(
        'z a list typed nested open closed said any told none'
          .split(' ')
          .map((name) => [name, `tools.${name}`]),
      ),
    });
    assert.equal(
      JSON.stringify(inputSchema),
      JSON.stringify({
        type: 'object',
        properties: {
          id: { type: 'string', description: 'Fills {id} in GET /{id}' },
          z: { type: 'integer', description: 'Last' },
          a: { type: 'boolean' },
          list: { type: 'array', items: {} },
          typed: { type: 'array', items: { type: 'integer', minimum: 1 } },
          nested: { type: 'array', items: { type: 'array', items: {} } },
          open: { type: 'object', additionalProperties: true },
          closed: {
            type: 'object',
            properties: { p: { type: 'string' }, q: {} },
            required: ['p'],
          },
          said: {
            type: 'object',
            properties: { p: { type: 'array', items: { type: 'string' } } },
          },
          any: { type: 'string' },
          told: { description: 'Whatever there is' },
          none: { type: 'string' },
        },
        required: ['id', 'a'],
      }),
    );
  });

  test('declared inputs: type from what they feed, limits and defaults kept, no null', async () => {
    const { inputSchema } = await definitionOf({
      declared: [
        { name: 'a' },
        { name: 'b', type: 'string', enum: ['x', null], default: 'x' },
        { name: 'c', type: 'string', default: null, required: false, description: 'C' },
      ],
      parameters: [query('a', { type: 'integer' }), query('b'), query('c')],
    });
    assert.deepEqual(inputSchema, {
      type: 'object',
      properties: {
        a: { type: 'integer' },
        b: { type: 'string', enum: ['x'], default: 'x' },
        c: { type: 'string', description: 'C' },
      },
      required: ['a'],
    });
  });

  test('it says nothing that clients refuse', async () => {
    const { inputSchema } = await definitionOf({
      method: 'POST',
      parameters: [
        { name: 'body', in: 'body', type: 'string' },
        query('q', { type: 'array', items: {} }),
      ],
    });
    const text = JSON.stringify(inputSchema);
    for (const word of ['$schema', 'oneOf', 'anyOf', 'allOf', 'null'])
      assert.ok(!text.includes(word), word);
    assert.deepEqual((inputSchema.properties as Record<string, JsonSchema>).body, {
      type: 'object',
      additionalProperties: true,
    });
  });

  test('without inputs it is an empty object', async () => {
    assert.deepEqual((await definitionOf({})).inputSchema, { type: 'object', properties: {} });
  });
});

describe('property keys', () => {
  test('keep the letters and digits of their names', () => {
    assert.deepEqual(
      assignKeys([
        'a.b-c_1',
        '$select',
        'fields[]',
        '@id',
        'filter[name][x]',
        'two words',
        'a+b',
        '_x$',
      ]),
      ['a.b-c_1', 'select', 'fields', 'id', 'filter_name_x', 'two_words', 'a_b', 'x'],
    );
  });

  test('stay distinct, and a safe name keeps its own', () => {
    assert.deepEqual(assignKeys(['$a', 'a', '@a', 'a[]']), ['a_', 'a', 'a__', 'a___']);
    assert.deepEqual(assignKeys(['$', '[]', '☃']), ['input', 'input_', 'input__']);
    const many = assignKeys(Array.from({ length: 300 }, (_, n) => '$'.repeat(n + 1)));
    assert.equal(new Set(many).size, 300);
    const long = assignKeys(
      Array.from({ length: 30 }, (_, n) => `$${'x'.repeat(80)}${'$'.repeat(n)}`),
    );
    assert.equal(new Set(long).size, 30);
    for (const key of [...many, ...long]) assert.match(key, /^[a-zA-Z0-9_.-]{1,64}$/);
  });

  test('a renamed one is told, and REST keeps the name', async () => {
    const { route, tool, compiled } = await compileOutline({
      parameters: [query('$select', { required: true })],
      with: { $select: 'rest.$select' },
    });
    assert.deepEqual(tool.definition.inputSchema.required, ['select']);
    assert.equal(inputOf(tool, '$select').key, 'select');
    assert.deepEqual(inputOf(route, '$select').from, { in: 'query', name: '$select' });
    const found = findingOf(compiled, 'TOOL_KEY_RENAMED');
    assert.equal(found.severity, 'info');
    assert.match(found.message, /"\$select" is served as "select"/);
    assert.match(requestOf(tool, { $select: 'v' }).url, /\?%24select=v$/);
  });
});

describe('annotations', () => {
  for (const [method, readOnlyHint, destructiveHint, idempotentHint] of [
    ['GET', true, false, true],
    ['HEAD', true, false, true],
    ['OPTIONS', true, false, true],
    ['POST', false, false, false],
    ['PUT', false, true, true],
    ['PATCH', false, true, false],
    ['DELETE', false, true, true],
  ] as const) {
    test(`without hints they follow from ${method}`, async () => {
      assert.deepEqual((await definitionOf({ method })).annotations, {
        readOnlyHint,
        destructiveHint,
        idempotentHint,
        openWorldHint: true,
      });
    });
  }

  test('hints that are given win, the others follow from the method', async () => {
    const { annotations } = await definitionOf({
      method: 'DELETE',
      tool: { hints: { destructive: false, openWorld: false }, label: 'Remove it' },
    });
    assert.deepEqual(annotations, {
      title: 'Remove it',
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    });
  });

  test('a POST that only reads destroys nothing and can be repeated', async () => {
    const { annotations } = await definitionOf({
      method: 'POST',
      tool: { hints: { readOnly: true } },
    });
    assert.deepEqual(annotations, {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
  });
});

describe('names and words of tools', () => {
  test('title from label, description from the tool, else from the called operation', async () => {
    const own = await definitionOf({ tool: { label: 'Do it', description: 'Does it' } });
    assert.deepEqual([own.title, own.description], ['Do it', 'Does it']);
    const called = await definitionOf({ operation: { description: 'What the API says' } });
    assert.deepEqual([called.title, called.description], [undefined, 'What the API says']);
  });

  test('a long name is served as published, with a warning, or shortened, always alike', async () => {
    const name = `list-${'very-'.repeat(20)}long`;
    const published = await compileText(outlined({ tool: { name } }));
    assert.equal(toolsOf(published)[0]?.definition.name, name);
    const found = findingOf(published, 'TOOL_NAME_LONG');
    assert.equal(found.severity, 'warning');
    assert.match(
      found.message,
      new RegExp(`has ${name.length} characters; many clients refuse more than 64`),
    );

    const shortened = async (text: string): Promise<string> => {
      const compiled = await compileText(outlined({ tool: { name: text } }), {
        toolNames: 'short',
      });
      assert.deepEqual(compiled.findings, []);
      return toolsOf(compiled)[0]?.definition.name ?? '';
    };
    const short = await shortened(name);
    assert.equal(short, `${name.slice(0, 55)}-${short.slice(-8)}`);
    assert.match(short, /^.{55}-[0-9a-f]{8}$/);
    assert.equal(await shortened(name), short);
    assert.notEqual(await shortened(`${name}x`), short);
    assert.equal(await shortened('x'.repeat(64)), 'x'.repeat(64));
  });

  test('of two tools with one name the first is served, and what is wrong in the second still told', async () => {
    const text = `
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - {namespace: api, baseUri: 'https://h.example', resources: [{path: /a, operations: [{name: a, method: GET}]}]}
  exposes:
  - type: mcp
    namespace: mcp
    port: 9090
    tools:
    - {name: t, description: first, call: api.a}
    - {name: t, description: second, call: api.b}
`;
    const compiled = await compileText(text);
    assert.deepEqual(
      toolsOf(compiled).map(({ definition }) => definition.description),
      ['first'],
    );
    const found = findingOf(compiled, 'TOOL_DUPLICATE');
    assert.deepEqual([found.line, found.severity], [12, 'warning']);
    assert.match(found.message, /The tool "t" stands on line 11 already/);
    assert.equal(foundOf(compiled, 'CALL_UNKNOWN')[0]?.line, 12);
  });
});

describe('an output schema', () => {
  const schemaOf = async (...outputs: object[]): Promise<JsonSchema | undefined> =>
    (await definitionOf({ outputs })).outputSchema;

  test('there is none where the answer is handed on', async () => {
    assert.equal((await definitionOf({})).outputSchema, undefined);
    assert.equal(await schemaOf({ type: 'object', mapping: '$.' }), undefined);
  });

  test('of an object names its members, each of which may be null', async () => {
    assert.deepEqual(
      await schemaOf({
        type: 'object',
        description: 'A ship',
        properties: {
          imo: { type: 'string', mapping: '$.imo', description: 'Number' },
          specs: { type: 'object', properties: { length: { type: 'number' } } },
          crew: { type: 'array', items: { type: 'string' } },
        },
      }),
      {
        type: 'object',
        description: 'A ship',
        properties: {
          imo: { type: ['string', 'null'], description: 'Number' },
          specs: {
            type: ['object', 'null'],
            properties: { length: { type: ['number', 'null'] } },
            required: ['length'],
          },
          crew: { type: ['array', 'null'], items: { type: ['string', 'null'] } },
        },
      },
    );
  });

  test('of a list or scalar says result', async () => {
    assert.deepEqual(
      await schemaOf({
        type: 'array',
        mapping: '$.items',
        items: [{ type: 'object', properties: { a: {} } }],
      }),
      {
        type: 'object',
        properties: {
          result: {
            type: ['array', 'null'],
            items: { type: ['object', 'null'], properties: { a: {} }, required: ['a'] },
          },
        },
        required: ['result'],
      },
    );
    assert.deepEqual(await schemaOf({ type: 'string', mapping: '$.name', description: 'Name' }), {
      type: 'object',
      properties: { result: { type: ['string', 'null'], description: 'Name' } },
      required: ['result'],
    });
  });

  test('alternatives have none', async () => {
    assert.equal(
      await schemaOf({ type: 'string', mapping: '$.a' }, { type: 'string', mapping: '$.b' }),
      undefined,
    );
  });
});
