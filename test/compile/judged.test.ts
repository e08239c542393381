import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding } from '../../src/document/finding.ts';
import type { Json } from '../../src/plan/plan.ts';
import {
  type CompileTextOptions,
  compileOutline,
  compileText,
  inputOf,
  outlined,
  requestOf,
} from '../support/compile.ts';

const CONSUMES = {
  type: 'http',
  namespace: 'api',
  baseUri: 'https://api.example.com',
  resources: [
    {
      path: '/things',
      operations: [{ name: 'list' }, { name: 'add', method: 'POST' }],
    },
    { path: '/things/{id}', operations: [{ name: 'get' }] },
  ],
};

const filed = (capability: object): string =>
  JSON.stringify({ naftiko: '1.0.0-alpha2', capability: { consumes: [CONSUMES], ...capability } });

const withTool = (tool: object): string =>
  filed({
    exposes: [{ type: 'mcp', namespace: 'kit', port: 9090, tools: [{ name: 't', ...tool }] }],
  });

async function found(text: string, options: CompileTextOptions = {}): Promise<string[]> {
  const { findings } = await compileText(text, options);
  return findings.map(({ severity, code, pointer }: Finding) => `${severity} ${code} ${pointer}`);
}

test('a method that is left out is GET, on both sides', async () => {
  const text = filed({
    exposes: [
      {
        type: 'rest',
        namespace: 'web',
        port: 8080,
        resources: [{ path: '/r', operations: [{ call: 'api.list' }] }],
      },
    ],
  });
  const { plan, findings } = await compileText(text);
  assert.deepEqual(findings, []);
  const [face] = plan?.faces ?? [];
  assert.equal(face?.face, 'rest');
  const [route] = face.routes;
  assert.equal(route?.method, 'GET');
  assert.equal(route.operation.steps[0]?.method, 'GET');
});

describe('a function that no ref leads to is judged', () => {
  const unreferred = (written: object): string =>
    filed({
      aggregates: [{ namespace: 'agg', label: 'A', functions: [{ name: 'f', ...written }] }],
      exposes: [
        { type: 'mcp', namespace: 'kit', port: 9090, tools: [{ name: 't', call: 'api.list' }] },
      ],
    });
  const at = '/capability/aggregates/0/functions/0';

  test('a call that names nothing', async () => {
    assert.deepEqual(await found(unreferred({ call: 'api.lst' })), [
      `error CALL_UNKNOWN ${at}/call`,
    ]);
  });

  test('a broken path in its outputs', async () => {
    const outputParameters = [{ type: 'string', mapping: '$.a[' }];
    assert.deepEqual(await found(unreferred({ call: 'api.list', outputParameters })), [
      `error JSONPATH_INVALID ${at}/outputParameters/0/mapping`,
    ]);
  });

  test('an input that goes nowhere', async () => {
    const inputParameters = [{ name: 'x', type: 'string', description: 'X' }];
    assert.deepEqual(await found(unreferred({ call: 'api.list', inputParameters })), [
      `warning INPUT_UNUSED ${at}/inputParameters/0`,
    ]);
  });

  test('but nothing of the environment stands in its way', async () => {
    const text = JSON.parse(unreferred({ call: 'api.add', with: { q: '{{env.NONE}}' } }));
    text.binds = [{ namespace: 'env', keys: { NONE: 'NONE' } }];
    text.capability.consumes[0].resources[0].operations[1].inputParameters = [
      { name: 'q', in: 'query' },
    ];
    assert.deepEqual(await found(JSON.stringify(text)), []);
  });
});

test('inputs and outputs are judged although the call names nothing', async () => {
  const inner = withTool({
    call: 'api.lst',
    with: { a: '{{open' },
    outputParameters: [
      { type: 'array', mapping: '$.x[', items: { type: 'string', mapping: '$.y' } },
    ],
  });
  const at = '/capability/exposes/0/tools/0';
  assert.deepEqual((await found(inner)).sort(), [
    `error CALL_UNKNOWN ${at}/call`,
    `error JSONPATH_INVALID ${at}/outputParameters/0/mapping`,
    `error TEMPLATE_INVALID ${at}/with/a`,
  ]);
  const rest = filed({
    exposes: [
      {
        type: 'rest',
        namespace: 'web',
        port: 8080,
        resources: [
          {
            path: '/r',
            operations: [
              {
                call: 'api.lst',
                inputParameters: [{ name: 'x', in: 'body', type: 'string', value: '$.a[' }],
                outputParameters: [{ name: 'o', type: 'string', value: '{{given}} {{x}}' }],
              },
            ],
          },
        ],
      },
    ],
  });
  const operation = '/capability/exposes/0/resources/0/operations/0';
  assert.deepEqual((await found(rest)).sort(), [
    `error CALL_UNKNOWN ${operation}/call`,
    `error JSONPATH_INVALID ${operation}/inputParameters/0/value`,
  ]);
});

