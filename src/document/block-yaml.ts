import { plainValue } from './plain-scalar.ts';
import type { Spot, SpotEntry } from './spot.ts';
import type { Part } from './value.ts';

/**
 * Reads the plain block style that nearly all capability files are written in: mappings and lists by
 * indentation, words, and text in quotes. That is ten times faster than the YAML library, which reads
 * a file of a thousand operations in seconds. Whatever is not surely of that style (anchors, tags,
 * flow collections, block scalars, comments behind a value, any mistake) gives undefined, and the
 * library reads the whole text and explains what is wrong with it.
 */
export function readBlockYaml(text: string): Part | undefined {
  if (text.includes('\t') || text.includes('\r')) return undefined;
  const lines = linesOf(text);
  let line = 0;
  let depth = 0;

  const unsure = (): never => {
    throw UNSURE;
  };
  const indentHere = (): number => lines.indents[line] ?? -1;
  const startHere = (): number => (lines.starts[line] ?? text.length) + Math.max(indentHere(), 0);

  /** Whether a list item begins at `offset`. */
  const dashAt = (offset: number): boolean => {
    if (text.charCodeAt(offset) !== 0x2d) return false;
    const next = text.charCodeAt(offset + 1);
    return next === 0x20 || next === 0x0a || Number.isNaN(next);
  };

  /** From the end of a value to the next line that holds something. */
  function nextLine(from: number): void {
    for (let at = from; at < (lines.ends[line] ?? 0); at += 1) {
      if (text.charCodeAt(at) !== 0x20) unsure();
    }
    line += 1;
    skipEmpty();
  }

  function skipEmpty(): void {
    while (line < lines.starts.length) {
      const start = startHere();
      if (start < (lines.ends[line] ?? 0) && text.charCodeAt(start) !== 0x23) return;
      line += 1;
    }
  }

  function readBlock(indent: number): Part {
    depth += 1;
    if (depth > 100) unsure();
    const start = startHere();
    const part = dashAt(start) ? readList(indent) : readMapping(indent, start);
    depth -= 1;
    return part;
  }

  function readMapping(indent: number, first: number): Part {
    const value: Record<string, unknown> = {};
    const entries = new Map<string, SpotEntry>();
    for (let start = first; ; start = startHere()) {
      KEY.lastIndex = start;
      const found = KEY.exec(text);
      if (found === null) return unsure();
      const key = found[1] ?? found[2] ?? found[3] ?? '';
      if (entries.has(key) || key === '__proto__' || key.length > 1000) unsure();
      const part = readValue(KEY.lastIndex, indent, true);
      value[key] = part.value;
      entries.set(key, { key: start, value: part.spot });
      if (indentHere() < indent) return { value, spot: { offset: first, entries } };
      if (indentHere() > indent) unsure();
    }
  }

  function readList(indent: number): Part {
    const first = startHere();
    const value: unknown[] = [];
    const items: Spot[] = [];
    while (indentHere() === indent && dashAt(startHere())) {
      const part = readItem(startHere(), indent);
      value.push(part.value);
      items.push(part.spot);
    }
    if (indentHere() > indent) unsure();
    return { value, spot: { offset: first, items } };
  }

  function readItem(dash: number, indent: number): Part {
    const start = pastSpaces(dash + 1);
    KEY.lastIndex = start;
    if (!KEY.test(text)) return readValue(dash + 1, indent, false);
    depth += 1;
    if (depth > 100) unsure();
    const part = readMapping(indent + start - dash, start);
    depth -= 1;
    return part;
  }

  /** What stands behind a colon or a dash: on the same line, or indented below it. */
  function readValue(from: number, indent: number, inMapping: boolean): Part {
    const start = pastSpaces(from);
    if (start >= (lines.ends[line] ?? 0)) {
      nextLine(start);
      const below = indentHere();
      const list = inMapping && below === indent && dashAt(startHere());
      if (below > indent || list) return readBlock(below);
      return { value: null, spot: { offset: from, blank: true } };
    }
    const mark = text.charCodeAt(start);
    if (mark === 0x27 || mark === 0x22) return readQuoted(start, indent, mark);
    if (mark === 0x5b || mark === 0x7b) return readEmpty(start, mark);
    return readPlain(start, indent);
  }

  function readEmpty(start: number, mark: number): Part {
    const list = mark === 0x5b;
    if (text.charCodeAt(start + 1) !== (list ? 0x5d : 0x7d)) unsure();
    nextLine(start + 2);
    if (list) return { value: [], spot: { offset: start, items: [] } };
    return { value: {}, spot: { offset: start, entries: new Map() } };
  }

  function readPlain(start: number, indent: number): Part {
    // A dash, a question mark and a colon begin a word when no space follows.
    if (!PLAIN_START.test(text.charAt(start)) && !SIGN_START.test(text.slice(start, start + 3)))
      unsure();
    const rows = [plainRow(start)];
    line += 1;
    let last = line;
    for (; line < lines.starts.length; line += 1) {
      const begin = startHere();
      if (begin >= (lines.ends[line] ?? 0)) {
        rows.push('');
        continue;
      }
      if (indentHere() <= indent) break;
      // Behind the first word any mark is text, but for a comment, which ends it.
      if (text.charCodeAt(begin) === 0x23) unsure();
      rows.push(plainRow(begin));
      last = line + 1;
    }
    const empty = line - last;
    line = last;
    skipEmpty();
    const folded = rows.length === 1 ? (rows[0] ?? '') : fold(rows.slice(0, rows.length - empty));
    return { value: plainValue(folded), spot: { offset: start } };
  }

  function plainRow(start: number): string {
    const row = trimSpaces(text.slice(start, lines.ends[line]), 'end');
    if (row.includes(': ') || row.includes(' #') || row.endsWith(':')) unsure();
    return row;
  }

  function readQuoted(start: number, indent: number, mark: number): Part {
    const quote = mark === 0x27 ? "'" : '"';
    let end = text.indexOf(quote, start + 1);
    while (end >= 0 && quote === "'" && text[end + 1] === "'") end = text.indexOf(quote, end + 2);
    while (end >= 0 && quote === '"' && isEscaped(start, end)) end = text.indexOf(quote, end + 1);
    if (end < 0) unsure();
    const raw = text.slice(start + 1, end);
    while ((lines.ends[line] ?? text.length) < end) {
      line += 1;
      const blank = startHere() >= (lines.ends[line] ?? 0);
      if (!blank && indentHere() <= indent) unsure();
    }
    nextLine(end + 1);
    return { value: unquoted(raw, quote) ?? unsure(), spot: { offset: start } };
  }

  function isEscaped(start: number, end: number): boolean {
    let slashes = 0;
    for (let at = end - 1; at > start && text.charCodeAt(at) === 0x5c; at -= 1) slashes += 1;
    return slashes % 2 === 1;
  }

  const pastSpaces = (from: number): number => {
    let at = from;
    while (text.charCodeAt(at) === 0x20) at += 1;
    return at;
  };

  try {
    skipEmpty();
    if (indentHere() === 0 && text.slice(startHere(), lines.ends[line]) === '---') {
      line += 1;
      skipEmpty();
    }
    if (indentHere() !== 0 || dashAt(startHere())) return undefined;
    const part = readBlock(0);
    return line < lines.starts.length ? undefined : part;
  } catch (thrown) {
    if (thrown === UNSURE) return undefined;
    throw thrown;
  }
}

