import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../src/plan/plan.ts';
import { failure, fixture, read, skip, why } from './support.ts';

describe('the tables of a page', () => {
  const cases: readonly (readonly [string, Json])[] = [
    [
      '<table><tr><th>A<th>B<tr><td>1<td>2<tr><td>3',
      [
        [
          { A: '1', B: '2' },
          { A: '3', B: '' },
        ],
      ],
    ],
    ['<table><tr><td>a<tr><td>b</table>', []],
    ['<table></table>', []],
    ['<table><tr><td></td><th>A<tr><th>row<td>1 <br>\n 2&amp;<b>W</b>i', [[{ A: '1 2&Wi' }]]],
    ['<table><tr><th colspan=2>A<th>B<tr><td>1<td>2<td>3', [[{ A: '1', B: '3' }]]],
    ['<table><tr><th>A<tr><td>x<script>no()</script><style>no</style>', [[{ A: 'x' }]]],
    [
      '<table><tr><th>A<tr><td><table><tr><th>B<tr><td>1</table></table>',
      [[{ A: 'B 1' }], [{ B: '1' }]],
    ],
    ['no table', []],
  ];
  for (const [text, tables] of cases) {
    test(text, async () => assert.deepEqual(await read('html', text), { tables }));
  }

  test('are scoped by a selector', async () => {
    const page =
      '<h2>x</h2><table class=a><tr><th>A<tr><td>1</table><div id=d><table><tr><th>B<tr><td>2</table></div>';
    const scoped = (outputSchema: string) => read({ format: 'html', outputSchema }, page);
    for (const selector of [
      'table.a',
      'h2 + table',
      'table:first-of-type:not(#d table)',
      '.a tr',
    ]) {
      const tables = selector === '.a tr' ? [] : [[{ A: '1' }]];
      assert.deepEqual(await scoped(selector), { tables }, selector);
    }
    assert.deepEqual(await scoped('#d'), { tables: [[{ B: '2' }]] });
    assert.deepEqual(await scoped('#d, .a'), { tables: [[{ A: '1' }], [{ B: '2' }]] });
    assert.deepEqual(await scoped('#nope'), { tables: [] });
  });

  test('of the sample', { skip }, async () => {
    const tables = [
      [
        { Name: 'Widget', Price: '$42', Stock: '150' },
        { Name: 'Gadget', Price: '$99', Stock: '30' },
      ],
    ];
    const page = fixture('schemas/sample-products.html');
    assert.deepEqual(await read({ format: 'html', outputSchema: 'table.products' }, page), {
      tables,
    });
    assert.deepEqual(await read('html', page), { tables });
  });

  test('in the charset the page declares', async () => {
    const page = Buffer.from('<meta charset="iso-8859-1"><table><tr><th>A<tr><td>é', 'latin1');
    assert.deepEqual(await read('html', page), { tables: [[{ A: 'é' }]] });
  });

  test('a column of a reserved name is a plain field', async () => {
    const page = '<table><tr><th>__proto__<tr><td>1';
    const { tables } = (await read('html', page)) as { tables: readonly object[][] };
    assert.deepEqual(Object.entries(tables[0]?.[0] ?? {}), [['__proto__', '1']]);
  });

  test('nested without end are refused', async () => {
    for (const tag of ['<div>', '<table><tr><td>']) {
      assert.match(await failure('html', tag.repeat(20_000)), /nested more than 500 levels deep/);
    }
  });

  test('a selector that is none is refused at load', async () => {
    for (const outputSchema of ['table[', 'a:nonsense', '', '> table', 'table +']) {
      assert.match(await why({ format: 'html', outputSchema }), /has to be a CSS selector/);
    }
  });
});

const TEXT = `---
title: T
tags: [a]
---
Before.

# One *two* \`three\`

text **bold** [link](u) ![image](x) a \\* b
line

- one
- **two**

> quote

\`\`\`js
code *x*
\`\`\`

## Results

| N | \`S\` |
|---|:-:|
| a \\| b | **x** |
| only |

### Deep

d

- | not | a table |
  |---|---|
  | x | y |

## Other

| Q |
|---|
| 1 |
`;

