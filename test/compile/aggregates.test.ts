import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { compileText, routesOf, toolsOf } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

const CONSUMES = {
  type: 'http',
  namespace: 'api',
  baseUri: 'http://upstream.invalid',
  resources: [
    {
      path: '/ships/{imo}',
      operations: [
        {
          name: 'get',
          method: 'GET',
          inputParameters: [
            { name: 'imo', in: 'path' },
            { name: 'lang', in: 'query' },
          ],
        },
        { name: 'remove', method: 'DELETE' },
      ],
    },
  ],
};

const GET = {
  name: 'get-ship',
  description: 'Gets a ship',
  semantics: { safe: true, idempotent: true },
  inputParameters: [{ name: 'imo', type: 'string', description: 'Its number' }],
  call: 'api.get',
  with: { imo: 'fleet.imo' },
  outputParameters: [
    { type: 'object', properties: { name: { type: 'string', mapping: '$.vessel' } } },
  ],
};

interface Outline {
  readonly functions: readonly object[];
  readonly tools?: readonly object[];
  readonly operations?: readonly object[];
  readonly path?: string;
}

function file({ functions, tools = [], operations = [], path = '/ships/{imo}' }: Outline): string {
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [CONSUMES],
      aggregates: [{ label: 'Fleet', namespace: 'fleet', functions }],
      exposes: [
        { type: 'rest', namespace: 'web', port: 8080, resources: [{ path, operations }] },
        { type: 'mcp', namespace: 'kit', port: 9090, tools },
      ],
    },
  });
}

const REF = 'fleet.get-ship';

test('name, description, inputs and hints are inherited, each field that is written wins', async () => {
  const compiled = await compileText(
    file({
      functions: [
        GET,
        { name: 'remove', call: 'api.remove', semantics: { safe: false, idempotent: true } },
      ],
      tools: [
        { ref: REF },
        {
          ref: REF,
          name: 'own',
          description: 'Mine',
          hints: { readOnly: false, openWorld: false },
          inputParameters: [{ name: 'imo', required: false, type: 'integer' }],
        },
        { ref: 'fleet.remove' },
      ],
      operations: [{ method: 'GET', ref: REF }],
    }),
  );
  assert.deepEqual(compiled.findings, []);
  const [inherited, own, remove] = toolsOf(compiled).map(({ definition }) => definition);
  assert.equal(inherited?.name, 'get-ship');
  assert.equal(inherited?.description, 'Gets a ship');
  assert.deepEqual(inherited?.inputSchema, {
    type: 'object',
    properties: { imo: { type: 'string', description: 'Its number' } },
    required: ['imo'],
  });
  assert.deepEqual(inherited?.annotations, {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  });
  assert.equal(own?.description, 'Mine');
  assert.deepEqual(own?.inputSchema.properties, {
    imo: { type: 'integer', description: 'Its number' },
  });
  assert.deepEqual(own?.annotations, {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
  assert.equal(remove?.annotations?.destructiveHint, true);
  const [route] = routesOf(compiled);
  assert.equal(route?.description, 'Gets a ship');
  assert.deepEqual(
    route?.operation.inputs.map(({ name, from }) => [name, from.in]),
    [['imo', 'path']],
  );
});

test('a function answers the same through every face that refers to it', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /ships/7': { body: { vessel: 'Star' } },
  });
  const served = await startGateway(
    t,
    file({
      functions: [GET],
      tools: [
        { ref: REF },
        // Gives the function's input from one of another name, or itself.
        {
          ref: REF,
          name: 'renamed',
          inputParameters: [{ name: 'number', type: 'string' }],
          with: { imo: 'kit.number' },
        },
        { ref: REF, name: 'fixed', with: { imo: 7 } },
      ],
      operations: [{ method: 'GET', ref: REF }],
    }),
    { upstream: upstream.origin },
  );
  const value: unknown = await (await fetch(`${served.rest}/ships/7`)).json();
  assert.deepEqual(value, { name: 'Star' });
  const agent = await connectAgent(t, served.mcp);
  for (const [name, args] of [
    ['get-ship', { imo: '7' }],
    ['renamed', { number: '7' }],
    ['fixed', {}],
  ] as const) {
    const result = await agent.callTool({ name, arguments: args });
    assert.deepEqual(JSON.parse(textOf(result)), value, name);
  }
  const { tools } = await agent.listTools();
  assert.deepEqual(
    tools.map(({ inputSchema }) => Object.keys(inputSchema.properties ?? {})),
    [['imo'], ['number'], []],
  );
  assert.equal(
    (await fetch(`${served.rest}/ships/8`)).status,
    404,
    'an upstream error is not masked',
  );
});

test('refs that name nothing and functions of one name are errors', async () => {
  const found = async (outline: Outline): Promise<string[]> =>
    (await compileText(file(outline))).findings.map(({ code, severity, suggestion, pointer }) =>
      [severity, code, pointer, suggestion].filter((part) => part !== undefined).join(' '),
    );
  assert.deepEqual(
    await found({ functions: [GET], tools: [{ name: 'a', ref: 'fleet.get-shp' }] }),
    ['error REF_UNKNOWN /capability/exposes/1/tools/0/ref fleet.get-ship'],
  );
  assert.deepEqual(await found({ functions: [GET, GET], tools: [{ ref: REF }] }), [
    'error FUNCTION_DUPLICATE /capability/aggregates/0/functions/1/name',
  ]);
});
