import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lintSchema } from '../../src/compile/lint-schema.ts';
import type { Finding, FindingCode } from '../../src/document/finding.ts';
import type { JsonSchema } from '../../src/plan/plan.ts';
import { compileText, findingOf, foundOf, outlined } from '../support/compile.ts';

/** A tool of which nothing is to be said. */
const SOUND = { label: 'A tool', description: 'Does it.', hints: { readOnly: true } };

const lint = (tool: object, more: object = {}) =>
  compileText(outlined({ tool: { ...SOUND, ...tool }, ...more }), { lint: true });

describe('what is said of a tool that clients refuse, cut, or make little of', () => {
  test('nothing of a sound one, and nothing of any unless asked for', async () => {
    assert.deepEqual((await lint({})).findings, []);
    const name = 'a.tool/with-a-name-of-more-than-forty-characters';
    assert.deepEqual((await compileText(outlined({ tool: { name } }))).findings, []);
  });

  const cases: readonly (readonly [FindingCode, Finding['severity'], object, RegExp])[] = [
    ['TOOL_NAME_LONG', 'info', { name: 'x'.repeat(41) }, /41 characters.*Up to 40 are safe/],
    ['TOOL_NAME_LONG', 'warning', { name: 'x'.repeat(65) }, /65 characters.*more than 64/],
    ['TOOL_NAME_ALPHABET', 'warning', { name: 'a.b/c' }, /other characters.*--tool-names snake/],
    ['TOOL_NAME_ALPHABET', 'warning', { name: '510-k' }, /begins with no letter/],
    ['TOOL_NAME_ALPHABET', 'warning', { name: 'a b' }, /no tool name by the protocol/],
    ['TOOL_DESCRIPTION_MISSING', 'warning', { description: ' ' }, /agents choose by it/],
    ['TOOL_DESCRIPTION_LONG', 'info', { description: 'x'.repeat(1001) }, /1001 characters/],
    ['TOOL_DESCRIPTION_LONG', 'warning', { description: 'x'.repeat(2001) }, /clients cut it/],
    ['TOOL_LABEL_MISSING', 'info', { label: undefined }, /^The tool "tool" has no label/],
    ['TOOL_HINTS_MISSING', 'info', { hints: undefined }, /^The tool "tool" has no hints/],
  ];
  for (const [code, severity, tool, message] of cases) {
    test(`${code} as ${severity}: ${JSON.stringify(tool).slice(0, 40)}`, async () => {
      const compiled = await lint(tool);
      assert.deepEqual(
        compiled.findings.map((finding) => [finding.code, finding.severity]),
        [[code, severity]],
      );
      assert.match(findingOf(compiled, code).message, message);
    });
  }

  const atLimit: readonly object[] = [
    { name: 'x'.repeat(40) },
    { description: 'x'.repeat(1000) },
    { name: '_a-B_9' },
  ];
  for (const tool of atLimit) {
    test(`nothing at the limit: ${JSON.stringify(tool).slice(0, 30)}`, async () => {
      assert.deepEqual((await lint(tool)).findings, []);
    });
  }

  test('names are judged as they are served', async () => {
    const tool = { ...SOUND, name: `a.${'x'.repeat(80)}` };
    const compiled = await compileText(outlined({ tool }), { lint: true, toolNames: 'snake' });
    assert.deepEqual(
      compiled.findings.map(({ code, severity }) => `${code} ${severity}`),
      ['TOOL_NAME_LONG info'],
    );
  });

  test('an input schema that comes near what clients drop, and one beyond', async () => {
    const described = (bytes: number) => ({
      parameters: [{ name: 'q', in: 'query', description: 'x'.repeat(bytes) }],
      with: { q: 'tools.q' },
    });
    const near = findingOf(await lint({}, described(13_000)), 'TOOL_SCHEMA_LARGE');
    assert.equal(near.severity, 'info');
    const over = findingOf(await lint({}, described(17_000)), 'TOOL_SCHEMA_LARGE');
    assert.equal(over.severity, 'warning');
    assert.match(over.message, /has 17\d{3} bytes; a client drops tools with more than 16384/);
    assert.deepEqual(foundOf(await lint({}, described(10_000)), 'TOOL_SCHEMA_LARGE'), []);
  });
});

