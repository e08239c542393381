import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, rpc, sendRaw, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { API, exposing, findingsOf, serveParts } from './content-capability.ts';
import { bounded } from './toolbox.ts';

const OWN = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
      required: ['city'],
    },
    tree: { type: 'object', properties: { next: { $ref: '#/$defs/tree' } } },
  },
  properties: {
    $filter: { type: 'string', default: 'all' },
    id: { type: 'integer', minimum: 1 },
    home: { $ref: '#/$defs/address', description: 'Where' },
    work: { $ref: '#addressDef' },
    tree: { $ref: '#/$defs/tree' },
    via: { enum: ['phone', 'email'] },
    phone: { type: 'string', pattern: '^[0-9]+$' },
  },
  required: ['id'],
  if: { properties: { via: { const: 'phone' } }, required: ['via'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  additionalProperties: false,
};

const OPERATIONS = [
  {
    path: '/things/{id}',
    operations: [
      {
        name: 'thing',
        method: 'POST',
        inputParameters: [
          { name: 'id', in: 'path' },
          { name: '$filter', in: 'query' },
          { name: 'home', in: 'body' },
        ],
      },
    ],
  },
];

const api = { ...API, 'POST /things/7': { body: { ok: true } } };
const TOOLS = [{ name: 'own', call: 'api.thing', inputSchema: OWN }];

test(
  'an own schema is listed word for word, and feeds what is called by name',
  bounded,
  async (t) => {
    const { mcp, older, newer, upstream } = await serveParts(
      t,
      { tools: TOOLS },
      { api, resources: OPERATIONS },
    );
    // Raw, because the clients of the SDKs order and drop what they read.
    const { text } = await sendRaw(mcp, rpc('tools/list'), { accept: 'application/json' });
    const [tool] = JSON.parse(text).result.tools;
    assert.equal(JSON.stringify(tool.inputSchema), JSON.stringify(OWN));
    const args = { id: 7, home: { city: 'Ulm', street: 'A' } };
    for (const client of [older, newer]) {
      const result = await client.callTool({ name: 'own', arguments: args });
      assert.deepEqual(result.structuredContent, { ok: true });
    }
    const [sent] = upstream.requests;
    assert.equal(sent?.url, '/things/7?%24filter=all');
    assert.deepEqual(JSON.parse(sent?.body ?? ''), args.home);
  },
);

test('arguments are judged by the own schema, each violation by name', bounded, async (t) => {
  const { newer, upstream } = await serveParts(t, { tools: TOOLS }, { api, resources: OPERATIONS });
  const refusal = async (args: Record<string, unknown>): Promise<string> => {
    const result = await newer.callTool({ name: 'own', arguments: args });
    assert.equal(result.isError, true, JSON.stringify(result));
    return textOf(result);
  };
  assert.match(await refusal({}), /^INPUT_INVALID \(400\).*\n- id: is required and was not given$/);
  const many = await refusal({ id: '7', more: 1, home: { street: 1 }, via: 'fax' });
  assert.match(many, /- id: must be integer/);
  assert.match(many, /- more: is not an input of this tool/);
  assert.match(many, /- home: must have required property 'city'/);
  assert.match(many, /- home: at \/street must be string/);
  assert.match(many, /- via: must be equal to one of the allowed values: "?phone"?, "?email"?/);
  assert.match(await refusal({ id: 0 }), /- id: must be >= 1/);
  assert.match(await refusal({ id: 7, via: 'phone' }), /- phone: is required/);
  let deep: object = {};
  for (let level = 0; level < 300; level++) deep = { next: deep };
  assert.match(await refusal({ id: 7, tree: deep }), /- tree: is nested deeper than 200 levels/);
  assert.equal(upstream.requests.length, 0);
  // Null for an optional argument is what models write when they leave it out.
  const left = await newer.callTool({ name: 'own', arguments: { id: 7, phone: null } });
  assert.ok(!left.isError, JSON.stringify(left));
});

test(
  '--inline-refs writes out what references name, but for what is recursive',
  bounded,
  async (t) => {
    const text = exposing({ tools: TOOLS }, OPERATIONS);
    const { mcp } = await startGateway(t, text, { inlineRefs: true });
    const { tools } = await (await connectAgent(t, mcp)).listTools();
    const [tool] = tools;
    assert.ok(tool !== undefined);
    const { properties, $defs } = tool.inputSchema as unknown as {
      properties: Record<string, object>;
      $defs: object;
    };
    const address = {
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
      required: ['city'],
    };
    assert.deepEqual(properties.home, { ...address, $anchor: 'addressDef', description: 'Where' });
    assert.deepEqual(properties.tree, { $ref: '#/$defs/tree' });
    assert.deepEqual($defs, OWN.$defs);
  },
);

test(
  'a structured answer that is not what its own schema says is shown as a failure',
  bounded,
  async (t) => {
    const outputSchema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', maximum: 40 } },
      required: ['name'],
    };
    let age = 36;
    const { newer, older } = await serveParts(
      t,
      {
        tools: [
          { name: 'user', call: 'api.user', outputSchema },
          {
            name: 'parts',
            call: 'api.user',
            outputSchema,
            content: [{ type: 'text', text: 'Hi {{user.name}}' }],
          },
          { name: 'text', call: 'api.page', outputSchema },
        ],
      },
      {
        api: {
          ...API,
          'GET /user': (_request, response) => {
            response.setHeader('content-type', 'application/json');
            response.end(JSON.stringify({ name: 'Ada', age }));
          },
        },
      },
    );
    for (const client of [older, newer]) {
      const { tools } = await client.listTools();
      assert.deepEqual(tools[0]?.outputSchema, outputSchema);
      age = 36;
      const fits = await client.callTool({ name: 'user', arguments: {} });
      assert.deepEqual(fits.structuredContent, { name: 'Ada', age: 36 });
      const parts = await client.callTool({ name: 'parts', arguments: {} });
      assert.deepEqual(parts.structuredContent, { name: 'Ada', age: 36 });
      assert.deepEqual(parts.content, [
        { type: 'text', text: 'Hi Ada' },
        { type: 'text', text: '{"name":"Ada","age":36}' },
      ]);
      age = 50;
      const over = await client.callTool({ name: 'user', arguments: {} });
      assert.equal(over.isError, true);
      assert.equal(over.structuredContent, undefined);
      const [why, answer] = over.content as { text: string }[];
      assert.match(why?.text ?? '', /UPSTREAM_UNUSABLE.*outputSchema.*\/age must be <= 40/);
      assert.equal(answer?.text, '{"name":"Ada","age":50}');
      const none = await client.callTool({ name: 'text', arguments: {} });
      assert.equal(none.isError, true);
      assert.match(textOf(none), /there is no structured answer/);
    }
  },
);

