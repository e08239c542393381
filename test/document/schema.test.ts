import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadText } from '../../src/document/load.ts';
import { parseText } from '../../src/document/parse.ts';
import { checkDocument } from '../../src/document/schema.ts';

const head = 'naftiko: 1.0.0-alpha2\n';

/** A capability with these lines as its exposes. */
const exposing = (lines: string): string =>
  `${head}capability:\n  consumes: []\n  exposes:\n${lines.replace(/^/gm, '    ')}`;

function judge(text: string, strict = false): string[] {
  const { source, value } = parseText('x.yaml', text);
  return checkDocument(value, source, { strict })
    .sort((a, b) => a.line - b.line)
    .map(
      ({ severity, line, column, code, message }) =>
        `${severity} ${line}:${column} ${code} ${message}`,
    );
}

test('the accepting schema is a valid schema in strict mode', () => {
  const schema = createRequire(import.meta.url)('#schemas/capability.schema.json') as object;
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  ajv.addKeyword('x-severity');
  assert.equal(ajv.validateSchema(schema), true);
  assert.doesNotThrow(() => ajv.compile(schema));
});

test('an unknown key is a warning with the near name, and an error in strict', () => {
  const text = exposing(
    '- type: rest\n  namespace: a\n  portt: 8080\n  port: 8080\n  resources: []\n',
  );
  assert.deepEqual(judge(text), [
    'warning 7:7 KEY_UNKNOWN "portt" has no meaning in a REST expose and is ignored; did you mean "port"?',
  ]);
  const [strict] = checkDocument(parseText('x', text).value, parseText('x', text).source, {
    strict: true,
  });
  assert.deepEqual(
    [strict?.severity, strict?.code, strict?.suggestion, strict?.pointer],
    ['error', 'KEY_UNKNOWN', 'port', '/capability/exposes/0/portt'],
  );
});

test('a key that belongs elsewhere is sent there', () => {
  assert.deepEqual(judge(`${head}exposes: []\ncapability: {exposes: []}\n`), [
    'warning 2:1 KEY_UNKNOWN "exposes" has no meaning in a capability file and is ignored; it belongs in a capability block.',
  ]);
});

test('a key far from all others gets the list of those that may stand there', () => {
  const [finding] = judge(`${head}info: {label: a, zzz: b}\ncapability: {exposes: []}\n`);
  assert.match(finding ?? '', /"zzz" has no meaning in an info block.* besides: description, tags/);
});

test('a missing key says what it is for', () => {
  assert.deepEqual(judge(exposing('- type: mcp\n  namespace: a\n  tools: []\n')), [
    'error 5:7 KEY_MISSING An MCP expose needs the key "port", which is missing. Add it: TCP port that the face listens on, 1 to 65535.',
  ]);
  assert.deepEqual(judge(exposing('- type: mcp\n  namespace: a\n  transport: stdio\n')), []);
});

test('a file with neither capability nor consumes', () => {
  assert.deepEqual(judge(`${head}info: {label: a}\n`), [
    'error 1:1 KEY_MISSING A capability file needs the key "capability", which is missing. Add it.',
  ]);
});

const ports: readonly (readonly [string, string])[] = [
  [
    '70000',
    'error 7:13 PORT_OUT_OF_RANGE Port 70000 lies outside 1 to 65535. Choose a port in that range, such as 8080.',
  ],
  [
    '0',
    'error 7:13 PORT_OUT_OF_RANGE Port 0 lies outside 1 to 65535. Choose a port in that range, such as 8080.',
  ],
  [
    '"8080"',
    'error 7:13 VALUE_WRONG_TYPE "port" is text, where a whole number is expected. Write it without quotes.',
  ],
  [
    '"{{PORT}}"',
    'error 7:13 VALUE_WRONG_TYPE "port" is text, where a whole number is expected. A variable cannot stand here.',
  ],
  ['80.5', 'error 7:13 VALUE_WRONG_TYPE "port" is a number, where a whole number is expected.'],
  [
    '',
    'error 7:7 VALUE_WRONG_TYPE "port" has no value, where a whole number is expected. Give it one, or leave the key out.',
  ],
];
for (const [port, expected] of ports) {
  test(`port ${port || 'without value'}`, () => {
    const text = exposing(`- type: rest\n  namespace: a\n  port: ${port}\n  resources: []\n`);
    assert.deepEqual(judge(text), [expected]);
  });
}

