import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  findingOf,
  outlined,
  refusalOf,
  sendOf,
} from '../support/compile.ts';

const LIST = ['a b', 'c/d'];
const OBJECT = { R: 100, G: 'x y' };

/** Style, explode, value and what stands behind `/r/` in the request. */
const CASES: readonly (readonly [string, boolean | undefined, unknown, string])[] = [
  ['simple', undefined, 5, '5'],
  ['simple', undefined, LIST, 'a%20b,c%2Fd'],
  ['simple', false, OBJECT, 'R,100,G,x%20y'],
  ['simple', true, OBJECT, 'R=100,G=x%20y'],
  ['label', undefined, 5, '.5'],
  ['label', undefined, LIST, '.a%20b,c%2Fd'],
  ['label', true, LIST, '.a%20b.c%2Fd'],
  ['label', false, OBJECT, '.R,100,G,x%20y'],
  ['label', true, OBJECT, '.R=100.G=x%20y'],
  ['matrix', undefined, 5, ';the%20id=5'],
  ['matrix', undefined, LIST, ';the%20id=a%20b,c%2Fd'],
  ['matrix', true, LIST, ';the%20id=a%20b;the%20id=c%2Fd'],
  ['matrix', false, OBJECT, ';the%20id=R,100,G,x%20y'],
  ['matrix', true, OBJECT, ';R=100;G=x%20y'],
];

const outline = (style: string | undefined, explode: boolean | undefined, type: string) => ({
  path: '/r/{the id}',
  parameters: [
    {
      name: 'the id',
      in: 'path',
      type,
      ...(style === undefined ? {} : { style }),
      ...(explode === undefined ? {} : { explode }),
    },
  ],
});

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : 'integer';

describe('a path parameter is written in its style', () => {
  for (const [style, explode, value, written] of CASES) {
    test(`${style} ${String(explode)} ${JSON.stringify(value)}`, async () => {
      const { tool } = await compileOutline(outline(style, explode, typeOf(value)));
      assert.equal(sendOf(tool, { 'the id': value }).url, `https://api.example.com/r/${written}`);
    });
  }

  test('without a style an object is its JSON text', async () => {
    const { tool } = await compileOutline(outline(undefined, undefined, 'object'));
    const { url } = sendOf(tool, { 'the id': { a: 1 } });
    assert.equal(url, 'https://api.example.com/r/%7B%22a%22%3A1%7D');
  });
});

test('no style lets a value name another path, or nothing', async () => {
  const refused = async (style: string, type: string, value: unknown): Promise<string> => {
    const { tool } = await compileOutline(outline(style, true, type));
    return refusalOf(() => sendOf(tool, { 'the id': value }));
  };
  assert.match(await refused('simple', 'string', '..'), /must not be "\.\."/);
  assert.match(await refused('label', 'string', '.'), /would name another path/);
  assert.match(await refused('label', 'array', ['', '']), /must not|empty/);
  assert.match(await refused('matrix', 'array', []), /must not be empty/);
  assert.match(await refused('matrix', 'object', {}), /must not be empty/);
  assert.match(await refused('matrix', 'array', ['a', '\0']), /NUL/);
  assert.equal(
    await refused('label', 'string', '\ud800'),
    'the id holds a broken character (half of a surrogate pair)',
  );
});

test('a style that no path can have is found at its place', async () => {
  const found = findingOf(
    await compileText(outlined(outline('deepObject', undefined, 'object'))),
    'VALUE_NOT_ALLOWED',
  );
  assert.match(found.message, /simple, label or matrix, not deepObject/);
  assert.match(found.pointer, /\/inputParameters\/0\/style$/);
});