test('what of an own schema cannot be served is found at its place', async () => {
  const finds = async (schema: object, more: object = {}): Promise<readonly string[]> => {
    const tool = { name: 't', call: 'api.user', inputSchema: schema, ...more };
    const { found } = await findingsOf({ tools: [tool] });
    return found.filter((finding) => !finding.startsWith('INPUT_UNUSED'));
  };
  const at = '/tools/0/inputSchema';
  const object = (properties: object, more: object = {}) => ({
    type: 'object',
    properties,
    ...more,
  });
  assert.deepEqual(await finds({ properties: {} }), [`SCHEMA_INVALID ${at}`]);
  assert.deepEqual(await finds({ type: 'array' }), [`SCHEMA_INVALID ${at}/type`]);
  assert.deepEqual(
    await finds({ type: 'object', $schema: 'http://json-schema.org/draft-07/schema#' }),
    [`SCHEMA_INVALID ${at}/$schema`],
  );
  assert.deepEqual(await finds(object({ a: { $ref: 'https://example.com/a.json' } })), [
    `SCHEMA_INVALID ${at}/properties/a/$ref`,
  ]);
  assert.deepEqual(await finds(object({ a: { $ref: '#/$defs/none' } })), [
    `SCHEMA_INVALID ${at}/properties/a/$ref`,
  ]);
  assert.deepEqual(await finds(object({ a: { $ref: '#none' } })), [
    `SCHEMA_INVALID ${at}/properties/a/$ref`,
  ]);
  assert.deepEqual(await finds(object({ a: { type: 'strin' } })), [
    `SCHEMA_INVALID ${at}/properties/a/type`,
    `SCHEMA_INVALID ${at}/properties/a/type`,
    `SCHEMA_INVALID ${at}/properties/a/type`,
  ]);
  assert.deepEqual(await finds(object({ a: { allOf: [{ $ref: '#/properties/a' }] } })), [
    `SCHEMA_INVALID ${at}/properties/a`,
  ]);
  assert.deepEqual(await finds(object({ a: { pattern: '(' } })), [`SCHEMA_INVALID ${at}`]);
  assert.deepEqual(await finds(object({ a: { description: 'x'.repeat(17_000) } })), [
    `SCHEMA_INVALID ${at}`,
  ]);
  let deep: object = { type: 'string' };
  for (let level = 0; level < 40; level++) deep = { type: 'array', items: deep };
  assert.match((await finds(object({ a: deep })))[0] ?? '', /^SCHEMA_INVALID .*items\/items/);
  assert.deepEqual(await finds(object({}), { inputParameters: [{ name: 'a' }] }), [
    'SCHEMA_INVALID /tools/0/inputParameters',
  ]);
  // Data that looks like a schema is none.
  assert.deepEqual(
    await finds(object({ a: { enum: [{ $ref: 'x' }], default: { $ref: 'x' } } })),
    [],
  );
  const lacking = await findingsOf(
    { tools: [{ name: 't', call: 'api.thing', inputSchema: object({}) }] },
    OPERATIONS,
  );
  assert.deepEqual(lacking.found, [`SCHEMA_INVALID ${at}`]);
});

