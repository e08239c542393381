import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takesColor } from '../../src/cli/terminal.ts';
import { fileOf, folderOf, items, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };

test('the summary says what is served where, in columns', bounded, async (t) => {
  const authentication = ['type: apikey', 'key: x-key', 'value: "a-literal-key"'];
  const file = await fileOf(t, items({ authentication }));
  const { rest, mcp, err } = await startRun(t, [file]);
  const place = (text: string): string =>
    text.padEnd(Math.max(`${mcp}/mcp`.length, `${rest}/v1/items`.length));
  assert.ok(
    err().startsWith(
      `
Items of items  ${file}
  REST      ${place(`${rest}/v1/items`)}  4 routes
  MCP       ${place(`${mcp}/mcp`)}  4 tools
  upstream  ${place('http://127.0.0.1:9')}  items, apikey
`,
    ),
    err(),
  );
});

test('warnings stand with their place; many are counted by code', bounded, async (t) => {
  const text = items().replaceAll('with: { id: rest.id }', 'with: { id: rest.id, idd: rest.id }');
  const few = await startRun(t, [await fileOf(t, text), '--mock']);
  assert.match(
    few.err(),
    /\n2 warnings\n {2}\/.*items\.yaml:\d+:\d+ {2}WITH_TARGET_UNKNOWN {2}.*idd/,
  );
  const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [
    `${name}.yaml`,
    items({ name }).replaceAll('with: { id: rest.id }', 'with: { id: rest.id, idd: rest.id }'),
  ]);
  const folder = await folderOf(t, Object.fromEntries(files));
  const many = await startRun(t, [folder, '--mock', '--prefix']);
  assert.match(many.err(), /\n12 warnings\n {2}WITH_TARGET_UNKNOWN +12\n {2}naftiko validate FILE/);
});

test('many capabilities get a line each, the first of them, and a total', bounded, async (t) => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index + 100}`);
  const folder = await folderOf(
    t,
    Object.fromEntries(names.map((name) => [`${name}.yaml`, items({ name })])),
  );
  const { rest, mcp, err } = await startRun(t, [folder, '--mock', '--prefix']);
  const said = err();
  assert.match(said, /\n {2}Items of n100 {2}4 routes, 4 tools {2}\/.*n100\.yaml\n/);
  assert.match(said, /\n {2}and 6 more; naftiko inspect FILE shows one\.\n/);
  const summary = said.slice(said.indexOf('30 capabilities'), said.indexOf('Try a REST'));
  assert.equal(
    summary,
    `30 capabilities\n  REST  ${rest.padEnd(`${mcp}/mcp`.length)}  120 routes\n  MCP   ${mcp}/mcp  120 tools\n\n`,
  );
  assert.ok(said.split('\n').length < 60, 'it fits on two screens');
});

test('a file cannot steer the terminal', bounded, async (t) => {
  const text = items().replace('label: Items of items', 'label: "Items\\e[2J\\nof"');
  const { err } = await startRun(t, [await fileOf(t, text), '--mock']);
  assert.match(err(), /^\nItems\uFFFD\[2J\uFFFDof {2}/);
});

test('colours are there when the terminal takes them', bounded, async (t) => {
  const file = await fileOf(t, items());
  const coloured = await startRun(t, [file, '--mock'], { color: true });
  assert.ok(coloured.err().includes('\u001b[1mItems of items\u001b[22m'));
  const plain = await startRun(t, [file, '--mock']);
  assert.ok(!plain.err().includes('\u001b'));
  assert.equal(takesColor({}), true);
  assert.equal(takesColor({ NO_COLOR: '' }), true);
  assert.equal(takesColor({ NO_COLOR: '1' }), false);
  assert.equal(takesColor({ TERM: 'dumb' }), false);
});

test('a listener on every address is shown under a name that can be called', bounded, async (t) => {
  const { err } = await startRun(t, [await fileOf(t, items()), '--mock', '--host', '0.0.0.0']);
  assert.match(err(), /REST {6}http:\/\/localhost:\d+\/v1\/items/);
});
