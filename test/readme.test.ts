import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createProgram } from '../src/cli/program.ts';
import { FINDINGS } from '../src/document/finding.ts';
import { NOT_SERVED, NOT_SERVED_ENDPOINTS } from '../src/document/not-served.ts';
import { ERRORS } from '../src/errors.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The rows between `<!-- name -->` and `<!-- /name -->`, cells by column. */
function table(name: string): string[][] {
  const between = readme.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';
  return between
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('the README explains every finding with its severity', () => {
  const explained = table('findings').map(([code, severity]) => `${code} ${severity}`);
  const known = Object.entries(FINDINGS).map(([code, { severity }]) => `\`${code}\` ${severity}`);
  assert.deepEqual(explained, known);
});

test('the README explains every request-time error with its status', () => {
  const explained = table('errors').map(([code, status]) => `${code} ${status}`);
  const known = Object.entries(ERRORS).map(([code, { status }]) => `\`${code}\` ${status}`);
  assert.deepEqual(explained.sort(), known.sort());
});

test('the README lists what is not served yet', () => {
  const told = table('not-served').map(([, property]) => property);
  const listed = Object.keys({ ...NOT_SERVED, ...NOT_SERVED_ENDPOINTS });
  assert.deepEqual(
    told,
    listed.map((property) => `\`${property}\``),
  );
});

test('the README names every option of every command', async () => {
  for (const command of ['run', 'validate', 'inspect', 'call', 'mcp-config']) {
    const written: string[] = [];
    const out = (text: string): number => written.push(text);
    await createProgram({ out, err: out, color: false }).run([command, '--help']);
    const options = written.join('\n').match(/--[a-z][a-z-]+/g) ?? [];
    assert.ok(options.length > 3, `${command} --help lists options`);
    for (const option of options) assert.ok(readme.includes(option), `${command} ${option}`);
  }
});
