import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { FindingCode } from './finding.ts';
import { pointerOf } from './source.ts';
import type { Spot, SpotEntry } from './spot.ts';
import { createWords } from './words.ts';
import { yamlLibrary } from './yaml.ts';

/** Nodes that all aliases of a file together may stand for. */
const ALIAS_LIMIT = 250_000;
const DEPTH_LIMIT = 200;

export type Report = (code: FindingCode, offset: number, pointer: string, message: string) => void;

/** A plain value with the places of its parts. */
export interface Part {
  readonly value: unknown;
  readonly spot: Spot;
}

interface Merge {
  readonly node: Node;
  readonly part: Part;
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
): Part {
  const { isAlias, isMap, isScalar } = yamlLibrary();
  const anchors = new Map<string, Node>();
  const done = new Map<Node, { part: Part; size: number }>();
  const ownWord = createWords();
  let expanded = 0;
  let size = 0;
  let stopped = false;

  const stop = (code: FindingCode, node: Node, pointer: string, message: string): Part => {
    if (!stopped) report(code, startOf(node), pointer, message);
    stopped = true;
    return nothing(node);
  };

  function convert(node: Node | null, pointer: string, depth: number): Part {
    if (stopped || node === null) return nothing(node);
    size += 1;
    if (isAlias(node)) return convertAlias(node, pointer);
    const { anchor } = node as Scalar;
    if (anchor !== undefined) anchors.set(anchor, node);
    if (!isScalar(node) && depth > DEPTH_LIMIT) {
      const message = `The text is nested more than ${DEPTH_LIMIT} levels deep.`;
      return stop('YAML_SYNTAX', node, pointer, message);
    }
    const before = size + expanded;
    const part = convertNode(node, pointer, depth);
    if (anchor !== undefined) done.set(node, { part, size: size + expanded - before + 1 });
    return part;
  }

  function convertNode(node: Node, pointer: string, depth: number): Part {
    if (isMap(node)) return convertMap(node, pointer, depth);
    if (!isScalar(node)) return convertSeq(node as YAMLSeq, pointer, depth);
    const blank = node.range?.[0] === node.range?.[1];
    const value = typeof node.value === 'string' ? ownWord(node.value) : node.value;
    return { value, spot: { offset: startOf(node), blank } };
  }

  function convertAlias(alias: Alias, pointer: string): Part {
    const target = anchors.get(alias.source);
    if (target === undefined) {
      const message =
        `"*${alias.source}" is an alias, but no anchor "&${alias.source}" stands before it. ` +
        'Define the anchor, or put the value in quotes when the asterisk belongs to it.';
      report('YAML_SYNTAX', startOf(alias), pointer, message);
      return nothing(alias);
    }
    const known = done.get(target);
    if (known === undefined) {
      const message = `The alias "*${alias.source}" stands inside what it names, so it has no end.`;
      return stop('YAML_ALIAS_BOMB', alias, pointer, message);
    }
    return withinLimit(known.size, alias, pointer) ? known.part : nothing(alias);
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

  function convertSeq(seq: YAMLSeq, pointer: string, depth: number): Part {
    const parts = seq.items.map((item, index) =>
      convert(item as Node | null, pointerOf(pointer, index), depth + 1),
    );
    const items = parts.map(({ spot }) => spot);
    return {
      value: parts.map(({ value }) => value),
      spot: { offset: startOf(seq), items },
    };
  }

  function convertMap(map: YAMLMap, pointer: string, depth: number): Part {
    const value: Record<string, unknown> = {};
    const entries = new Map<string, SpotEntry>();
    const merges: Merge[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      if (isMergeKey(pair.key)) {
        const part = convert(pair.value, pointerOf(pointer, '<<'), depth + 1);
        merges.push({ node: pair.key, part });
        continue;
      }
      if (!isScalar(pair.key)) continue;
      const key = String(pair.key.value);
      const here = pointerOf(pointer, key);
      const offset = startOf(pair.key);
      if (isRefused(key, entries.get(key)?.key, offset, here)) continue;
      const part = convert(pair.value, here, depth + 1);
      value[key] = part.value;
      entries.set(key, { key: offset, value: part.spot });
    }
    for (const merge of merges) mergeInto(value, entries, merge, pointer);
    return { value, spot: { offset: startOf(map), entries } };
  }

  function isRefused(
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
    entries: Map<string, SpotEntry>,
    { node, part }: Merge,
    pointer: string,
  ): void {
    const list = Array.isArray(part.value)
      ? part.value.map((item: unknown, index) => ({ value: item, spot: part.spot.items?.[index] }))
      : [part];
    for (const { value: source, spot } of list) {
      if (stopped) return;
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        const message = 'A merge key "<<" takes a mapping, an alias of one, or a list of those.';
        report('YAML_SYNTAX', startOf(node), pointer, message);
        return;
      }
      const keys = Object.keys(source);
      if (!withinLimit(keys.length, node, pointer)) return;
      for (const key of keys) {
        if (Object.hasOwn(value, key)) continue;
        value[key] = (source as Record<string, unknown>)[key];
        const entry = spot?.entries?.get(key);
        if (entry !== undefined) entries.set(key, entry);
      }
    }
  }

  return convert(root, '', 0);
}

/** `<<` without quotes, which takes over the pairs of another mapping. */
const isMergeKey = (key: unknown): boolean =>
  yamlLibrary().isScalar(key) && key.value === '<<' && key.type === 'PLAIN';

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;

const nothing = (node: Node | null): Part => ({
  value: null,
  spot: { offset: startOf(node), blank: true },
});