const RESULTS = {
  frontMatter: { title: 'T', tags: ['a'] },
  tables: [
    [
      { N: 'a | b', S: 'x' },
      { N: 'only', S: '' },
    ],
  ],
};

describe('a markdown text', () => {
  test('is front matter, tables and sections', async () => {
    const tree = (await read('markdown', TEXT)) as {
      frontMatter: Json;
      tables: Json;
      sections: readonly { heading: string; level: number; content: string }[];
    };
    assert.deepEqual(tree.frontMatter, RESULTS.frontMatter);
    assert.deepEqual(tree.tables, [...RESULTS.tables, [{ Q: '1' }]]);
    assert.deepEqual(tree.sections[0], {
      heading: 'One two three',
      level: 1,
      content: 'text bold link image a * b\nline\none\ntwo\nquote\ncode *x*',
    });
    assert.deepEqual(
      tree.sections.map(({ heading, level }) => [heading, level]),
      [
        ['One two three', 1],
        ['Results', 2],
        ['Deep', 3],
        ['Other', 2],
      ],
    );
  });

  test('is filtered by the beginning of a heading, with and without its marks', async () => {
    const filtered = async (outputSchema: string) => {
      const tree = await read({ format: 'markdown', outputSchema }, TEXT);
      const { tables, sections } = tree as {
        tables: readonly Json[];
        sections: readonly { heading: string }[];
      };
      return [tables.length, ...sections.map(({ heading }) => heading)];
    };
    for (const filter of ['Results', '## Results', '##Res', ' Res ']) {
      assert.deepEqual(await filtered(filter), [1, 'Results', 'Deep'], filter);
    }
    assert.deepEqual(await filtered('### '), [0, 'Deep']);
    assert.deepEqual(await filtered('# Results'), [0]);
    assert.deepEqual(await filtered('Nope'), [0]);
    assert.match(
      await why({ format: 'markdown', outputSchema: ' ' }),
      /the beginning of a heading .* it is empty/,
    );
  });

  test('of the sample', { skip }, async () => {
    assert.deepEqual(await read('markdown', fixture('schemas/sample-readme.md')), {
      frontMatter: { title: 'Product Release Notes', version: '2.1.0' },
      tables: [
        [
          { Feature: 'HTML support', Status: 'GA' },
          { Feature: 'Markdown support', Status: 'Beta' },
        ],
      ],
      sections: [
        {
          heading: 'Overview',
          level: 2,
          content: 'This release introduces table extraction for markdown.',
        },
      ],
    });
  });

  test('with lines between rules that are no mapping keeps them as text', async () => {
    for (const text of [
      '---\nHello\n---\n',
      '---\na: [\n---\n',
      `---\n${'['.repeat(5000)}\n---\n`,
    ]) {
      const tree = (await read('markdown', text)) as {
        frontMatter: Json;
        sections: readonly Json[];
      };
      assert.deepEqual(tree.frontMatter, {});
      assert.equal(tree.sections.length, 1);
    }
    assert.deepEqual(await read('markdown', '---\r\na: 1\r\n---\r\n# T\r\nx\r\n'), {
      frontMatter: { a: 1 },
      tables: [],
      sections: [{ heading: 'T', level: 1, content: 'x' }],
    });
  });

  test('of nothing but marks is read', async () => {
    for (const marks of [
      '>',
      '- ',
      '> - ',
      '1. ',
      '[',
      '![',
      '*a ',
      'a*',
      '`',
      '<a ',
      '|',
      '#',
      '~',
    ]) {
      await read('markdown', `# T\n${marks.repeat(20_000)}`);
    }
    await read(
      'markdown',
      Array.from({ length: 500 }, (_, n) => `${'  '.repeat(n)}- x`).join('\n'),
    );
  });

  test('larger than two mebibytes is refused', async () => {
    assert.match(await failure('markdown', Buffer.alloc(2 ** 21 + 1)), /larger than the 2 MiB/);
  });
});
