import type { Json } from '../plan/plan.ts';
import { decodeText } from './text.ts';
import { DEEPEST, tooDeep, unreadable } from './unreadable.ts';

export function readJson(bytes: Buffer, contentType: string | undefined): Json {
  const text = decodeText(bytes, contentType, OPTIONS);
  if (opensMore(text) && isNestedDeeper(text)) throw tooDeep('json');
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw unreadable('json', text.trim() === '' ? 'it is empty' : 'it is no valid JSON');
  }
}

const OPTIONS = { format: 'json', strict: true, passing: true } as const;

/** Whether there are signs enough for too deep a nesting; true of no answer that is small or flat. */
function opensMore(text: string): boolean {
  if (text.length <= 2 * DEEPEST) return false;
  return count(text, '[', count(text, '{', 0)) > DEEPEST;
}

/** Looks no further than it must. A search for one sign is many times quicker than a look at each. */
function count(text: string, sign: string, before: number): number {
  let found = before;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
    found += 1;
    if (found > DEEPEST) break;
  }
  return found;
}

/** Looked at in the text: what is nested too deeply is never built. */
function isNestedDeeper(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function endOfString(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