test("an author's own schema is judged where it stands", async () => {
  const inputSchema = {
    type: 'object',
    properties: { $select: { type: 'string' }, list: { type: 'array' } },
    anyOf: [{ required: ['list'] }],
  };
  const compiled = await lint({ inputSchema });
  const found = foundOf(compiled, 'TOOL_SCHEMA_UNFIT');
  assert.deepEqual(
    new Set(found.map(({ pointer }) => pointer)),
    new Set(['/capability/exposes/1/tools/0/inputSchema']),
  );
  assert.deepEqual(
    found.map(({ message }) => /has (?:a list|the key|"anyOf")/.exec(message)?.[0]),
    ['has "anyOf"', 'has the key', 'has a list'],
  );
});

describe('what is said of an expose', () => {
  const many = (count: number, more: object = {}) => {
    const document = JSON.parse(outlined({})) as {
      info?: object;
      capability: { exposes: { tools?: object[] }[] };
    };
    const [, mcp] = document.capability.exposes;
    Object.assign(document, more);
    const tools = Array.from({ length: count }, (_, at) => ({
      ...SOUND,
      name: `t${at}`,
      call: 'api.op',
    }));
    Object.assign(mcp ?? {}, { tools });
    return compileText(JSON.stringify(document), { lint: true });
  };

  test('how many tools agents choose well among, and how many clients take', async () => {
    assert.deepEqual(foundOf(await many(40), 'TOOL_COUNT_HIGH'), []);
    const some = findingOf(await many(41), 'TOOL_COUNT_HIGH');
    assert.equal(some.severity, 'info');
    assert.equal(some.pointer, '/capability/exposes/1/tools');
    const over = findingOf(await many(129), 'TOOL_COUNT_HIGH');
    assert.equal(over.severity, 'warning');
    assert.match(over.message, /^There are 129 tools; several clients take 128 at most/);
  });

  test('instructions that clients cut', async () => {
    const info = { label: 'L', description: 'x'.repeat(2049) };
    const found = findingOf(await many(1, { info }), 'INSTRUCTIONS_LONG');
    assert.equal(found.pointer, '/info/description');
    assert.match(found.message, /2049 characters/);
    const short = { label: 'L', description: 'x'.repeat(2048) };
    assert.deepEqual(foundOf(await many(1, { info: short }), 'INSTRUCTIONS_LONG'), []);
  });

  test('labels are missed once, with how many lack one', async () => {
    const document = JSON.parse(outlined({})) as { capability: { exposes: object[] } };
    const tools = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...SOUND, name, call: 'api.op' }));
    const bare = tools.map(({ label, ...tool }, at) => (at === 0 ? { label, ...tool } : tool));
    Object.assign(document.capability.exposes[1] ?? {}, { tools: bare });
    const compiled = await compileText(JSON.stringify(document), { lint: true });
    const found = findingOf(compiled, 'TOOL_LABEL_MISSING');
    assert.match(found.message, /^4 of 5 tools \("b", "c", "d", …\) have no label/);
  });
});

describe('what is said of an input schema', () => {
  const faultsOf = (inputSchema: object): string[] => {
    const messages: string[] = [];
    const report = (_code: string, _pointer: string, message: string) => messages.push(message);
    const annotations = {} as never;
    lintSchema(
      { report } as never,
      { name: 't', inputSchema: inputSchema as JsonSchema, annotations },
      '',
    );
    return messages;
  };

  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['oneOf at the root', { oneOf: [{}] }, /has "oneOf" at its root/],
    ['anyOf at the root', { anyOf: [{}] }, /has "anyOf" at its root/],
    ['allOf at the root', { allOf: [{}] }, /has "allOf" at its root/],
    ['$ref', { properties: { a: { $ref: '#/$defs/A' } } }, /has a "\$ref" at "a".*#\/\$defs\/A/],
    ['a list without items', { properties: { a: { type: 'array' } } }, /a list at "a" without/],
    [
      'a list without items in the items of a list',
      { properties: { a: { type: 'array', items: { type: ['array', 'null'] } } } },
      /a list at "a\[\]" without/,
    ],
    ['a key', { properties: { 'a[]': {} } }, /has the key "a\[\]"/],
    [
      'a key below a choice',
      { properties: { a: { oneOf: [{ properties: { $b: {} } }] } } },
      /has the key "a\.\$b"/,
    ],
    ['a long key', { properties: { ['k'.repeat(65)]: {} } }, /64 at most/],
  ];
  for (const [title, schema, message] of cases) {
    test(title, () => {
      const [found, ...others] = faultsOf({ type: 'object', ...schema });
      assert.match(found ?? '', message);
      assert.deepEqual(others, []);
    });
  }

  test('no more than three faults of one tool', () => {
    const keys = Object.fromEntries(['$a', '$b', '$c', '$d'].map((key) => [key, {}]));
    assert.equal(faultsOf({ type: 'object', properties: keys }).length, 3);
  });
});
