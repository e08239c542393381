import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../../src/document/parse.ts';

/** `line:column CODE` of each finding. */
const places = (text: string): string[] =>
  parseText('x.yaml', text).findings.map(({ line, column, code }) => `${line}:${column} ${code}`);

const message = (text: string): string => parseText('x.yaml', text).findings[0]?.message ?? '';

test('words stay words: dates, yes and no, and versions in quotes', () => {
  const text = 'day: 2026-05-19\nyes: no\nversion: "0.5"\nport: 8080\n200: ok\noctal: 0755\n';
  assert.deepEqual(parseText('x.yaml', text).value, {
    day: '2026-05-19',
    yes: 'no',
    version: '0.5',
    port: 8080,
    200: 'ok',
    octal: 755,
  });
});

test('a YAML 1.1 directive does not change what words mean', () => {
  assert.deepEqual(parseText('x', '%YAML 1.1\n---\nday: 2026-05-19\non: yes\n').value, {
    day: '2026-05-19',
    on: 'yes',
  });
});

test('JSON is YAML', () => {
  assert.deepEqual(parseText('x', '{"a": [1, {"b": null}]}').value, { a: [1, { b: null }] });
});

test('aliases and merge keys work', () => {
  const text =
    'base: &base {a: 1, b: 1}\nmore: &more {c: 3}\none: {<<: *base, b: 2}\ntwo:\n  <<: [*base, *more]\n  d: *more\n';
  assert.deepEqual(parseText('x', text).value, {
    base: { a: 1, b: 1 },
    more: { c: 3 },
    one: { a: 1, b: 2 },
    two: { a: 1, b: 1, c: 3, d: { c: 3 } },
  });
});

const refusals: readonly (readonly [string, string, string, RegExp])[] = [
  ['an empty file', '', '1:1 FILE_EMPTY', /begins with "naftiko: 1\.0\.0-alpha2"/],
  ['comments only', '# nothing\n', '1:1 FILE_EMPTY', /comments only/],
  ['two documents', 'a: 1\n---\nb: 2\n', '2:1 YAML_MANY_DOCUMENTS', /holds one.*delete the line/],
  ['a duplicate key', 'a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n', '5:3 YAML_DUPLICATE_KEY', /in line 3/],
  ['a tab', 'a:\n\tb: 1\n', '2:1 YAML_SYNTAX', /A tab indents this line/],
  [
    'an unquoted template',
    'a: 1\ntoken: {{env.KEY}}\n',
    '2:8 YAML_SYNTAX',
    /quotes: '\{\{env\.KEY\}\}'/,
  ],
  [
    'a colon in a value',
    'description: Foo: bar\n',
    '1:14 YAML_SYNTAX',
    /Put the whole value in quotes/,
  ],
  ['an open quote', 'a: 1\nb: "open\nc: 3\n', '2:4 YAML_SYNTAX', /never ends\. Close the quotes/],
  ['an open bracket', 'a: [1, 2\nb: 3\n', '2:1 YAML_SYNTAX', /bracket opened above/],
  ['a key without colon', 'a: 1\nb\nc: 3\n', '2:1 YAML_SYNTAX', /without ": " after it/],
  ['a reserved mark', 'a: @me\n', '1:4 YAML_SYNTAX', /cannot begin with "@"/],
  ['a wrong escape', 'a: "\\q"\n', '1:5 YAML_SYNTAX', /"\\q" means nothing inside double quotes/],
  ['a list and a mapping', '- a\nb: 1\n', '2:1 YAML_SYNTAX', /Check the indentation/],
  ['a tag', 'a: !env KEY\n', '1:4 YAML_TAG_UNKNOWN', /"!env" has no meaning/],
  ['a date tag', 'a: !!timestamp 2026-05-19\n', '1:4 YAML_TAG_UNKNOWN', /Write the plain value/],
  ['an alias of nothing', 'a: *star\n', '1:4 YAML_SYNTAX', /no anchor "&star" stands before it/],
  ['an alias of itself', 'a: &a [1, *a]\n', '1:11 YAML_ALIAS_BOMB', /has no end/],
  ['a merge of a number', 'a: {<<: 5}\n', '1:5 YAML_SYNTAX', /takes a mapping/],
  ['a prototype key', 'a:\n  __proto__: {b: 1}\n', '2:3 YAML_SYNTAX', /"__proto__" cannot be used/],
  ['a control character', 'a: 1\nb: \x02\n', '2:4 YAML_SYNTAX', /U\+0002/],
  ['deep nesting', `a: ${'['.repeat(300)}${']'.repeat(300)}`, '1:204 YAML_SYNTAX', /200 levels/],
];
for (const [name, text, place, why] of refusals) {
  test(`${name} is refused at its place`, () => {
    assert.deepEqual(places(text), [place]);
    assert.match(message(text), why);
    assert.equal(parseText('x', text).value, undefined);
  });
}