test('an expose of an unknown type gets one error, not one for each type', () => {
  assert.deepEqual(judge(exposing('- type: mpc\n  namespace: a\n  tools: []\n')), [
    'error 5:13 VALUE_NOT_ALLOWED "type" is "mpc", but has to be one of rest, mcp, skill, control; did you mean "mcp"?',
  ]);
  assert.deepEqual(judge(exposing('- just text\n')), [
    'error 5:7 VALUE_WRONG_TYPE Item 1 of the list is text, where a mapping is expected. Write "key: value" lines below it.',
  ]);
});

test('a consumed operation: method, name, place of a parameter, body', () => {
  const text = `${head}consumes:
- namespace: a
  baseUri: https://a.example
  resources:
  - path: /x
    operations:
    - name: ""
      method: get
      inputParameters:
      - {name: q, in: formData}
      body: {type: jsno, data: 1}
`;
  assert.deepEqual(judge(text), [
    'error 8:13 VALUE_NOT_ALLOWED "name" is empty, but needs a value.',
    'error 9:15 VALUE_NOT_ALLOWED "method" is "get", but has to be one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS; did you mean "GET"?',
    'error 11:23 VALUE_NOT_ALLOWED "in" is "formData", but has to be one of query, header, path, cookie, body, environment.',
    'error 12:20 VALUE_NOT_ALLOWED "type" is "jsno", but has to be one of json, text, xml, sparql, formUrlEncoded, multipartForm, raw; did you mean "json"?',
  ]);
});

test('lists and mappings that are mixed up', () => {
  assert.deepEqual(
    judge(exposing('- type: rest\n  namespace: a\n  port: 1\n  resources: {path: /x}\n')),
    [
      'error 8:18 VALUE_WRONG_TYPE "resources" is a mapping, where a list is expected. Begin each entry with "- ".',
    ],
  );
  assert.deepEqual(judge(`${head}info: [a]\nconsumes: []\n`), [
    'error 2:7 VALUE_WRONG_TYPE "info" is a list, where a mapping is expected. Write keys and values, without "- ".',
  ]);
});

test('an unknown parameter type is a warning, and the document does not hold it', () => {
  const text = `${head}consumes:\n- namespace: a\n  baseUri: https://a.example\n  inputParameters:\n  - {name: f, in: query, type: file}\n`;
  const { document, findings } = loadText('x.yaml', text);
  assert.deepEqual(
    findings.map(({ severity, code }) => `${severity} ${code}`),
    ['info NOTHING_EXPOSED', 'warning VALUE_NOT_ALLOWED'],
  );
  assert.match(findings[1]?.message ?? '', /"type" is "file".*The value is ignored/);
  assert.deepEqual(document?.consumes?.[0], {
    namespace: 'a',
    baseUri: 'https://a.example',
    inputParameters: [{ name: 'f', in: 'query' }],
  });
});

test('a value in a message is cut, and keys of hostile length are', () => {
  const long = 'k'.repeat(1000);
  for (const text of [
    exposing(`- {type: ${long}}\n`),
    `${head}${long}: 1\ncapability: {exposes: []}\n`,
  ]) {
    const [finding] = judge(text);
    assert.ok((finding ?? '').length < 250, finding);
    assert.match(finding ?? '', /k{40}…"/);
  }
});

test('strict: the published schema refuses its own dialect at the place of each offence', () => {
  const text = `${head}info: {label: a, description: b}
capability:
  consumes:
  - type: http
    namespace: a
    baseUri: https://a.example
    resources:
    - name: r
      path: /x
      operations:
      - name: o
        method: GET
        inputParameters:
        - {name: q, in: query, type: string}
  exposes:
  - type: rest
    namespace: a-rest
    port: 8080
    resources:
    - path: /x
      operations:
      - method: GET
        call: a.o
        outputParameters:
        - type: object
          mapping: $.
  - type: mcp
    namespace: a-mcp
    transport: stdio
    port: 9090
    tools:
    - name: t
      description: d
      steps:
      - {type: call, name: s}
`;
  const strict = judge(text, true);
  assert.deepEqual(
    strict.filter((finding) => finding.includes('SCHEMA_STRICT')),
    [
      'error 15:32 SCHEMA_STRICT The published schema refuses this: "type" has no meaning in a consumed input parameter. Keys it may have besides: value.',
      'error 26:11 SCHEMA_STRICT The published schema refuses this: A mapped output parameter object needs the key "properties", which is missing. Add it.',
      'error 28:5 SCHEMA_STRICT The published schema refuses this: An MCP expose may not have "port" here, next to its other keys.',
    ],
  );
  assert.ok(judge(text).every((finding) => !finding.includes('SCHEMA_STRICT')));
});
