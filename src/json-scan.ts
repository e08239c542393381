/** What a JSON text is at its top. */
export type JsonKind = 'object' | 'array' | 'scalar';

/**
 * Whether bytes are JSON, without making anything of them: less than half of what it costs to parse them.
 * undefined for what is none, or is nested deeper than 200 levels; a parser may know more of that.
 * @param bytes valid UTF-8, no byte order mark
 */
export function kindOfJson(bytes: Uint8Array): JsonKind | undefined {
  const end = bytes.length;
  let depth = 0;
  let at = skipSpace(bytes, 0);
  const first = bytes[at];
  for (;;) {
    const byte = at < end ? (bytes[at] as number) : 0;
    if (byte === BRACE || byte === BRACKET) {
      if (depth === MOST_LEVELS) return undefined;
      at = skipSpace(bytes, at + 1);
      if (at < end && bytes[at] === byte + TO_CLOSING) at += 1;
      else {
        depth += 1;
        levels[depth] = byte;
        if (byte === BRACE) at = endOfKey(bytes, at);
        if (at === -1) return undefined;
        continue;
      }
    } else {
      at = byte === QUOTE ? endOfString(bytes, at) : endOfWord(bytes, at);
      if (at === -1) return undefined;
    }
    // A value has ended, and with it whatever closes here.
    for (;;) {
      at = skipSpace(bytes, at);
      if (depth === 0) return at === end ? kindOf(first) : undefined;
      const next = at < end ? (bytes[at] as number) : 0;
      const level = levels[depth] as number;
      if (next === level + TO_CLOSING) {
        at += 1;
        depth -= 1;
        continue;
      }
      if (next !== COMMA) return undefined;
      at = skipSpace(bytes, at + 1);
      if (level === BRACE) at = endOfKey(bytes, at);
      if (at === -1) return undefined;
      break;
    }
  }
}

const MOST_LEVELS = 200;
/** What is open on each level. One for all: a scan is never interrupted. */
const levels = new Uint8Array(MOST_LEVELS + 1);
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
/** From an opening bracket or brace to its closing one. */
const TO_CLOSING = 2;
const LETTER_U = 0x75;

const kindOf = (first: number | undefined): JsonKind =>
  first === BRACE ? 'object' : first === BRACKET ? 'array' : 'scalar';

const bytesIn = (signs: string): Uint8Array => {
  const table = new Uint8Array(256);
  for (const sign of signs) table[sign.charCodeAt(0)] = 1;
  return table;
};
const SPACE = bytesIn(' \t\n\r');
const ESCAPED = bytesIn('"\\/bfnrt');
const HEX = bytesIn('0123456789abcdefABCDEF');
/** All that stands for itself in a string. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && SPACE[bytes[at] as number] === 1) at += 1;
  return at;
}

/** Behind the colon of a key and the space there; -1 where there is no key. */
function endOfKey(bytes: Uint8Array, from: number): number {
  if (from >= bytes.length || bytes[from] !== QUOTE) return -1;
  const key = endOfString(bytes, from);
  if (key === -1) return -1;
  const colon = skipSpace(bytes, key);
  return colon < bytes.length && bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1;
}

/** Behind the closing quote; -1 where there is none, or something that cannot stand in a string. */
function endOfString(bytes: Uint8Array, quote: number): number {
  const end = bytes.length;
  let at = quote + 1;
  for (;;) {
    while (at < end && PLAIN[bytes[at] as number] === 1) at += 1;
    if (at >= end) return -1;
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH || at + 1 >= end) return -1;
    const escaped = bytes[at + 1] as number;
    at += 2;
    if (escaped !== LETTER_U) {
      if (ESCAPED[escaped] !== 1) return -1;
      continue;
    }
    if (at + 4 > end) return -1;
    for (const last = at + 4; at < last; at += 1) if (HEX[bytes[at] as number] !== 1) return -1;
  }
}

const [MINUS, PLUS, POINT, ZERO, NINE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39] as const;
const LETTER_E = 0x65;
const LOWER = 0x20;

/** Behind a number or one of the three names; -1 where there is neither. */
function endOfWord(bytes: Uint8Array, from: number): number {
  if (from >= bytes.length) return -1;
  const first = bytes[from] as number;
  if (first === 0x74) return endOfName(bytes, from, TRUE);
  if (first === 0x66) return endOfName(bytes, from, FALSE);
  if (first === 0x6e) return endOfName(bytes, from, NULL);
  const whole = first === MINUS ? from + 1 : from;
  let at = endOfDigits(bytes, whole);
  if (at === -1 || (bytes[whole] === ZERO && at > whole + 1)) return -1;
  if (at < bytes.length && bytes[at] === POINT) at = endOfDigits(bytes, at + 1);
  if (at === -1 || at >= bytes.length || ((bytes[at] as number) | LOWER) !== LETTER_E) return at;
  const sign = at + 1 < bytes.length ? (bytes[at + 1] as number) : 0;
  return endOfDigits(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** -1 where there is no digit at all. */
function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE)
    at += 1;
  return at === from ? -1 : at;
}

const [TRUE, FALSE, NULL] = [
  Buffer.from('true'),
  Buffer.from('false'),
  Buffer.from('null'),
] as const;

function endOfName(bytes: Uint8Array, from: number, name: Uint8Array): number {
  const end = from + name.length;
  if (end > bytes.length) return -1;
  for (let at = from; at < end; at += 1) if (bytes[at] !== name[at - from]) return -1;
  return end;
}
