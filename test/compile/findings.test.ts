import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText } from '../support/compile.ts';

const FAULTY = `naftiko: 1.0.0-alpha2
binds:
- namespace: env
  keys: {KEY: KEY}
capability:
  consumes:
  - namespace: api
    baseUri: https://{zone}.example.com
    headers:
      Connection: close
      X-Bad: "a\\nb"
    authentication:
      type: bearer
      token: '{{env.SPARE}}'
    resources:
    - path: /a/{id}/{open
      operations:
      - name: get
        method: GET
        inputParameters:
        - {name: fixed, in: query, value: '{{NOPE}}'}
        - {name: gone, in: path}
        - {name: Host, in: header}
        - {name: limit, in: query, type: integer}
        - {name: $top, in: query}
        - {name: broken, in: query, value: '{{KEY'}
    - path: /b
      operations:
      - {name: get, method: POST}
  - namespace: ftp
    baseUri: ftp://example.com
    authentication: {type: basic, username: ann}
  exposes:
  - type: rest
    namespace: web
    port: 8080
    resources:
    - path: /x/{id
      operations:
      - method: GET
        call: api.get
        with:
          limti: rest.limit
          gone: rest.gone
          Host: rest.host
          limit: $.step.limit
      - method: GET
        call: api.gte
        outputParameters:
        - {type: string, mapping: name}
  - type: mcp
    namespace: mcp
    port: 9090
    tools:
    - name: tool
      call: api.get
      mappings: []
      inputParameters:
      - {name: lost}
      - {name: id, pattern: '['}
      with:
        limit: tools.size
        $top: tools.$top
      outputParameters:
      - type: string
        mapping: name
    - name: tool
      ref: some.function
`.replace('name: tool\n      call', `name: a-${'long-'.repeat(13)}name\n      call`);

test('one run tells all that is wrong, each at its line', async () => {
  const compiled = await compileText(FAULTY, { environment: {} });
  const found = compiled.findings.map(({ line, severity, code }) => `${line} ${severity} ${code}`);
  assert.deepEqual(
    [...new Set(found)].sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10)),
    [
      '8 error BASE_URI_INCOMPLETE',
      '10 warning HEADER_MANAGED',
      '11 error VALUE_NOT_ALLOWED',
      '14 warning VARIABLE_UNLISTED',
      '14 error VARIABLE_MISSING',
      '16 warning TEMPLATE_INVALID',
      '21 error VARIABLE_UNKNOWN',
      '25 info TOOL_KEY_RENAMED',
      '26 error TEMPLATE_INVALID',
      '31 error BASE_URI_INVALID',
      '32 error AUTHENTICATION_INCOMPLETE',
      '38 error ROUTE_INVALID',
      '41 warning CALL_AMBIGUOUS',
      '43 warning WITH_TARGET_UNKNOWN',
      '44 warning PARAMETER_UNPLACED',
      '45 warning HEADER_MANAGED',
      '46 error REFERENCE_UNKNOWN',
      '47 warning ROUTE_DUPLICATE',
      '48 error CALL_UNKNOWN',
      '55 warning TOOL_NAME_LONG',
      '56 warning CALL_AMBIGUOUS',
      '57 warning KEY_UNKNOWN',
      '59 warning INPUT_UNUSED',
      '60 error VALUE_NOT_ALLOWED',
      '62 warning INPUT_UNDECLARED',
      '63 warning INPUT_UNDECLARED',
      '68 error REF_UNKNOWN',
    ],
  );
  const messages = compiled.findings.map(({ message }) => message);
  assert.equal(
    new Set(messages.map((message, at) => `${compiled.findings[at]?.pointer} ${message}`)).size,
    messages.length,
    'nothing is told twice',
  );
  for (const message of messages) assert.match(message, /\S+ .*[.?]$/s, 'whole sentences');
});
