import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Json } from '../plan/plan.ts';
import { decodeText } from './text.ts';
import { checkSize, createCount, DEEPEST, tooDeep, unreadable } from './unreadable.ts';

export function readYaml(bytes: Buffer, contentType: string | undefined): Json {
  checkSize('yaml', bytes, 8);
  return parseYaml(decodeText(bytes, contentType, { format: 'yaml', strict: true }));
}

/**
 * The value of the first document: of the core schema of YAML 1.2, so that dates are text and `yes`
 * is, with merge keys; tags add nothing. Numbers that JSON has no word for are null.
 */
export function parseYaml(text: string): Json {
  const document = firstDocument(text);
  if (document === undefined) return null;
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? text.slice(0, error.pos[0]).split('\n').length;
    throw unreadable('yaml', `it is no valid YAML (line ${line})`);
  }
  return toJson(document);
}

function firstDocument(text: string): Document.Parsed | undefined {
  const composer = new Composer({
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  for (const token of new Parser().parse(text)) {
    checkDepth(token);
    for (const document of composer.next(token)) return document;
  }
  for (const document of composer.end()) return document;
  return undefined;
}

/**
 * Before the composer sees it: the parser of tokens does not recurse, the composer does, and runs
 * patterns while at it, which ends the whole process when the stack is short.
 */
function checkDepth(token: CST.Token): void {
  const pending: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.depth > DEEPEST) throw tooDeep('yaml');
    const depth = at.depth + 1;
    const { value, items } = at.token as {
      value?: CST.Token | string;
      items?: { key?: CST.Token | null; value?: CST.Token }[];
    };
    if (typeof value === 'object') pending.push({ token: value, depth });
    for (const item of items ?? []) {
      if (item.key) pending.push({ token: item.key, depth });
      if (item.value) pending.push({ token: item.value, depth });
    }
  }
}

interface Made {
  readonly value: Json;
  readonly size: number;
}

/**
 * Our own walk rather than the library's: it counts what aliases stand for, and finds keys that
 * stand twice in linear time. What an alias gives is shared and must not be changed.
 */
function toJson(document: Document.Parsed): Json {
  const count = createCount('yaml');
  const anchors = new Map<string, Made | undefined>();
  let size = 0;

  function convert(node: Node | null): Json {
    size += 1;
    count();
    if (node === null) return null;
    if (isAlias(node)) return convertAlias(node);
    const { anchor } = node as Scalar;
    if (anchor !== undefined) anchors.set(anchor, undefined);
    const before = size;
    const value = convertNode(node);
    if (anchor !== undefined) anchors.set(anchor, { value, size: size - before + 1 });
    return value;
  }

  function convertAlias(alias: Alias): Json {
    const made = anchors.get(alias.source);
    if (made === undefined) {
      const why = anchors.has(alias.source) ? 'stands inside what it names' : 'names nothing';
      throw unreadable('yaml', `an alias ${why}`);
    }
    size += made.size;
    count(made.size);
    return made.value;
  }

  function convertNode(node: Node): Json {
    if (isScalar(node)) return toScalar(node.value);
    if (isSeq(node)) return node.items.map((item) => convert(item as Node | null));
    return isMap(node) ? convertMap(node) : null;
  }

  function convertMap(map: YAMLMap): Json {
    const fields = new Map<string, Json>();
    const merges: Json[] = [];
    for (const pair of map.items) {
      const key = keyOf(pair.key);
      const value = convert(pair.value as Node | null);
      if (key === '<<' && (pair.key as Scalar).type === 'PLAIN') merges.push(value);
      else if (fields.has(key)) throw unreadable('yaml', 'a key stands twice in one mapping');
      else fields.set(key, value);
    }
    for (const merge of merges) mergeInto(fields, merge);
    return Object.fromEntries(fields);
  }

  function mergeInto(fields: Map<string, Json>, merge: Json): void {
    for (const source of Array.isArray(merge) ? (merge as readonly Json[]) : [merge]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw unreadable('yaml', 'a merge key "<<" stands for something that is no mapping');
      }
      for (const [key, value] of Object.entries(source)) {
        count();
        if (!fields.has(key)) fields.set(key, value);
      }
    }
  }

  return convert(document.contents);
}

function keyOf(key: unknown): string {
  if (key === null) return '';
  if (isScalar(key)) return key.value === null ? '' : String(key.value);
  throw unreadable('yaml', 'a key of a mapping is itself a list, a mapping or an alias');
}

function toScalar(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}
