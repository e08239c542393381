import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../src/plan/plan.ts';
import { failure, fixture, read, skip, users } from './support.ts';

describe('the tree of delimited rows', () => {
  const cases: readonly (readonly [string, string, Json])[] = [
    [
      'csv',
      '\ufeffid,name\r\n1,"A, ""b"""\r\n\r\n2,x y\r\n',
      [
        { id: '1', name: 'A, "b"' },
        { id: '2', name: 'x y' },
      ],
    ],
    ['csv', 'a,b\n"x\ny",2', [{ a: 'x\ny', b: '2' }]],
    ['csv', 'a,b\n1,x "y" z', [{ a: '1', b: 'x "y" z' }]],
    ['csv', ' a , b \n 1 ,', [{ a: ' 1 ', b: '' }]],
    [
      'csv',
      'a,b,c\n1,2\n1,2,3,,\n',
      [
        { a: '1', b: '2' },
        { a: '1', b: '2', c: '3' },
      ],
    ],
    ['csv', 'a,b\r1,2', [{ a: '1', b: '2' }]],
    ['csv', 'a,b', []],
    ['csv', '', []],
    ['tsv', 'a\tb\n1,5\t2', [{ a: '1,5', b: '2' }]],
    ['psv', 'a|b\n1|2', [{ a: '1', b: '2' }]],
  ];
  for (const [format, text, tree] of cases) {
    test(JSON.stringify(text), async () => assert.deepEqual(await read(format, text), tree));
  }

  for (const format of ['csv', 'tsv', 'psv']) {
    test(`of the ${format} sample`, { skip }, async () => {
      assert.deepEqual(await read(format, fixture(`schemas/sample-users.${format}`)), users);
    });
  }

  test('keeps a column of a reserved name as a plain field', async () => {
    const [row] = (await read('csv', '__proto__,constructor\n1,2')) as readonly object[];
    assert.deepEqual(Object.entries(row as object), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test('by the charset of the content type', async () => {
    const bytes = Buffer.from('a\né', 'latin1');
    assert.deepEqual(await read('csv', bytes, 'text/csv; charset=windows-1252'), [{ a: 'é' }]);
  });
});

test('rows that cannot be read', async () => {
  assert.equal(
    await failure('csv', 'a,b\n1,2,secret'),
    'The answer cannot be read as csv: a row has more cells than the first row has names.',
  );
  assert.match(await failure('tsv', 'a\n"secret'), /as tsv: a quote is not closed/);
  const wide = `${'c,'.repeat(2000)}c\n${`${','.repeat(2000)}\n`.repeat(1100)}`;
  assert.match(await failure('csv', wide), /more than 2,000,000 values/);
});
