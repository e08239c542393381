import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';

/** What a comparison sees: a value, or undefined for the RFC's "Nothing". */
export type Comparable = Json | undefined;

/** The member of an object, never something inherited, and never a property of a list. */
export const memberOf = (value: Comparable, name: string): Comparable =>
  isRecord(value) && Object.hasOwn(value, name) ? (value as Record<string, Json>)[name] : undefined;

export const elementOf = (value: Comparable, index: number): Comparable =>
  Array.isArray(value) ? (value.at(index) as Comparable) : undefined;

/** The children of an array or object; none of a scalar. */
export function childrenOf(value: Json): readonly Json[] {
  if (typeof value !== 'object' || value === null) return NONE;
  return Array.isArray(value) ? (value as readonly Json[]) : Object.values(value);
}

const NONE: readonly Json[] = [];

/** Equality of RFC 9535, section 2.3.5.2.2. Does not recurse, so that nesting cannot overflow the stack. */
export function isEqual(left: Comparable, right: Comparable): boolean {
  const pending: Comparable[] = [left, right];
  while (pending.length > 0) {
    const one = pending.pop();
    const other = pending.pop();
    if (one === other) continue;
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
      return false;
    }
    if (Array.isArray(one) !== Array.isArray(other)) return false;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(other, key)) return false;
      pending.push((one as Record<string, Json>)[key], (other as Record<string, Json>)[key]);
    }
  }
  return true;
}

/** Order of RFC 9535: numbers by value, strings by code point, nothing else. */
export function isLess(left: Comparable, right: Comparable): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return typeof left === 'string' && typeof right === 'string' && isTextLess(left, right);
}

function isTextLess(left: string, right: string): boolean {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at += 1) {
    const one = left.charCodeAt(at);
    const other = right.charCodeAt(at);
    if (one !== other) return rank(one) < rank(other);
  }
  return left.length < right.length;
}

/** UTF-16 units in the order of the code points they belong to: surrogates come last. */
const rank = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

/** `length()`: code points of a string, elements of an array, members of an object. */
export function lengthOf(value: Comparable): number | undefined {
  if (typeof value === 'string') {
    let length = value.length;
    for (let at = 0; at < value.length; at += 1) {
      if ((value.codePointAt(at) as number) > 0xffff) {
        length -= 1;
        at += 1;
      }
    }
    return length;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}
