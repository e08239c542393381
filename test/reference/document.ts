/** Writes the tables of `docs/reference-differences.md`: `node --import tsx test/reference/document.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FIXTURES, type Verdict } from './fixtures/table.ts';
import { PAIRS } from './pairs/all.ts';
import { type Exchange, isSame, type Pair } from './pairs/pair.ts';

export const page = fileURLToPath(new URL('../../docs/reference-differences.md', import.meta.url));

/** The page with its tables as they have to be. */
export function renderPage(text: string): string {
  const parts: Readonly<Record<string, string>> = {
    files: fileTable(),
    pairs: pairTable(),
    same: sameSentence(),
  };
  return Object.entries(parts).reduce((whole, [name, part]) => {
    const [before, rest] = halves(whole, `<!-- ${name} -->\n`);
    const [, after] = halves(rest, `<!-- /${name} -->`);
    return `${before}<!-- ${name} -->\n${part}\n<!-- /${name} -->${after}`;
  }, text);
}

function halves(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`There is no ${mark.trim()} on the page.`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function fileTable(): string {
  const rows = (Object.entries(FIXTURES) as [string, Verdict][])
    .filter(([, { differs }]) => differs === true)
    .map(([file, verdict]) => {
      const [here, there] =
        'loads' in verdict ? ['loads', 'refused'] : [`refused, \`${verdict.refused}\``, 'loads'];
      return [`\`${file}\``, there, here, verdict.why];
    });
  return table(['file', 'reference', 'here', 'why'], rows);
}

function pairTable(): string {
  const rows = PAIRS.flatMap(({ number, setup, why = '', parts }) =>
    parts
      .filter((part) => !isSame(part))
      .map(({ sent, reference, ours }, index) => [
        `${number}`,
        `${setup}: ${sent}`,
        shown(reference),
        shown(ours),
        index === 0 ? why : '',
      ]),
  );
  return table(['', 'asked', 'reference', 'here', 'why'], rows);
}

function sameSentence(): string {
  const same = PAIRS.filter(({ parts }) => parts.every(isSame));
  const partly = PAIRS.filter(({ parts }) => parts.some(isSame) && !parts.every(isSame));
  return `Both do the same in ${numbers(same)}, and in a part of ${numbers(partly)}; the other ${
    PAIRS.length - same.length - partly.length
  } of the ${PAIRS.length} differ.`;
}

const numbers = (pairs: readonly Pair[]): string =>
  new Intl.ListFormat('en').format(pairs.map(({ number }) => `${number}`));

const shown = ({ upstream, caller }: Exchange): string =>
  `${upstream === 'nothing' ? 'nothing' : `\`${upstream}\``}<br>→ \`${caller}\``;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, renderPage(readFileSync(page, 'utf8')));
}
