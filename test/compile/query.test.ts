import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  findingOf,
  outlined,
  queryOf,
  refusalOf,
  requestOf,
} from '../support/compile.ts';

/** The query that one parameter makes of a value. */
async function queryTextOf(parameter: object, value: unknown): Promise<string> {
  const { tool } = await compileOutline({ parameters: [{ name: 'q', in: 'query', ...parameter }] });
  return new URL(requestOf(tool, { q: value }).url).search.slice(1);
}

describe('how a query parameter is written', () => {
  for (const [parameter, value, expected] of [
    [{}, 'a b&c=d#e+f', 'q=a%20b%26c%3Dd%23e%2Bf'],
    [{}, 'é☃', 'q=%C3%A9%E2%98%83'],
    [{}, '', 'q='],
    [{}, 'a\r\nb\0', 'q=a%0D%0Ab%00'],
    [{}, 9007199254740993n.toString(), 'q=9007199254740993'],
    [{}, null, 'q='],
    [{}, ['a', 'b c'], 'q=a&q=b%20c'],
    [{}, [], 'q='],
    [{}, [{ a: 1 }], 'q=%7B%22a%22%3A1%7D'],
    [{ explode: false }, ['a', 'b,c'], 'q=a,b%2Cc'],
    [{ explode: false }, [], 'q='],
    [{ style: 'form', explode: true }, ['a', 'b'], 'q=a&q=b'],
    [{ style: 'spaceDelimited' }, ['a', 'b'], 'q=a%20b'],
    [{ style: 'pipeDelimited' }, ['a', 'b'], 'q=a%7Cb'],
    [{ style: 'pipeDelimited', explode: true }, ['a', 'b'], 'q=a&q=b'],
    [{}, { a: 1, b: [2] }, 'q=%7B%22a%22%3A1%2C%22b%22%3A%5B2%5D%7D'],
    [{}, {}, 'q=%7B%7D'],
    [{ style: 'deepObject' }, { a: 1, b: 'x y' }, 'q%5Ba%5D=1&q%5Bb%5D=x%20y'],
    [
      { style: 'deepObject' },
      { a: [1, 2], b: { c: true } },
      'q%5Ba%5D=1&q%5Ba%5D=2&q%5Bb%5D%5Bc%5D=true',
    ],
    [{ style: 'deepObject' }, {}, 'q='],
    [{ style: 'deepObject' }, 'plain', 'q=plain'],
  ] as const) {
    test(`${JSON.stringify(value)} with ${JSON.stringify(parameter)}`, async () =>
      assert.equal(await queryTextOf(parameter, value), expected));
  }

  test('names are encoded', async () => {
    const { tool } = await compileOutline({
      parameters: ['fields[]', '$select', 'a b', 'é&=#'].map((name) => ({ name, in: 'query' })),
    });
    const { url } = requestOf(tool, { 'fields[]': '1', $select: '2', 'a b': '3', 'é&=#': '4' });
    assert.equal(new URL(url).search, '?fields%5B%5D=1&%24select=2&a%20b=3&%C3%A9%26%3D%23=4');
  });

  test('a broken character is refused and named', async () => {
    const { tool } = await compileOutline({
      parameters: [{ name: 'q', in: 'query' }],
      with: { q: 'tools.search' },
    });
    for (const value of ['\ud83d', ['a', '\ud83d']]) {
      assert.match(
        refusalOf(() => requestOf(tool, { search: value })),
        /^search holds a broken character/,
      );
    }
  });

  test('a fixed value with a broken character is refused at load', async () => {
    const compiled = await compileText(
      outlined({ parameters: [{ name: 'q', in: 'query', value: '\ud83d' }] }),
    );
    assert.match(findingOf(compiled, 'VALUE_NOT_ALLOWED').message, /"q" holds a broken character/);
  });
});

describe('a credential in the query', () => {
  const outline = {
    consumes: {
      authentication: { type: 'apikey', key: 'api key', value: 's&1=', placement: 'query' },
    },
  };

  test('is added to every request, encoded', async () => {
    const { tool, compiled } = await compileOutline(outline);
    assert.equal(requestOf(tool).url, 'https://api.example.com/things?api%20key=s%261%3D');
    assert.ok(compiled.secrets.has('s&1='));
  });

  test("wins over an input and over the path's own pair of its name", async () => {
    const { tool } = await compileOutline({
      ...outline,
      path: '/things?api%20key=x&b=1',
      parameters: [
        { name: 'api key', in: 'query' },
        { name: 'c', in: 'query' },
      ],
    });
    assert.deepEqual(queryOf(requestOf(tool, { 'api key': 'evil', c: '2' })), [
      ['b', '1'],
      ['api key', 's&1='],
      ['c', '2'],
    ]);
  });

  test('the older spelling name and in means the same', async () => {
    const { tool } = await compileOutline({
      consumes: { authentication: { type: 'apikey', name: 'k', value: 'v', in: 'query' } },
    });
    assert.equal(requestOf(tool).url, 'https://api.example.com/things?k=v');
  });
});

test('an operation without inputs makes its request once', async () => {
  const { route } = await compileOutline({ path: '/a?b=1' });
  const [step] = route.operation.steps;
  const scope = { input: {}, steps: {} };
  assert.ok(step !== undefined);
  assert.equal(step.build(scope), step.build(scope));
  assert.ok(Object.isFrozen(step.build(scope)));
});
