import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fitTree } from '../../src/mcp/json-fit.ts';
import { readTree, valueOfTree, writeTree } from '../../src/mcp/json-tree.ts';
import { type ToolResult, toToolResult } from '../../src/mcp/result.ts';
import { shapeResult } from '../../src/mcp/shorten.ts';
import { tokenCounter } from '../../src/mcp/tokens.ts';
import type { AnswerLimit } from '../../src/plan/answer-limit.ts';
import type { JsonSchema, Outcome, ToolPlan } from '../../src/plan/plan.ts';
import { answered, input, tool } from './toolbox.ts';

const asIs = (text: string): string => text;
const textsOf = ({ content }: ToolResult): string[] =>
  content.map((part) => (part.type === 'text' ? part.text : ''));
const isMarked = ({ _meta }: ToolResult): boolean => _meta?.['naftiko/shortened'] !== undefined;
const plain = tool('t', [input('page', 'integer'), input('id', 'string')]);

const shaped = (
  body: unknown,
  limit: AnswerLimit,
  plan: ToolPlan = plain,
  paths?: readonly string[],
  headers?: readonly string[],
): Promise<ToolResult> =>
  shapeResult(toToolResult(answered(body, 200, headers), asIs), plan, limit, paths);

/** JSON of many shapes, with long texts and lists that limits cut. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.constantFrom(null, true, 1.5e300, ''),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 12 }), tie('value'), { maxKeys: 12 }),
    fc.array(fc.record({ id: fc.nat(), name: fc.string({ maxLength: 90 }) }), { maxLength: 60 }),
  ),
})).value as fc.Arbitrary<unknown>;

describe('whatever the answer and the limit', () => {
  test('JSON stays JSON, is within the characters, and is marked just when something is missing', async () => {
    await fc.assert(
      fc.asyncProperty(json, fc.integer({ min: 256, max: 2_000 }), async (value, characters) => {
        const text = JSON.stringify(value);
        const result = await shaped(text, { characters });
        const texts = textsOf(result);
        assert.ok(texts.join('').length <= characters);
        const kept = JSON.parse(texts[0] as string);
        const isWhole = texts[0] === text;
        assert.equal(isMarked(result), !isWhole);
        assert.equal(texts.length, isWhole ? 1 : 2);
        const isObject = typeof kept === 'object' && kept !== null && !Array.isArray(kept);
        assert.deepEqual(result.structuredContent, isObject ? kept : { result: kept });
        assert.deepEqual(await shaped(text, { characters }), result);
      }),
      { numRuns: 300 },
    );
  });

  test('it is within the tokens', async () => {
    const { count } = await tokenCounter();
    await fc.assert(
      fc.asyncProperty(json, fc.integer({ min: 200, max: 900 }), async (value, tokens) => {
        const text = JSON.stringify(value);
        const result = await shaped(text, { tokens });
        const texts = textsOf(result);
        assert.ok(texts.reduce((sum, each) => sum + count(each), 0) <= tokens);
        JSON.parse(texts[0] as string);
        assert.equal(isMarked(result), texts[0] !== text);
      }),
      { numRuns: 100 },
    );
  });

  test('a text is cut between characters, and the rest of it is told', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 1_500 }).map((tail) => `a${tail}`);
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 256, max: 900 }), async (whole, characters) => {
        const result = await shaped(whole, { characters }, plain, undefined, [
          ...['content-type', 'text/plain'],
        ]);
        const [cut = '', note] = textsOf(result);
        assert.ok(textsOf(result).join('').length <= characters);
        assert.ok(Buffer.from(whole).toString().startsWith(cut));
        assert.equal(note !== undefined, cut !== Buffer.from(whole).toString());
        assert.equal(Buffer.from(cut).toString(), cut);
      }),
    );
  });

  test('a tree fits any budget from two characters on', () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 2, max: 400 }), (value, budget) => {
        const tree = readTree(JSON.stringify(value));
        assert.ok(tree !== undefined);
        const { tree: fitted, cuts } = fitTree(tree, budget);
        if (fitted === undefined) return assert.ok(typeof value !== 'object' || value === null);
        assert.ok(writeTree(fitted).length <= budget);
        assert.equal(cuts.length > 0, writeTree(fitted) !== JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });
});

test('a list keeps its first items, what stands beside it stays, and the note says how to go on', async () => {
  const items = Array.from({ length: 100 }, (_, id) => ({ id, name: `item ${id}` }));
  const plan: ToolPlan = { ...plain, fields: '_fields' };
  const result = await shaped({ next: 'abc', items, total: 100 }, { characters: 1_200 }, plan);
  const [text = '', note = ''] = textsOf(result);
  const kept = JSON.parse(text);
  assert.deepEqual(Object.keys(kept), ['next', 'items', 'total']);
  assert.deepEqual(kept.items, items.slice(0, kept.items.length));
  assert.ok(kept.items.length > 20);
  assert.match(
    note,
    /^Shortened to fit the limit of 1200 characters: this is not the whole answer/,
  );
  assert.ok(note.includes(`- items: the first ${kept.items.length} of 100 items`), note);
  assert.match(note, /To see the rest: give page, or name in _fields what you need/);
  assert.doesNotMatch(note, /\bid\b/);
  assert.deepEqual(result._meta?.['naftiko/shortened'], {
    limit: { characters: 1_200 },
    characters: JSON.stringify({ next: 'abc', items, total: 100 }).length,
    cuts: [{ path: 'items', kind: 'items', kept: kept.items.length, of: 100, places: 1 }],
    narrowing: ['page', '_fields'],
  });
});

test('what is big is cut first, and few big things share the room', async () => {
  const docs = ['a', 'b', 'c'].map((letter) => ({ letter, text: letter.repeat(5_000) }));
  const result = await shaped({ docs, note: 'x'.repeat(60) }, { characters: 3_000 });
  const { docs: kept, note } = JSON.parse(textsOf(result)[0] as string);
  assert.equal(note.length, 60);
  assert.deepEqual(
    kept.map(({ letter }: { letter: string }) => letter),
    ['a', 'b', 'c'],
  );
  for (const { text } of kept) assert.ok(text.length > 600 && text.endsWith('…'), text);
  assert.match(textsOf(result)[1] ?? '', /docs\[\]\.text: .* and likewise in 2 more places/);
});

test('numbers keep their spelling when what stands beside them is cut', async () => {
  const text = `{"id":9007199254740993,"s":"9007199254740993","e":1e400,"x":"${'y'.repeat(900)}"}`;
  const [kept = ''] = textsOf(await shaped(text, { characters: 400 }));
  assert.ok(
    kept.startsWith('{"id":9007199254740993,"s":"9007199254740993","e":1e400,"x":"yy'),
    kept,
  );
  const tree = readTree('[1, 1000000000000000000000, "\\u0000\\"", {"a": -0.1}]');
  assert.deepEqual(tree === undefined ? tree : valueOfTree(tree), [
    1,
    1e21,
    '\u0000"',
    { a: -0.1 },
  ]);
  const digits = `[${'1'.repeat(900)}]`;
  assert.equal(textsOf(await shaped(digits, { characters: 300 }))[0], '[]');
});

test('blanks alone are taken out without a word, since nothing is missing then', async () => {
  const value = { a: [1, 2, 3] };
  const result = await shaped(`${' '.repeat(300)}${JSON.stringify(value)}`, { characters: 256 });
  assert.deepEqual(textsOf(result), ['{"a":[1,2,3]}']);
  assert.equal(isMarked(result), false);
});

test('what is nested deeper than clients read is emptied there, when it is too long', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const result = await shaped(deep, { characters: 2_000 });
  assert.equal(textsOf(result)[0], `${'['.repeat(200)}${']'.repeat(200)}`);
  assert.equal(isMarked(result), true);
});

describe('a published outputSchema', () => {
  const list: JsonSchema = {
    type: 'object',
    properties: { items: { type: 'array', items: { type: ['string', 'null'] } } },
    required: ['items'],
  };
  const withSchema = (outputSchema: JsonSchema): ToolPlan => ({
    ...plain,
    definition: { ...plain.definition, outputSchema },
  });
  const value: Outcome = {
    kind: 'value',
    status: 200,
    value: { items: Array.from({ length: 200 }, (_, at) => `item ${at}`) },
  };
  const limit = { characters: 800 };

  test('is satisfied by what is left', async () => {
    const result = await shapeResult(toToolResult(value, asIs), withSchema(list), limit);
    assert.equal(result.isError, undefined);
    assert.ok(JSON.stringify(result.structuredContent).length > 200);
  });

  test('that cannot be satisfied leaves the text, as an error that says why', async () => {
    const strict = { ...list, properties: { items: { type: 'array', minItems: 200 } } };
    const result = await shapeResult(toToolResult(value, asIs), withSchema(strict), limit);
    assert.equal(result.isError, true);
    assert.equal('structuredContent' in result, false);
    assert.match(textsOf(result)[1] ?? '', /does not satisfy the outputSchema/);
    assert.ok(JSON.parse(textsOf(result)[0] as string).items.length > 5);
  });
});

test('errors are cut, too; bytes are not', async () => {
  const error: ToolResult = { content: [{ type: 'text', text: 'no '.repeat(400) }], isError: true };
  const result = await shapeResult(error, plain, { characters: 400 });
  assert.equal(result.isError, true);
  assert.ok(textsOf(result).join('').length <= 400 && isMarked(result));
  const image: ToolResult = {
    content: [{ type: 'image', data: 'AAAA'.repeat(200), mimeType: 'image/png' }],
  };
  assert.equal(await shapeResult(image, plain, { characters: 256 }), image);
});

test('several parts share the limit, and structured content is cut beside them', async () => {
  const value = { list: Array.from({ length: 300 }, (_, at) => at) };
  const whole: ToolResult = {
    content: [
      { type: 'text', text: 'short' },
      { type: 'text', text: 'word '.repeat(300) },
      { type: 'text', text: JSON.stringify(value) },
    ],
    structuredContent: value,
  };
  const result = await shapeResult(whole, plain, { characters: 1_000 });
  const [short, words = '', listed = ''] = textsOf(result);
  assert.equal(short, 'short');
  assert.ok(words.length > 100 && words.length < 1_000);
  assert.deepEqual(JSON.parse(listed), result.structuredContent);
  assert.ok(textsOf(result).join('').length <= 1_000);
  const apart = await shapeResult({ ...whole, content: whole.content.slice(0, 2) }, plain, {
    characters: 700,
  });
  assert.ok(JSON.stringify(apart.structuredContent).length <= 700);
});

test('a limit of the tool wins over the common one, and 0 is none', async () => {
  const body = 'x'.repeat(3_000);
  const text = ['content-type', 'text/plain'];
  const unlimited: ToolPlan = { ...plain, maxAnswer: { characters: 0 } };
  const result = await shaped(body, { characters: 500 }, unlimited, undefined, text);
  assert.deepEqual(textsOf(result), [body]);
  const narrow: ToolPlan = { ...plain, maxAnswer: { characters: 300 } };
  const cut = await shaped(body, { characters: 2_000 }, narrow, undefined, text);
  assert.ok(textsOf(cut).join('').length <= 300);
});
