import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignToolNames, servedToolName, type ToolNames } from '../../src/compile/tool-name.ts';
import { loadText } from '../../src/document/load.ts';
import { compileText, findingOf, outlined, toolsOf } from '../support/compile.ts';

/** What model APIs of all makers take. */
const SNAKE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** The alphabet that the specification of the protocol gives tool names. */
const WIDE = ['a.b/c', 'Graph.users/list', '1password.items', 'with_under-score', 'x'.repeat(128)];

describe('tool names of the wider alphabet', () => {
  for (const name of WIDE) {
    test(`${name.slice(0, 20)} is served as published, and is nothing to warn of but by its length`, async () => {
      const compiled = await compileText(outlined({ tool: { name } }));
      const [tool] = toolsOf(compiled);
      assert.equal(tool?.definition.name, name);
      assert.equal(tool?.published, undefined);
      const codes = compiled.findings.map(({ code }) => code);
      assert.deepEqual(codes, name.length > 64 ? ['TOOL_NAME_LONG'] : []);
    });
  }

  test('what lies outside of it is served too, with a warning at its place', async () => {
    for (const name of ['list items', 'größe', 'x'.repeat(129)]) {
      const compiled = await compileText(outlined({ tool: { name } }));
      assert.equal(toolsOf(compiled)[0]?.definition.name, name);
      const found = findingOf(compiled, 'TOOL_NAME_ALPHABET');
      assert.equal(found.severity, 'warning');
      assert.equal(found.pointer, '/capability/exposes/1/tools/0/name');
    }
  });

  test('the published schema knows letters, digits and dashes alone', () => {
    const strictly = (name: string) =>
      loadText('test.yaml', outlined({ tool: { name } }), { strict: true }).findings.filter(
        ({ code, pointer }) => code === 'SCHEMA_STRICT' && pointer.endsWith('/tools/0/name'),
      ).length;
    assert.equal(strictly('a.b/c'), 1);
    assert.equal(strictly('a-b'), 0);
  });
});

describe('names of letters, digits and underscores', () => {
  const cases: readonly (readonly [published: string, served: string])[] = [
    ['list-services', 'list_services'],
    ['a.b/c', 'a_b_c'],
    ['listServices', 'listServices'],
    ['_private', '_private'],
    ['510-k-clearances', '_510_k_clearances'],
    ['/users/{id}/messages/', 'users_id_messages'],
    ['list  items', 'list_items'],
  ];
  for (const [published, served] of cases) {
    test(`${published} is ${served}`, () => {
      assert.equal(servedToolName(published, 'snake'), served);
      assert.match(served, SNAKE);
      assert.equal(servedToolName(served, 'snake'), served);
    });
  }

  test('what is too long is cut and ends in a hash of the published name', () => {
    const one = servedToolName(`a.${'x'.repeat(80)}`, 'snake');
    assert.match(one, /^a_x{53}_[0-9a-f]{8}$/);
    assert.notEqual(one, servedToolName(`a-${'x'.repeat(80)}`, 'snake'));
  });

  test('even a name of no such letter has one', () => {
    const names = assignToolNames(['日本', '---', '...'], 'snake');
    for (const name of names.values()) assert.match(name, SNAKE);
    assert.equal(new Set(names.values()).size, 3);
  });
});

describe('names of one expose that become alike', () => {
  const assigned = (names: readonly string[], style: ToolNames) =>
    Object.fromEntries(assignToolNames(names, style));

  test('the one that was so keeps its name, the others end in a hash', () => {
    const names = assigned(['a.b', 'a_b', 'a-b', 'c.d'], 'snake');
    assert.equal(names.a_b, 'a_b');
    assert.equal(names['c.d'], 'c_d');
    assert.match(names['a.b'] ?? '', /^a_b_[0-9a-f]{8}$/);
    assert.match(names['a-b'] ?? '', /^a_b_[0-9a-f]{8}$/);
    assert.notEqual(names['a.b'], names['a-b']);
  });

  test('whatever the order in the file', () => {
    const names = ['a.b', 'a-b', 'a/b', 'q'];
    assert.deepEqual(assigned(names, 'snake'), assigned([...names].reverse(), 'snake'));
  });

  test('names as published are left alone', () => {
    assert.deepEqual(assigned(['a.b', 'a-b'], 'published'), { 'a.b': 'a.b', 'a-b': 'a-b' });
  });

  test('each plan knows the name that the file gives, where it is another', async () => {
    const compiled = await compileText(outlined({ tool: { name: 'list-things' } }), {
      toolNames: 'snake',
    });
    const [tool] = toolsOf(compiled);
    assert.equal(tool?.definition.name, 'list_things');
    assert.equal(tool?.published, 'list-things');
  });
});
