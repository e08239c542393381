import type { Segment } from './jsonpath-query.ts';

const SIMPLE = /^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:0|[1-9][0-9]{0,8})\])*$/;
const PART = /\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]/g;

/**
 * The segments of a path of names and indices alone, as the parser of RFC 9535 would give them; nearly
 * all paths are of this kind, and need no parser. Undefined for any other.
 */
export function readSimple(path: string): readonly Segment[] | undefined {
  if (!SIMPLE.test(path)) return undefined;
  return [...path.matchAll(PART)].map(([, name, index]) =>
    name === undefined ? { kind: 'index', index: Number(index) } : { kind: 'name', name },
  );
}
