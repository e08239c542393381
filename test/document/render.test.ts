import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingAt } from '../../src/document/finding.ts';
import { loadText } from '../../src/document/load.ts';
import { parseText } from '../../src/document/parse.ts';
import { findingsJson, renderFindings } from '../../src/document/render.ts';

const text = `naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: mcp
    namespace: a
    port: 70000
    toolz: [{name: t}]
`;

test('a finding shows its place, two lines before it, and a caret', () => {
  const { findings, source } = loadText('cap.yaml', text);
  const errors = findings.filter(({ code }) => code !== 'NOTHING_EXPOSED');
  assert.equal(
    renderFindings(errors, [source]),
    `cap.yaml:6:11 error PORT_OUT_OF_RANGE Port 70000 lies outside 1 to 65535. Choose a port in that range, such as 8080.
    4 |   - type: mcp
    5 |     namespace: a
    6 |     port: 70000
      |           ^

cap.yaml:7:5 warning KEY_UNKNOWN "toolz" has no meaning in an MCP expose and is ignored; did you mean "tools"?
    5 |     namespace: a
    6 |     port: 70000
    7 |     toolz: [{name: t}]
      |     ^

1 error, 1 warning in 1 file
`,
  );
});

test('nothing found, nothing said', () => {
  assert.equal(renderFindings([], []), '');
});

test('a suggestion that the message does not name is added', () => {
  const { source } = parseText('a.yaml', 'call: a.b\n');
  const finding = findingAt(source, 'CALL_UNKNOWN', '/call', 'No such operation.', {
    suggestion: 'a.c',
  });
  assert.match(renderFindings([finding], [source]), /No such operation\. Did you mean "a\.c"\?/);
});

test('a finding about a file as a whole has no excerpt', () => {
  const finding = {
    severity: 'error',
    code: 'FILE_UNREADABLE',
    file: 'none.yaml',
    pointer: '',
    line: 0,
    column: 0,
    message: 'It is not there.',
  } as const;
  assert.equal(
    renderFindings([finding], []),
    'none.yaml error FILE_UNREADABLE It is not there.\n\n1 error, 0 warnings in 1 file\n',
  );
});

/** The line of the excerpt and the caret's line, without the gutter. */
function lastRows(line: string, pointer: string): [string, string] {
  const { source } = parseText('a.yaml', line);
  const finding = findingAt(source, 'CALL_UNKNOWN', pointer, 'Look.');
  const rows = renderFindings([finding], [source]).split('\n');
  const caret = rows.findIndex((row) => row.endsWith('^'));
  return [rows[caret - 1]?.slice(8) ?? '', rows[caret]?.slice(8) ?? ''];
}

test('a long line is cut around the place', () => {
  const [line, caret] = lastRows(`{a: ${'x'.repeat(500)}, b: here, c: ${'y'.repeat(500)}}`, '/b');
  assert.ok(line.length <= 102, String(line.length));
  assert.match(line, /^…x+, b: here, c: y+…$/);
  assert.equal(line[caret.indexOf('^')], 'h');
});

test('wide characters and tabs before the place move the caret with them', () => {
  const [, wide] = lastRows('{"日本": 1, b: here}', '/b');
  assert.equal(wide.indexOf('^'), 15);
  const [line, tabbed] = lastRows('{a:\t1,\tb: here}', '/b');
  assert.equal(line[tabbed.indexOf('^')], 'h');
});

test('a file cannot steer the terminal of its reader', () => {
  const { source, findings } = loadText('a\u001b[2J.yaml', '"\\e[31mred": 1\n"x\u009b": 2\n');
  const shown = renderFindings(
    [...findings, findingAt(source, 'KEY_UNKNOWN', '/x', 'a\u001b]0;title\u0007b\nc')],
    [source],
  );
  assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}]/u);
});

test('color is there when asked for', () => {
  const { findings, source } = loadText('cap.yaml', text);
  assert.ok(renderFindings(findings, [source], { color: true }).includes('\u001b[31merror'));
  assert.ok(!renderFindings(findings, [source], { color: false }).includes('\u001b'));
});

test('JSON holds the findings as they are, and counts', () => {
  const { findings } = loadText('cap.yaml', text);
  const parsed = JSON.parse(findingsJson(findings)) as Record<string, unknown>;
  assert.deepEqual(parsed, { errors: 1, warnings: 2, infos: 0, findings });
});
