import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar } from 'yaml';
import type { FindingCode } from './finding.ts';
import type { AliasTargets } from './position.ts';
import { isMergeKey } from './position.ts';
import { pointerOf } from './source.ts';

/** Nodes that all aliases of a file together may stand for. */
const ALIAS_LIMIT = 250_000;
const DEPTH_LIMIT = 200;

export type Report = (code: FindingCode, offset: number, pointer: string, message: string) => void;

export interface Converted {
  readonly value: unknown;
  readonly aliases: AliasTargets;
}

/**
 * Turns a syntax tree into a plain value. Our own walk rather than the library's: it finds duplicate
 * keys in linear time, counts what aliases stand for before anything is copied, and knows the place
 * of everything it refuses. What one alias gives is one shared object, so it must not be changed.
 */
export function toValue(
  root: Node | null,
  lineOf: (offset: number) => number,
  report: Report,
): Converted {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  const done = new Map<Node, { value: unknown; size: number }>();
  let expanded = 0;
  let size = 0;
  let stopped = false;

  const stop = (code: FindingCode, node: Node, pointer: string, message: string): null => {
    if (!stopped) report(code, startOf(node), pointer, message);
    stopped = true;
    return null;
  };

  function convert(node: Node | null, pointer: string, depth: number): unknown {
    if (stopped || node === null) return null;
    size += 1;
    if (isAlias(node)) return convertAlias(node, pointer);
    const anchor = (node as Scalar).anchor;
    if (anchor !== undefined) anchors.set(anchor, node);
    if (isScalar(node)) return keep(node, anchor, node.value, 1);
    if (depth > DEPTH_LIMIT) {
      const message = `The text is nested more than ${DEPTH_LIMIT} levels deep.`;
      return stop('YAML_SYNTAX', node, pointer, message);
    }
    const before = size + expanded;
    const value = isMap(node)
      ? convertMap(node, pointer, depth)
      : convertSeq(node as YAMLSeq, pointer, depth);
    return keep(node, anchor, value, size + expanded - before + 1);
  }

  function keep(node: Node, anchor: string | undefined, value: unknown, count: number): unknown {
    if (anchor !== undefined) done.set(node, { value, size: count });
    return value;
  }

  function convertAlias(alias: Alias, pointer: string): unknown {
    const target = anchors.get(alias.source);
    if (target === undefined) {
      const message =
        `"*${alias.source}" is an alias, but no anchor "&${alias.source}" stands before it. ` +
        'Define the anchor, or put the value in quotes when the asterisk belongs to it.';
      report('YAML_SYNTAX', startOf(alias), pointer, message);
      return null;
    }
    aliases.set(alias, target);
    const known = done.get(target);
    if (known === undefined) {
      const message = `The alias "*${alias.source}" stands inside what it names, so it has no end.`;
      return stop('YAML_ALIAS_BOMB', alias, pointer, message);
    }
    return withinLimit(known.size, alias, pointer) ? known.value : null;
  }

  function withinLimit(count: number, node: Node, pointer: string): boolean {
    expanded += count;
    if (expanded <= ALIAS_LIMIT) return true;
    const message =
      `The aliases up to here stand for more than ${ALIAS_LIMIT.toLocaleString('en')} values, ` +
      'which is more than a capability needs. Write less by aliases of aliases.';
    stop('YAML_ALIAS_BOMB', node, pointer, message);
    return false;
  }

  function convertSeq(seq: YAMLSeq, pointer: string, depth: number): unknown {
    return seq.items.map((item, index) =>
      convert(item as Node | null, pointerOf(pointer, index), depth + 1),
    );
  }

  function convertMap(map: YAMLMap, pointer: string, depth: number): unknown {
    const value: Record<string, unknown> = {};
    const first = new Map<string, number>();
    const merges: { node: Node; value: unknown }[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      if (isMergeKey(pair.key)) {
        const merged = convert(pair.value, pointerOf(pointer, '<<'), depth + 1);
        merges.push({ node: pair.key, value: merged });
        continue;
      }
      if (!isScalar(pair.key)) continue;
      const key = String(pair.key.value);
      const here = pointerOf(pointer, key);
      const offset = startOf(pair.key);
      if (refusedKey(key, first.get(key), offset, here)) continue;
      first.set(key, offset);
      value[key] = convert(pair.value, here, depth + 1);
    }
    for (const merge of merges) mergeInto(value, merge, pointer);
    return value;
  }

  function refusedKey(
    key: string,
    first: number | undefined,
    offset: number,
    pointer: string,
  ): boolean {
    if (first !== undefined) {
      const message =
        `The key "${key}" already stands in line ${lineOf(first)} of the same mapping. ` +
        'Keep one of the two.';
      report('YAML_DUPLICATE_KEY', offset, pointer, message);
    } else if (key === '__proto__') {
      report('YAML_SYNTAX', offset, pointer, 'The key "__proto__" cannot be used. Rename it.');
    } else return false;
    return true;
  }

  function mergeInto(
    value: Record<string, unknown>,
    merge: { node: Node; value: unknown },
    pointer: string,
  ): void {
    const sources = Array.isArray(merge.value) ? merge.value : [merge.value];
    for (const source of sources) {
      if (stopped) return;
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        const message = 'A merge key "<<" takes a mapping, an alias of one, or a list of those.';
        report('YAML_SYNTAX', startOf(merge.node), pointer, message);
        return;
      }
      const keys = Object.keys(source);
      if (!withinLimit(keys.length, merge.node, pointer)) return;
      for (const key of keys) {
        if (!Object.hasOwn(value, key)) value[key] = (source as Record<string, unknown>)[key];
      }
    }
  }

  return { value: convert(root, '', 0), aliases };
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;
