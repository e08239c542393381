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

/** Parts of the language that a later version serves, each with its line and what is said of it. */
const CASES: Readonly<Record<string, readonly [text: string, line: number, message: RegExp]>> = {
  'a script step without a way to run scripts': [
    tool('steps: [{name: s, type: script, language: javascript, file: s.js}]'),
    16,
    /Scripts are not served here/,
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
  assert.match(found.message, /"mappings" has no meaning here, since a single call has no steps/);
  assert.ok(compiled.plan !== undefined);
});

test('a file with errors still shows as far as it goes', async () => {
  const compiled = await compileText(outlined({ baseUri: '' }));
  assert.equal(compiled.plan, undefined);
  assert.equal(routesOf(compiled).length, 1);
  assert.equal(toolsOf(compiled).length, 1);
});