test('nesting beyond the stack is refused', () => {
  const { findings } = parseText('x', '['.repeat(100_000));
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['YAML_SYNTAX'],
  );
  assert.match(findings[0]?.message ?? '', /nested too deep/);
});

test('what is written twice and several syntax errors are all named', () => {
  assert.deepEqual(places('a: 1\na: 2\na: 3\n'), [
    '2:1 YAML_DUPLICATE_KEY',
    '3:1 YAML_DUPLICATE_KEY',
  ]);
  assert.deepEqual(places('a: "\\q"\nb: @x\n'), ['1:5 YAML_SYNTAX', '2:4 YAML_SYNTAX']);
});

test('a bomb of aliases is found before it is built', () => {
  const levels = Array.from({ length: 30 }, (_, level) => {
    const uses = Array.from({ length: 10 }, () => `*a${level}`).join(', ');
    return `a${level + 1}: &a${level + 1} [${uses}]`;
  });
  const text = ['a0: &a0 [x, x]', ...levels].join('\n');
  const [finding] = parseText('x', text).findings;
  assert.equal(finding?.code, 'YAML_ALIAS_BOMB');
  assert.equal(finding?.line, 6);
  assert.match(finding?.message ?? '', /more than 250,000 values/);
});

test('a bomb of merge keys is found, too', () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(', ');
  const text = `base: &base {${keys}}\nlist:\n${'- {<<: *base}\n'.repeat(1000)}`;
  assert.deepEqual(
    parseText('x', text).findings.map(({ code }) => code),
    ['YAML_ALIAS_BOMB'],
  );
});

test('one anchor may be used as often as a large file needs', () => {
  const text = `shape: &shape {type: string}\nlist:\n${'- *shape\n'.repeat(20_000)}`;
  assert.deepEqual(parseText('x', text).findings, []);
});

test('a text of more than half a million words is refused before a tree is built', () => {
  const [finding] = parseText('x', '[1,'.repeat(500_000)).findings;
  assert.equal(finding?.code, 'FILE_TOO_LARGE');
  assert.match(finding?.message ?? '', /500,000 words/);
});

test('a hundred thousand mistakes are shown as one', () => {
  assert.equal(places(']'.repeat(100_000)).length, 1);
});

test('a pointer leads to the line and column of a value, and of its key', () => {
  const text = 'a:\n  - b: 1\n    "c/d": {e: 2}\nf: &f {g: 1}\nh: *f\ni:\nj: {<<: *f}\n';
  const { source } = parseText('x', text);
  const at = (pointer: string, part: 'key' | 'value' = 'value'): string => {
    const { line, column } = source.position(pointer, part);
    return `${line}:${column}`;
  };
  assert.equal(at(''), '1:1');
  assert.equal(at('/a/0/b'), '2:8');
  assert.equal(at('/a/0/b', 'key'), '2:5');
  assert.equal(at('/a/0/c~1d/e'), '3:16');
  assert.equal(at('/a/0', 'key'), '2:5', 'an item has no key');
  assert.equal(at('/h/g'), '4:11', 'what an alias gives is where its anchor is');
  assert.equal(at('/i'), '6:1', 'a key without value shows the key');
  assert.equal(at('/j/g'), '4:11', 'so is what a merge gives');
  assert.equal(at('/a/0/nothing/here'), '2:5', 'the nearest parent');
  assert.equal(at('/a/7'), '2:3');
});
