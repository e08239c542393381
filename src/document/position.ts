import type { Alias, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import { isAlias, isCollection, isMap, isScalar, isSeq } from 'yaml';
import { tokensOf } from './prune.ts';
import type { Position, Source } from './source.ts';

/** Where an alias leads: known after the document was converted. */
export type AliasTargets = ReadonlyMap<Alias, Node>;

/** A source whose positions are looked up in the syntax tree when they are asked for. */
export function createSource(
  path: string,
  text: string,
  root: Node | null,
  lines: LineCounter,
  aliases: AliasTargets,
): Source {
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();

  function pairOf(map: YAMLMap, key: string): Pair | undefined {
    let index = indexes.get(map);
    if (index === undefined) {
      index = indexPairs(map, aliases);
      indexes.set(map, index);
    }
    return index.get(key);
  }

  function position(pointer: string, at: 'key' | 'value' = 'value'): Position {
    let node = follow(root, aliases);
    let key: Node | null = null;
    let complete = true;
    for (const token of tokensOf(pointer)) {
      const pair: Pair | undefined = isMap(node) ? pairOf(node, token) : undefined;
      const item = isSeq(node) && /^\d+$/.test(token) ? node.items[Number(token)] : undefined;
      if (pair === undefined && item === undefined) {
        complete = false;
        break;
      }
      key = (pair?.key ?? null) as Node | null;
      node = follow((pair === undefined ? item : pair.value) as Node | null, aliases);
    }
    const blank = node === null || (isScalar(node) && node.source === '');
    const shown = key !== null && (blank || (complete && at === 'key')) ? key : node;
    return place(lines, shown?.range?.[0] ?? key?.range?.[0] ?? 0);
  }

  return { path, text, position };
}

/** Line and column of an offset, both from 1. */
export function place(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function follow(node: Node | null, aliases: AliasTargets): Node | null {
  return isAlias(node) ? (aliases.get(node) ?? node) : node;
}

function indexPairs(map: YAMLMap, aliases: AliasTargets): Map<string, Pair> {
  const index = new Map<string, Pair>();
  const merged: Pair[] = [];
  for (const pair of map.items) {
    if (isMergeKey(pair.key)) merged.push(...mergedPairs(pair.value as Node | null, aliases));
    else if (isScalar(pair.key)) index.set(String(pair.key.value), pair);
  }
  for (const pair of merged) {
    if (isScalar(pair.key) && !index.has(String(pair.key.value)))
      index.set(String(pair.key.value), pair);
  }
  return index;
}

function mergedPairs(value: Node | null, aliases: AliasTargets): readonly Pair[] {
  const node = follow(value, aliases);
  if (isMap(node)) return node.items;
  if (!isCollection(node)) return [];
  return node.items.flatMap((item) => {
    const source = follow(item as Node | null, aliases);
    return isMap(source) ? source.items : [];
  });
}

/** `<<` without quotes, which takes over the pairs of another mapping. */
export const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
