import type { Json } from '../plan/plan.ts';

/** A member's name or an item's index; a negative index counts from the end. */
export type Key = string | number;

/** The keys of a container that a wildcard, a slice or a union means, in order. */
export type Each = (container: Json) => readonly Key[];

export interface Segment {
  /** As written. */
  readonly source: string;
  /** After `..`: at every depth. */
  readonly deep: boolean;
  readonly keys: Key | Each;
}

const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const SELECTOR = String.raw`(?:${QUOTED}|-?\d*:-?\d*(?::-?\d*)?|-?\d+|\*)`;
const SELECTORS = new RegExp(SELECTOR, 'g');
/** One segment: `.name`, `.*` or `[selectors]`, each also after `..`. */
const SEGMENT = new RegExp(
  String.raw`(\.\.?)([^.[\]*()?,'"]+|\*)|(?:\.\.)?\[\s*(${SELECTOR}(?:\s*,\s*${SELECTOR})*)\s*\]`,
  'y',
);

/** The segments of a JSONPath after its `$`, or the end of a sentence saying why it cannot be read. */
export function readSegments(text: string): readonly Segment[] | string {
  const segments: Segment[] = [];
  for (let at = 0; at < text.length; at = SEGMENT.lastIndex) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    const name = match?.[2]?.trim();
    if (match === null || name === '') return whyUnreadable(text);
    const [source] = match;
    segments.push({
      source,
      deep: source.startsWith('..'),
      keys: name === undefined ? keysOf(match[3] as string) : name === '*' ? allKeys : name,
    });
  }
  return segments;
}

function whyUnreadable(text: string): string {
  const outside = text.replace(new RegExp(QUOTED, 'g'), '');
  if (outside.includes('?')) return 'uses a filter, which is not served yet';
  if (outside.includes('(')) return 'uses a function, which is not served yet';
  return "cannot be read: write members as $.name or $['name'], items as $[0]";
}

function keysOf(selectors: string): Key | Each {
  const all = (selectors.match(SELECTORS) as string[]).map(keyOf);
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  return (container) => all.flatMap((key) => (typeof key === 'function' ? key(container) : key));
}

function keyOf(selector: string): Key | Each {
  if (selector === '*') return allKeys;
  if (/^['"]/.test(selector)) return selector.slice(1, -1).replace(/\\(.)/g, '$1');
  return selector.includes(':') ? sliceOf(selector) : Number(selector);
}

const allKeys: Each = (container) =>
  Array.isArray(container) ? [...container.keys()] : Object.keys(container as object);

/** RFC 9535 section 2.3.4: `start:end:step`, counted from the end when negative. */
function sliceOf(selector: string): Each {
  const [start, end, step = 1] = selector
    .split(':')
    .map((text) => (text === '' ? undefined : Number(text)));
  return function sliceKeys(container) {
    if (!Array.isArray(container) || step === 0) return [];
    const { length } = container;
    const place = (index: number): number => (index < 0 ? length + index : index);
    const keys: number[] = [];
    if (step > 0) {
      const to = Math.min(length, place(end ?? length));
      for (let at = Math.max(0, place(start ?? 0)); at < to; at += step) keys.push(at);
    } else {
      const to = end === undefined ? -1 : Math.max(-1, place(end));
      for (let at = Math.min(length - 1, place(start ?? length - 1)); at > to; at += step)
        keys.push(at);
    }
    return keys;
  };
}
