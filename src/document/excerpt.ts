/** A row of an excerpt: a line of the file, or the caret below one (without a number). */
export interface ExcerptRow {
  readonly number: number | undefined;
  readonly text: string;
  /** The line that the finding is about, and its caret. */
  readonly marked: boolean;
}

/** Characters of a line that are shown. */
const WIDTH = 100;

/** The line with a caret under `column`, and up to two lines before it. */
export function excerpt(lines: readonly string[], line: number, column: number): ExcerptRow[] {
  const here = lines[line - 1];
  if (here === undefined) return [];
  const at = Math.min(column - 1, here.length);
  // All rows begin at the same column, so that their indentation can be compared.
  const start = here.length > WIDTH && at > WIDTH - 20 ? charStart(here, at - WIDTH / 2) : 0;
  const before = lines.slice(Math.max(0, line - 3), line - 1);
  const rows: ExcerptRow[] = before.map((text, index) => ({
    number: line - before.length + index,
    text: shown(text, start),
    marked: false,
  }));
  const cut = start > 0 ? 1 : 0;
  const indent = cut + displayWidth(here.slice(start, at));
  return [
    ...rows,
    { number: line, text: shown(here, start), marked: true },
    { number: undefined, text: `${' '.repeat(indent)}^`, marked: true },
  ];
}

function shown(text: string, start: number): string {
  if (text.length <= start && start > 0) return '';
  const end = charStart(text, start + WIDTH);
  const piece = printable(text.slice(start, end));
  return `${start > 0 ? '…' : ''}${piece}${end < text.length ? '…' : ''}`;
}

/** Never between the halves of a surrogate pair. */
function charStart(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff ? offset - 1 : Math.min(offset, text.length);
}

/** Tabs get a fixed width, and marks that steer a terminal become visible. */
const printable = (text: string): string =>
  text.replace(/\t/g, '  ').replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

function displayWidth(text: string): number {
  let width = 0;
  for (const char of printable(text)) {
    if (/[\p{Mn}\p{Me}]/u.test(char)) continue;
    width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}
