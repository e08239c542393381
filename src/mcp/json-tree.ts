import { randomBytes } from 'node:crypto';
import type { Json } from '../plan/plan.ts';

/** Stands before the spelling of a number that no double holds exactly; no upstream can know it. */
const EXACT = `\u0000${randomBytes(12).toString('hex')}:`;

/** Digits beyond what a double holds, or an exponent that may be. */
const MAYBE_INEXACT = /[\d.]{16}|[eE]\+?\d{3}/;
const EXACT_DIGITS = 15;

/**
 * JSON text as a tree whose long numbers keep their spelling, for `writeTree` and `valueOfTree` alone.
 * undefined for what is no JSON.
 */
export function readTree(text: string): Json | undefined {
  try {
    return treeOfKnown(text, JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** The same for text that is known to be JSON of `value`. */
export const treeOfKnown = (text: string, value: Json): Json =>
  MAYBE_INEXACT.test(text) ? (JSON.parse(withExactNumbers(text)) as Json) : value;

function withExactNumbers(text: string): string {
  const pieces: string[] = [];
  let done = 0;
  const mark = /"|-?\d[\d.eE+-]*/g;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [token] = match;
    if (token === '"') mark.lastIndex = stringEnd(text, match.index);
    else if (token.length > EXACT_DIGITS || !Number.isFinite(Number(token))) {
      pieces.push(text.slice(done, match.index), JSON.stringify(EXACT + token));
      done = mark.lastIndex;
    }
  }
  return pieces.join('') + text.slice(done);
}

/** Where the string ends whose quote stands at `start`, in text that is JSON. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Compact JSON text of a tree, no deeper than the stack holds. */
export function writeTree(tree: Json): string {
  if (typeof tree === 'string') return scalarText(tree);
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (Array.isArray(tree)) return `[${tree.map(writeTree).join(',')}]`;
  const members = Object.entries(tree).map(
    ([key, value]) => `${JSON.stringify(key)}:${writeTree(value)}`,
  );
  return `{${members.join(',')}}`;
}

/** The tree as plain values, as a reader of its text would have them. */
export function valueOfTree(tree: Json): Json {
  if (typeof tree === 'string') return isExact(tree) ? Number(tree.slice(EXACT.length)) : tree;
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map(valueOfTree);
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, valueOfTree(value)]));
}

export const isExact = (text: string): boolean =>
  text.charCodeAt(0) === 0 && text.startsWith(EXACT);

/** JSON text of a string, or the number that it stands for. */
const scalarText = (text: string): string =>
  isExact(text) ? text.slice(EXACT.length) : JSON.stringify(text);

/**
 * Characters of the JSON text of a tree; anything above `cap` for one of more than that, and for one
 * with more than `levels` of nesting.
 */
export function sizeOf(tree: Json, cap: number, levels: number): number {
  if (typeof tree === 'string') {
    if (isExact(tree)) return tree.length - EXACT.length;
    return tree.length + 2 > cap ? tree.length + 2 : JSON.stringify(tree).length;
  }
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree).length;
  if (Array.isArray(tree)) {
    let size = 1 + Math.max(1, tree.length);
    if (levels === 0 && tree.length > 0) return Number.POSITIVE_INFINITY;
    for (const item of tree) {
      if (size > cap) return size;
      size += sizeOf(item, cap - size, levels - 1);
    }
    return size;
  }
  let size = 1;
  for (const key in tree) {
    if (levels === 0) return Number.POSITIVE_INFINITY;
    size += keySize(key);
    if (size > cap) return size;
    size += sizeOf((tree as Members)[key] as Json, cap - size, levels - 1);
  }
  return Math.max(2, size);
}

type Members = { readonly [key: string]: Json };

/** Characters that a member takes beside its value: the key, its colon, and a comma or brace. */
export const keySize = (key: string): number => JSON.stringify(key).length + 2;
