import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { compileText } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';

/** Text of a file that calls nothing. */
const mock = (
  outputParameters: readonly object[] | undefined,
  inputParameters: readonly object[] = [],
): string =>
  JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [
            {
              path: '/ships/{imo}',
              operations: [
                {
                  method: 'GET',
                  name: 'get',
                  outputParameters,
                  inputParameters: inputParameters.map((input) => ({
                    in: (input as { name: string }).name === 'imo' ? 'path' : 'query',
                    ...input,
                  })),
                },
              ],
            },
          ],
        },
        {
          type: 'mcp',
          namespace: 'kit',
          port: 9090,
          tools: [{ name: 'get', outputParameters, inputParameters }],
        },
      ],
    },
  });

const INPUTS = [
  { name: 'imo', type: 'string', required: true },
  { name: 'count', type: 'integer', required: false },
];

test('a mock answers values of the declared types, the same on both faces', async (t) => {
  const served = await startGateway(
    t,
    mock(
      [
        { name: 'imo', type: 'string', value: '{{imo}}' },
        { name: 'title', type: 'string', value: 'Ship {{imo}} of {{tools.imo}}' },
        { name: 'year', type: 'number', value: '2015' },
        { name: 'active', type: 'boolean', value: 'true' },
        { name: 'count', type: 'number', value: '{{count}}' },
        {
          name: 'owner',
          type: 'object',
          properties: {
            name: { type: 'string', value: 'Acme' },
            age: { type: 'number', value: 12 },
          },
        },
        { name: 'tags', type: 'array', items: { type: 'string', value: 'cargo' } },
        {
          name: 'crew',
          type: 'array',
          items: { type: 'object', properties: { id: { type: 'string', value: 'C-{{imo}}' } } },
        },
        { name: 'nothing', type: 'string' },
      ],
      INPUTS,
    ),
  );
  const response = await fetch(`${served.rest}/ships/%7B%7Bcount%7D%7D?count=3`);
  assert.equal(response.status, 200);
  const value: unknown = await response.json();
  assert.deepEqual(value, {
    imo: '{{count}}',
    title: 'Ship {{count}} of {{count}}',
    year: 2015,
    active: true,
    count: 3,
    owner: { name: 'Acme', age: 12 },
    tags: ['cargo'],
    crew: [{ id: 'C-{{count}}' }],
    nothing: null,
  });
  const agent = await connectAgent(t, served.mcp);
  await agent.listTools();
  const result = await agent.callTool({ name: 'get', arguments: { imo: '{{count}}', count: 3 } });
  assert.deepEqual(JSON.parse(textOf(result)), value);
  assert.deepEqual(result.structuredContent, value);
  const missing = await fetch(`${served.rest}/ships/7`);
  assert.equal(((await missing.json()) as { count: unknown }).count, null);
});

test('what a mock names and nothing declares is an input', async (t) => {
  const served = await startGateway(
    t,
    mock([{ name: 'imo', type: 'string', value: 'no {{imo}}' }]),
  );
  assert.deepEqual(await (await fetch(`${served.rest}/ships/7`)).json(), { imo: 'no 7' });
});

test('an operation that says nothing is an error, one without values a warning', async () => {
  const codes = async (text: string): Promise<string[]> => [
    ...new Set(
      (await compileText(text)).findings.map(({ severity, code }) => `${severity} ${code}`),
    ),
  ];
  assert.deepEqual(await codes(mock(undefined)), ['error KEY_MISSING']);
  assert.deepEqual(await codes(mock([{ name: 'a', type: 'string' }])), ['warning KEY_MISSING']);
  assert.deepEqual(await codes(mock([{ name: 'a', type: 'number', value: 'many' }])), [
    'error VALUE_WRONG_TYPE',
  ]);
});
