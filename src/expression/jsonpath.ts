import { JSONPath } from 'jsonpath-plus';
import type { Json } from '../plan/plan.ts';
import { type Each, type Key, readSegments, type Segment } from './jsonpath-segments.ts';

/** Reads one place, or the list of places, that a JSONPath names. Undefined when nothing is there. */
export type Select = (value: Json) => Json | undefined;

/**
 * Compiles a JSONPath once. Members, items, wildcards, slices and unions become closures; `..` goes
 * to jsonpath-plus, with evaluation of code off. `$` and `$.` are the whole value.
 * @returns a sentence saying why when the path cannot be honoured
 */
export function compileJsonPath(path: string): { select: Select } | { why: string } {
  const text = path.trim();
  if (!text.startsWith('$')) return { why: `"${path}" does not start with "$"` };
  if (isWholePath(text)) return { select: (value) => value };
  const segments = readSegments(text.slice(1));
  if (typeof segments === 'string') return { why: `"${path}" ${segments}` };
  if (!segments.some(({ deep }) => deep)) return { select: selectPlain(segments) };
  // The library gives marks in a name meanings of its own, so only plain names are left to it.
  if (segments.every(({ source }) => LEFT_TO_LIBRARY.test(source)))
    return { select: selectByLibrary(text) };
  return { why: `"${path}" has a name after ".." that is not plain, which is not served yet` };
}

export const isWholePath = (path: string): boolean => path === '$' || path === '$.';

const LEFT_TO_LIBRARY = /^(?:\.\.?[\w-]+|\.\.?\*|(?:\.\.)?\[(?:\d+|\*)\])$/;

function selectPlain(segments: readonly Segment[]): Select {
  const first = segments.findIndex(({ keys }) => typeof keys === 'function');
  if (first === -1) {
    const keys = segments.map((segment) => segment.keys as Key);
    return function selectMember(value) {
      let at: Json | undefined = value;
      for (const key of keys) {
        at = child(at, key);
        if (at === undefined) return undefined;
      }
      return at;
    };
  }
  const before = selectPlain(segments.slice(0, first));
  const each = segments[first]?.keys as Each;
  const rest = segments.slice(first + 1);
  const after = selectPlain(rest);
  const nested = rest.some(({ keys }) => typeof keys === 'function');
  return function selectEach(value) {
    const container = before(value);
    if (container === null || typeof container !== 'object') return undefined;
    const out: Json[] = [];
    for (const key of each(container)) {
      const item = child(container, key);
      const found = item === undefined ? undefined : after(item);
      if (found === undefined) continue;
      if (nested) for (const one of found as readonly Json[]) out.push(one);
      else out.push(found);
    }
    return out;
  };
}

function child(value: Json | undefined, key: Key): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return typeof key === 'number' ? (value.at(key) as Json) : undefined;
  if (typeof key === 'number') return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined;
}

function selectByLibrary(path: string): Select {
  return function selectList(value) {
    if (value === null || typeof value !== 'object') return undefined;
    return JSONPath({ path, json: value, wrap: true, eval: false }) as Json;
  };
}
