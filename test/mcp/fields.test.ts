import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { selectFields, takeFields } from '../../src/mcp/fields.ts';
import type { Json } from '../../src/plan/plan.ts';

const answer: Json = {
  total: 2,
  items: [
    { id: 1, name: 'one', owner: { id: 7, name: 'Ada' }, 'x.y': 5 },
    { id: 2, name: 'two', owner: null },
  ],
  empty: [],
};

const chosen = (...paths: string[]): Json => selectFields(answer, paths).tree;

describe('fields of an answer', () => {
  test('paths go through lists, with and without []', () => {
    const names = { items: [{ name: 'one' }, { name: 'two' }] };
    assert.deepEqual(chosen('items[].name'), names);
    assert.deepEqual(chosen('items.name'), names);
    assert.deepEqual(selectFields([{ a: 1, b: 2 }], ['[].a']).tree, [{ a: 1 }]);
    assert.deepEqual(selectFields([{ a: 1, b: 2 }], ['result[].a']).tree, [{ a: 1 }]);
    assert.deepEqual(selectFields([[{ a: 1, b: 2 }]], ['a']).tree, [[{ a: 1 }]]);
  });

  test('they stand in the order of the answer, and one that holds another wins', () => {
    assert.equal(
      JSON.stringify(chosen('items[].id', 'total')),
      '{"total":2,"items":[{"id":1},{"id":2}]}',
    );
    assert.deepEqual(chosen('items[].owner.name', 'items[].owner', 'items[].owner.nope'), {
      items: [{ owner: { id: 7, name: 'Ada' } }, { owner: null }],
    });
    assert.deepEqual(chosen('items[].x.y'), { items: [{ 'x.y': 5 }, {}] });
  });

  test('what the answer does not have is named, what it may have is not', () => {
    const { tree, unknown } = selectFields(answer, [
      ...['nope', 'items[].nope', 'total.deeper', 'empty[].any', 'items[].owner.id', 'items[].x.y'],
    ]);
    assert.deepEqual(unknown, ['nope', 'items[].nope', 'total.deeper']);
    assert.deepEqual(tree, { items: [{ owner: { id: 7 }, 'x.y': 5 }, {}], empty: [] });
  });

  test('no path reaches what an answer does not hold itself', () => {
    const hostile = JSON.parse('{"__proto__": {"a": 1}}') as Json;
    assert.equal(
      JSON.stringify(selectFields(hostile, ['__proto__.a']).tree),
      '{"__proto__":{"a":1}}',
    );
    assert.deepEqual(selectFields({}, ['constructor']).unknown, ['constructor']);
  });
});

describe('the argument that chooses them', () => {
  test('is a list, or a text with commas, and is taken out', () => {
    assert.deepEqual(takeFields({ a: 1, _fields: ['b', ' c '] }, '_fields'), {
      args: { a: 1 },
      paths: ['b', 'c'],
    });
    assert.deepEqual(takeFields({ _fields: 'b, c,' }, '_fields').paths, ['b', 'c']);
    for (const none of ['', [], null])
      assert.deepEqual(takeFields({ _fields: none }, '_fields'), { args: {} });
  });

  test('of another kind is refused by name', () => {
    for (const bad of [1, { a: 1 }, [1], Array.from({ length: 201 }, (_, at) => `a${at}`)]) {
      assert.throws(() => takeFields({ _fields: bad }, '_fields'), /_fields (must be|takes)/);
    }
  });
});