const UNSURE = new Error('not surely plain block style');

/** A key with its colon: in quotes, or a word without marks that could mean something else. */
const KEY =
  /(?:'([^'\n]*)'|"([^"\\\n]*)"|([A-Za-z0-9_$/][A-Za-z0-9_$/.+*()[\]{}@&;=~-]*)):(?=[ \n]|$)/y;

const PLAIN_START = /[\p{L}\p{N}_$/(~^\\+.<;=]/u;
const SIGN_START = /^[-?:][\p{L}\p{N}_$./]/u;

interface Lines {
  /** Offsets of the first character of each line, and of its line break. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Spaces before the text of each line. */
  readonly indents: readonly number[];
}

function linesOf(text: string): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  const indents: number[] = [];
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    let at = start;
    while (at < end && text.charCodeAt(at) === 0x20) at += 1;
    starts.push(start);
    ends.push(end);
    indents.push(at - start);
    start = end + 1;
  }
  return { starts, ends, indents };
}

/** One line break is a space; each empty row is a line break. */
function fold(rows: readonly string[]): string {
  let folded = rows[0] ?? '';
  let empty = 0;
  for (const row of rows.slice(1)) {
    if (row === '') empty += 1;
    else {
      folded += (empty === 0 ? ' ' : '\n'.repeat(empty)) + row;
      empty = 0;
    }
  }
  return folded;
}

/** undefined when there are other escapes than those of JSON, such as that of a line break. */
function unquoted(raw: string, quote: string): string | undefined {
  const folded = raw.includes('\n') ? foldQuoted(raw.split('\n')) : raw;
  if (quote === "'") return folded.replaceAll("''", "'");
  if (!folded.includes('\\')) return folded;
  try {
    return JSON.parse(`"${folded}"`) as string;
  } catch {
    return undefined;
  }
}

function foldQuoted(rows: readonly string[]): string {
  const last = rows.length - 1;
  const trimmed = rows.map((row, index) => {
    const begun = index === 0 ? row : trimSpaces(row, 'start');
    return index === last ? begun : trimSpaces(begun, 'end');
  });
  let folded = trimmed[0] ?? '';
  let empty = 0;
  for (const [index, row] of trimmed.entries()) {
    if (index === 0) continue;
    if (row === '' && index < last) {
      empty += 1;
      continue;
    }
    folded += (empty === 0 ? ' ' : '\n'.repeat(empty)) + row;
    empty = 0;
  }
  return folded;
}

/** Only spaces: to YAML, a no-break space is a letter like any other. */
function trimSpaces(row: string, side: 'start' | 'end'): string {
  let from = 0;
  let to = row.length;
  while (side === 'start' && row.charCodeAt(from) === 0x20) from += 1;
  while (side === 'end' && row.charCodeAt(to - 1) === 0x20) to -= 1;
  return row.slice(from, to);
}
