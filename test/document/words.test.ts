import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../../src/document/parse.ts';
import { createWords } from '../../src/document/words.ts';
import { collectGarbage } from '../support/memory.ts';

const MANY = 24;
const LINE = `# ${'a comment that nobody needs once the file is read '.repeat(20)}\n`;
const text = (index: number, rest = ''): string =>
  `info:\n  label: The label of the file number ${index}\n${rest}${LINE.repeat(1_000)}`;

const labelOf = (source: string): string => {
  const { value, findings } = parseText('a.yaml', source);
  assert.deepEqual(findings, []);
  return (value as { info: { label: string } }).info.label;
};

const held = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

for (const [reader, rest] of [
  ['events', ''],
  ['the syntax tree', '  first: &anchor word\n  second: *anchor\n'],
] as const) {
  test(`a word that is kept keeps nothing of its text, read by ${reader}`, () => {
    const before = held();
    const labels = Array.from({ length: MANY }, (_, index) => labelOf(text(index, rest)));
    const grown = held() - before;
    const all = MANY * text(0, rest).length;
    assert.ok(grown < all / 4, `${grown} bytes are held of ${all}`);
    assert.equal(labels.at(-1), `The label of the file number ${MANY - 1}`);
  });
}

test('each word stays what it is, half a surrogate pair as well', () => {
  const own = createWords();
  for (const word of ['', 'one', 'é€😀', 'half \ud83d of a pair', 'x'.repeat(10_000)])
    assert.equal(own(word), word);
});