describe('an input that only an output names', () => {
  const outputs = [
    { name: 'id', type: 'string', mapping: '$.id' },
    { name: 'asked', type: 'string', value: 'by {{who}}' },
  ];

  test('is used, and needs no place in the request', async () => {
    const { tool, route, compiled } = await compileOutline({
      declared: [{ name: 'who', type: 'string', description: 'Who asks' }],
      outputs,
    });
    assert.deepEqual(compiled.findings, []);
    assert.equal(inputOf(tool, 'who').required, true);
    const { answer } = route.operation;
    assert.equal(answer.kind, 'project');
    const input = Object.assign(Object.create(null), { who: 'me' });
    assert.deepEqual(
      { ...(answer.project({ input, steps: { op: { id: 'x' } } }) as { [key: string]: Json }) },
      { id: 'x', asked: 'by me' },
    );
  });

  test('may have a fixed value', async () => {
    const { route, compiled } = await compileOutline({
      declared: [{ name: 'who', type: 'string', description: 'Who asks', value: 'the gateway' }],
      outputs,
    });
    assert.deepEqual(compiled.findings, []);
    const { answer } = route.operation;
    assert.equal(answer.kind, 'project');
    const answered = answer.project({ input: {}, steps: { op: { id: 'x' } } });
    assert.deepEqual({ ...(answered as object) }, { id: 'x', asked: 'by the gateway' });
  });

  test('goes nowhere when no output names it', async () => {
    const text = outlined({
      declared: [{ name: 'other', type: 'string', description: 'O' }],
      outputs: [{ name: 'id', type: 'string', mapping: '$.id' }],
    });
    const codes = (await compileText(text)).findings.map(({ code }) => code);
    assert.deepEqual(codes, ['INPUT_UNUSED', 'INPUT_UNUSED']);
  });
});

test('templates work inside the objects and lists of a with', async () => {
  const { tool } = await compileOutline({
    method: 'POST',
    parameters: [{ name: 'filter', in: 'body', type: 'object' }],
    declared: [
      { name: 'id', type: 'integer', description: 'I' },
      { name: 'absent', type: 'string', description: 'A', required: false },
    ],
    with: {
      filter: { where: { id: '{{id}}', text: 'no {{id}}' }, all: ['tools.id', '{{absent}}', 1] },
    },
  });
  const { body } = requestOf(tool, { id: 7 });
  assert.deepEqual(JSON.parse(body ?? ''), {
    where: { id: 7, text: 'no 7' },
    all: [7, 1],
  });
});

describe('a mapping may feed a step after the one it reads', () => {
  const steps = [
    { type: 'call', name: 'first', call: 'api.list' },
    { type: 'call', name: 'second', call: 'api.get' },
  ];
  const mappings = [
    { targetName: 'id', value: '$.first[0].key' },
    { targetName: 'label', value: '$.second.label' },
  ];

  async function compiled(tool: object) {
    const result = await compileText(withTool({ steps, ...tool }));
    const [face] = result.draft.faces;
    assert.equal(face?.face, 'mcp');
    return { ...result, operation: face.tools[0]?.operation };
  }

  test('which is then no output', async () => {
    const { operation, findings } = await compiled({
      mappings,
      outputParameters: [{ name: 'label', type: 'string' }],
    });
    assert.deepEqual(findings, []);
    assert.deepEqual(operation?.inputs, []);
    const [, second] = operation.chain ?? [];
    assert.deepEqual(second?.after, [0]);
    assert.equal(second.step.kind, 'call');
    const scope = { input: {}, steps: { first: [{ key: 'k/1' }], second: { label: 'L' } } };
    assert.equal(second.step.build(scope).path, '/things/k%2F1');
    assert.equal(operation.answer.kind, 'project');
    assert.deepEqual({ ...(operation.answer.project(scope) as object) }, { label: 'L' });
  });

  test('and when all of them do, the last step answers', async () => {
    const { operation, findings } = await compiled({ mappings: mappings.slice(0, 1) });
    assert.deepEqual(findings, []);
    assert.equal(operation?.answer.kind, 'identity');
  });

  test('unless its name is that of an output or an input', async () => {
    const asOutput = await compiled({
      mappings,
      outputParameters: [
        { name: 'id', type: 'string' },
        { name: 'label', type: 'string' },
      ],
    });
    assert.deepEqual(
      asOutput.operation?.inputs.map(({ name }) => name),
      ['id'],
    );
    const asInput = await compiled({
      mappings,
      inputParameters: [{ name: 'id', type: 'string', description: 'I' }],
    });
    assert.deepEqual(
      asInput.operation?.inputs.map(({ name }) => name),
      ['id'],
    );
  });
});
