import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileText,
  findingOf,
  foundOf,
  outlined,
  routesOf,
  toolsOf,
} from '../support/compile.ts';

const API = `
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - namespace: api
    baseUri: https://h.example
    headers: {}
    resources:
    - {path: /a, operations: [{name: a, method: POST, label: A}]}
`;

const exposing = (...lines: string[]): string => `${API}  exposes:\n${lines.join('\n')}\n`;

/** A tool named on line 15, with these lines after it. */
const tool = (...lines: string[]): string =>
  exposing(
    '  - type: mcp',
    '    namespace: mcp',
    '    port: 9090',
    '    tools:',
    '    - name: t',
    ...lines.map((line) => `      ${line}`),
  );

const called = tool('call: api.a');
/** The called operation with another member, on line 9. */
const operation = (member: string): string => called.replace('label: A', member);

/** Parts of the language that a later version serves, each with its line and what is said of it. */
const CASES: Readonly<Record<string, readonly [text: string, line: number, message: RegExp]>> = {
  'imported consumes': [
    called.replace('consumes:\n', 'consumes:\n  - {location: ./other.yaml, import: other}\n'),
    5,
    /Imported consumes are not served yet\. Write the block in this file/,
  ],
  aggregates: [
    called.replace(
      '  exposes',
      '  aggregates: [{namespace: g, label: G, functions: [{name: f, description: F, call: api.a}]}]\n  exposes',
    ),
    10,
    /Aggregates are not served yet/,
  ],
  ref: [tool('ref: g.f'), 16, /"ref" are not served yet/],
  steps: [
    tool('steps: [{name: s, type: call, call: api.a}]'),
    16,
    /Orchestrated steps are not served yet/,
  ],
  'a mock without call': [tool(), 15, /without "call" answers from its own mock values/],
  'authentication of callers': [
    called.replace('    tools', '    authentication: {type: bearer, token: x}\n    tools'),
    14,
    /Authentication of callers is not served yet, so this face would be open/,
  ],
  'skill exposes': [
    exposing('  - {type: skill, namespace: s, port: 1, skills: []}'),
    11,
    /An expose of type skill is not served yet; rest and mcp are/,
  ],
  'MCP resources': [
    called.replace('    tools', "    resources: [{name: r, uri: 'x://r', call: api.a}]\n    tools"),
    14,
    /MCP resources are not served yet; tools are/,
  ],
  'MCP prompts': [
    called.replace(
      '    tools',
      '    prompts: [{name: p, template: [{role: user, content: hi}]}]\n    tools',
    ),
    14,
    /MCP prompts are not served yet/,
  ],
  forward: [
    exposing(
      '  - type: rest',
      '    namespace: web',
      '    port: 8080',
      '    resources: [{path: /f, forward: {targetNamespace: api}}]',
    ),
    14,
    /Forwarding is not served yet/,
  ],
  'digest towards the API': [
    called.replace('headers: {}', 'authentication: {type: digest, username: a, password: b}'),
    7,
    /Authentication of type digest towards a consumed API is not served yet/,
  ],
  'a text body': [operation('body: "hi {{x}}"'), 9, /A body block of this form is not served yet/],
  'a multipart body': [
    operation('body: {type: multipartForm, data: [{name: f, value: x}]}'),
    9,
    /A body block of this form is not served yet/,
  ],
  'a JSONPath into the body': [
    tool('call: api.a', 'inputParameters: [{name: q, value: $.a.b}]'),
    17,
    /A JSONPath into the request body is not served yet/,
  ],
  'a fixed output value': [
    tool('call: api.a', 'outputParameters: [{type: string, value: hello}]'),
    17,
    /A fixed or mocked value in an exposed output is not served yet/,
  ],
  'values of a map': [
    tool('call: api.a', 'outputParameters: [{mapping: $.m, values: {type: string}}]'),
    17,
    /"values" in an output is not served yet/,
  ],
  'a parameter from the environment': [
    operation('inputParameters: [{name: E, in: environment}]'),
    9,
    /A parameter from the environment is not served yet\. List E under the keys of a bind/,
  ],
  'a matrix path': [
    operation('inputParameters: [{name: m, in: path, style: matrix}]').replace('/a,', "'/a/{m}',"),
    9,
    /The style matrix of a path parameter is not served yet; simple is/,
  ],
};

describe('parts of the language that are not served yet are refused with their place', () => {
  for (const [name, [text, line, message]] of Object.entries(CASES)) {
    test(name, async () => {
      const compiled = await compileText(text);
      const found = foundOf(compiled, 'NOT_SERVED_YET');
      assert.deepEqual(
        found.map((each) => [each.line, each.severity]),
        [[line, 'error']],
        JSON.stringify(compiled.findings, null, 1),
      );
      assert.match(found[0]?.message ?? '', message);
      assert.equal(compiled.plan, undefined);
    });
  }
});

test('mappings beside a single call do nothing, which is told', async () => {
  const compiled = await compileText(
    outlined({ tool: { mappings: [{ targetName: 'a', value: '$.s.a' }] } }),
  );
  const found = findingOf(compiled, 'KEY_UNKNOWN');
  assert.equal(found.severity, 'warning');
  assert.match(found.message, /"mappings" has no meaning beside a single call/);
  assert.ok(compiled.plan !== undefined);
});

test('a file with errors still shows as far as it goes', async () => {
  const compiled = await compileText(outlined({ baseUri: '' }));
  assert.equal(compiled.plan, undefined);
  assert.equal(routesOf(compiled).length, 1);
  assert.equal(toolsOf(compiled).length, 1);
});