test(
  'a header on an input is published, and refused where it would do harm',
  bounded,
  async (t) => {
    const inputs = (...all: object[]) => ({
      tools: [{ name: 't', call: 'api.user', inputParameters: all }],
    });
    const { newer } = await serveParts(
      t,
      inputs({ name: 'region', type: 'string', header: 'Region' }, { name: 'n', type: 'integer' }),
    );
    const { tools } = await newer.listTools();
    assert.deepEqual(tools[0]?.inputSchema.properties?.region, {
      type: 'string',
      'x-mcp-header': 'Region',
    });
    // The client repeats it in Mcp-Param-Region; without that the call would be refused.
    const result = await newer.callTool({ name: 't', arguments: { region: 'Ulm ü', n: 1 } });
    assert.ok(!result.isError, JSON.stringify(result));

    const finds = async (...all: object[]): Promise<readonly string[]> =>
      (await findingsOf(inputs(...all))).found;
    const at = '/tools/0/inputParameters';
    assert.deepEqual(await finds({ name: 'a', type: 'string', header: 'A' }), []);
    assert.deepEqual(await finds({ name: 'a', type: 'number', header: 'A' }), [
      `PARAMETER_HEADER_INVALID ${at}/0/header`,
    ]);
    assert.deepEqual(await finds({ name: 'a', type: 'string', header: 'A B' }), [
      `PARAMETER_HEADER_INVALID ${at}/0/header`,
    ]);
    assert.deepEqual(await finds({ name: 'apiKey', type: 'string', header: 'Key' }), [
      `PARAMETER_HEADER_INVALID ${at}/0/header`,
    ]);
    assert.deepEqual(
      await finds(
        { name: 'a', type: 'string', header: 'Region' },
        { name: 'b', type: 'string', header: 'region' },
      ),
      [`PARAMETER_HEADER_INVALID ${at}/1/header`],
    );
    const own = {
      type: 'object',
      properties: { token: { type: 'string', 'x-mcp-header': 'Token' } },
    };
    const { found } = await findingsOf({
      tools: [{ name: 't', call: 'api.user', inputSchema: own }],
    });
    assert.ok(
      found.includes('PARAMETER_HEADER_INVALID /tools/0/inputSchema/properties/token/x-mcp-header'),
      JSON.stringify(found),
    );
  },
);

test('ordinary inputs show enum, default and what is nested; lists always say their items', async () => {
  const inputParameters = [
    { name: 'kind', type: 'string', enum: ['a', 'b'], default: 'a' },
    { name: 'tags', type: 'array' },
    {
      name: 'rows',
      type: 'array',
      items: { type: 'object', properties: { cells: { type: 'array' } } },
    },
  ];
  const { compiled } = await findingsOf({
    tools: [{ name: 't', call: 'api.user', inputParameters }],
  });
  const [face] = compiled.draft.faces;
  assert.ok(face?.face === 'mcp');
  assert.deepEqual(face.tools[0]?.definition.inputSchema, {
    type: 'object',
    properties: {
      kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
      tags: { type: 'array', items: {} },
      rows: {
        type: 'array',
        items: { type: 'object', properties: { cells: { type: 'array', items: {} } } },
      },
    },
    required: ['tags', 'rows'],
  });
});
