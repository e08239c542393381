/** The place where text stops being JSON: 1-based, in characters; `ended` when it is only cut short. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly ended: boolean;
}

/**
 * Finds where `JSON.parse` gave up on a text. Its own messages name a place in some versions of Node
 * only, and quote the text, which may hold a secret, in others. Undefined for text that is JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const fault = scan(text);
  if (fault === undefined) return undefined;
  const before = text.slice(0, fault);
  const line = before.split('\n').length;
  const inLine = before.slice(before.lastIndexOf('\n') + 1);
  const column = inLine.replace(/[\ud800-\udbff](?=[\udc00-\udfff])/g, '').length + 1;
  return { line, column, ended: fault >= text.length };
}

/** What may come next: a value, a value or `]`, a key or `}`, a key, `:`, what follows a value. */
type Expected = 'value' | 'item' | 'member' | 'key' | 'colon' | 'next';

/** Where a token ends, or `fault` where the text can no longer become one. */
type Token = { readonly end: number } | { readonly fault: number };

/** Index of the first character that cannot stand where it does; the length of a text cut short. */
function scan(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = skipBlank(text, 0);
  while (at < text.length) {
    const next = follow(expected, text[at] as string, open);
    if (next === undefined) return at;
    const token = readToken(text, at);
    if ('fault' in token) return token.fault;
    expected = next;
    at = skipBlank(text, token.end);
  }
  return expected === 'next' && open.length === 0 ? undefined : at;
}

/** What is expected after a token that begins with `first`; undefined where none can begin so. */
function follow(expected: Expected, first: string, open: ('{' | '[')[]): Expected | undefined {
  const inner = open.at(-1);
  const closing = inner === '{' ? '}' : ']';
  switch (expected) {
    case 'colon':
      return first === ':' ? 'value' : undefined;
    case 'key':
      return first === '"' ? 'colon' : undefined;
    case 'member':
      if (first === '"') return 'colon';
      break;
    case 'next':
      if (inner !== undefined && first === ',') return inner === '{' ? 'key' : 'value';
      break;
    default:
      if (first === '{' || first === '[') {
        open.push(first);
        return first === '{' ? 'member' : 'item';
      }
      if (/["\-\dtfn]/.test(first)) return 'next';
  }
  if (expected === 'value' || inner === undefined || first !== closing) return undefined;
  open.pop();
  return 'next';
}

function readToken(text: string, at: number): Token {
  const first = text[at] as string;
  if (first === '"') return readString(text, at);
  if (first === 't') return readWord(text, at, 'true');
  if (first === 'f') return readWord(text, at, 'false');
  if (first === 'n') return readWord(text, at, 'null');
  return /[-\d]/.test(first) ? readNumber(text, at) : { end: at + 1 };
}

// By hand: a regular expression would run out of stack on a string of some megabytes.
function readString(text: string, begin: number): Token {
  for (let at = begin + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return { end: at + 1 };
    if (code < SPACE) return { fault: at };
    if (code !== BACKSLASH) continue;
    at += 1;
    const escaped = text[at] ?? '"';
    if (!ESCAPABLE.includes(escaped)) return { fault: at };
    if (escaped !== 'u') continue;
    for (let digits = 0; digits < 4 && at + 1 < text.length; digits += 1) {
      at += 1;
      if (!/[\da-fA-F]/.test(text[at] as string)) return { fault: at };
    }
  }
  return { fault: text.length };
}

const QUOTE = 0x22;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const ESCAPABLE = '"\\/bfnrtu';

function readWord(text: string, begin: number, word: string): Token {
  for (let index = 1; index < word.length; index += 1) {
    if (text[begin + index] !== word[index]) return { fault: begin + index };
  }
  return { end: begin + word.length };
}

function readNumber(text: string, begin: number): Token {
  const number = /-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][+-]?\d*)?/y;
  number.lastIndex = begin;
  const length = number.exec(text)?.[0].length ?? 0;
  const end = begin + length;
  const leadingZero = /\d/.test(text[end] ?? '');
  return leadingZero || !/\d/.test(text[end - 1] ?? '') ? { fault: end } : { end };
}

function skipBlank(text: string, at: number): number {
  let end = at;
  while (end < text.length && ' \t\n\r'.includes(text[end] as string)) end += 1;
  return end;
}
