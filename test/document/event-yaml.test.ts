import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { readEvents } from '../../src/document/event-yaml.ts';
import type { Spot } from '../../src/document/spot.ts';
import { type Part, toValue } from '../../src/document/value.ts';

/** What the library makes of a text; undefined when it finds anything wrong with it. */
function readByLibrary(text: string): Part | undefined {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  });
  let problems = document.errors.length + document.warnings.length;
  if (problems > 0) return undefined;
  const part = toValue(
    document.contents,
    () => 1,
    () => {
      problems += 1;
    },
  );
  return problems > 0 ? undefined : part;
}

/** Places as plain data; where nothing is written, the key is shown and the offset does not matter. */
const plain = ({ offset, blank, items, entries }: Spot): unknown => ({
  at: blank === true ? 'key' : offset,
  items: items?.map(plain),
  entries: entries && [...entries].map(([name, { key, value }]) => [name, key, plain(value)]),
});

function assertSame(text: string, quick: Part): void {
  const slow = readByLibrary(text);
  assert.ok(slow, `the library refuses ${JSON.stringify(text)}`);
  assert.deepEqual(quick.value, slow.value, text);
  assert.deepEqual(plain(quick.spot), plain(slow.spot), text);
}

const sample = `# a comment
---
naftiko: 1.0.0-alpha2
info:
  label: 'It''s a label — with
    a second line'
  description: "Two words\\n and \\"quotes\\""
  created: 2026-05-19
  empty:
  none: ~
  text: ''
list:
- plain
- 12
- -1.5e3
- 0x1F
- true
- name: nested
  with:
    $select: rest.$select
    fields[]: tools.fields[]
  path: /v1/{id}:verb
- name: ?Action=List
-
nothing: []
also: {}

words: a value that
  goes on, over "lines"

  and a paragraph
'quoted key': 1
last: end
`;

test('the plain style of published files is read as the library reads it', () => {
  const quick = readEvents(sample);
  assert.ok(quick);
  assertSame(sample, quick);
});

const others: readonly string[] = [
  'a: |\n  text\n',
  'a: >-\n  text\n  more\n\n  last\n',
  'a: [1, two, "three"]\n',
  'a: {b: 1, "c": [d]}\n',
  'a: 1 # comment\n',
  'a: "\\x41\\u263a"\n',
  'a: "two\\\n  lines"\n',
  'a: 1\r\nb: 2\r\n',
  '? a\n: b\n',
  '{"naftiko": "1.0.0-alpha2", "n": [1.5, null, true]}\n',
];
test('flow style, block text, comments and JSON are read as the library reads them', () => {
  for (const text of others) {
    const quick = readEvents(text);
    assert.ok(quick, JSON.stringify(text));
    assertSame(text, quick);
  }
});

const beyond: readonly string[] = [
  'a: &x 1\n',
  'a: *x\n',
  'a: !tag 1\n',
  'a: 1\na: 2\n',
  '<<: 1\n',
  '__proto__: 1\n',
  'a:\n   b: 1\n  c: 2\n',
  'a: 1\n b: 2\n',
  'a: b: c\n',
  'a: "open\n',
  "a: 'open\nb: 1\n",
  'a: 1\n---\nb: 2\n',
  '? [a]\n: b\n',
  'a: @b\n',
  '- a\n',
  'text\n',
  ' --- a: b\n',
  'a: {{b}}\n',
  '',
];
test('mistakes, and what means more than it says, are left to the library', () => {
  for (const text of beyond) assert.equal(readEvents(text), undefined, JSON.stringify(text));
});

test('deep nesting is left to the library', () => {
  const text = Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
  assert.equal(readEvents(text), undefined);
});

test('a text damaged at random is read as the library reads it, or left to it', () => {
  const pieces = [' ', '\n', ':', ': ', '- ', '#', ' #', "'", '"', "''", '\\', '[', '{', '&a', '*a']
    .concat(['!', '|', '?', '? ', '%', '@', '~', 'null', '0x1', '.5', '-', '+', '---', '\n---\n'])
    .concat(['\u00a0', '\u2028', '\ufeff', 'a: b', 'b:', '<<', '\\n', '\\"', '\n  ', '\n- ', '-x']);
  let state = 20260519;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  const rows = sample.split('\n').slice(2);
  let read = 0;
  for (let round = 0; round < 4000; round += 1) {
    const from = random(rows.length);
    const part = rows.slice(from, from + 1 + random(12));
    const indent = Math.min(...part.filter((row) => row !== '').map((row) => row.search(/\S/)));
    let text = `${part.map((row) => row.slice(indent)).join('\n')}\n`;
    for (let change = random(4); change >= 0; change -= 1) {
      const at = random(text.length + 1);
      const added = random(3) === 0 ? '' : (pieces[random(pieces.length)] ?? '');
      text = text.slice(0, at) + added + text.slice(at + (added === '' ? 1 + random(3) : 0));
    }
    const quick = readEvents(text);
    if (quick === undefined) continue;
    read += 1;
    assertSame(text, quick);
  }
  assert.ok(read > 200, `only ${read} of the texts were read`);
});
