import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText, findingOf, outlined, routesOf, toolsOf } from '../support/compile.ts';

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

test('a script step without a way to run scripts is refused at its place', async () => {
  const text = tool('steps: [{name: s, type: script, language: javascript, file: s.js}]');
  const compiled = await compileText(text);
  const found = findingOf(compiled, 'SCRIPT_NOT_ALLOWED');
  assert.deepEqual([found.line, found.severity], [16, 'error']);
  assert.equal(compiled.plan, undefined);
});

test('mappings beside a single call do nothing, which is told', async () => {
  const compiled = await compileText(
    outlined({ tool: { mappings: [{ targetName: 'a', value: '$.s.a' }] } }),
  );
  const found = findingOf(compiled, 'KEY_UNKNOWN');
  assert.equal(found.severity, 'warning');
  assert.match(found.message, /"mappings" has no meaning here, since a single call has no steps/);
  assert.ok(compiled.plan !== undefined);
});

test('a file with errors still shows as far as it goes', async () => {
  const compiled = await compileText(outlined({ baseUri: '' }));
  assert.equal(compiled.plan, undefined);
  assert.equal(routesOf(compiled).length, 1);
  assert.equal(toolsOf(compiled).length, 1);
});
