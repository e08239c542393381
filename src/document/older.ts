import { isRecord } from '../json.ts';
/** A document in the spelling that is served, of one that differs by names. */
export interface Respelled {
  readonly value: Readonly<Record<string, unknown>>;
  /** What was renamed, each a clause: `"display" is "label"`. */
  readonly renamed: readonly string[];
  /** JSON pointer to the first part that differs by more than a name, and what to write. */
  readonly restructured?: { readonly pointer: string; readonly mend: string };
}

type Mapping = Readonly<Record<string, unknown>>;

/** Parts that hold the author's own keys. */
const OWN_KEYS = new Set([
  ...['data', 'body', 'with', 'headers', 'keys', 'value', 'const', 'default'],
  ...['inputSchema', 'outputSchema', 'schema'],
]);

const LISTS = new Set([
  'resources',
  'operations',
  'tools',
  'prompts',
  'skills',
  'steps',
  'functions',
  'inputParameters',
  'outputParameters',
]);

/** Reads the spellings of earlier and later versions: renames what is only renamed, finds what is not. */
export function respell(document: Mapping): Respelled {
  const renamed = new Set<string>();
  let restructured: Respelled['restructured'];

  function keyOf(key: string, parent: Mapping, list: string): string {
    const name = newName(key, parent, list);
    if (name === undefined || Object.hasOwn(parent, name)) return key;
    renamed.add(`"${key}" is "${name}"`);
    return name;
  }

  function respelledValue(key: string, value: unknown, list: string): unknown {
    if (key !== 'type' || list !== 'exposes' || value !== 'api') return value;
    renamed.add('"type: api" is "type: rest"');
    return 'rest';
  }

  /** @param list the list that the part is an entry of */
  function walk(part: unknown, pointer: string, list: string): unknown {
    if (Array.isArray(part))
      return part.map((item, index) => walk(item, `${pointer}/${index}`, list));
    if (typeof part !== 'object' || part === null) return part;
    const mapping = part as Mapping;
    return Object.fromEntries(
      Object.entries(mapping).map(([written, value]) => {
        const key = keyOf(written, mapping, list);
        if (OWN_KEYS.has(key) || key === 'properties' || key.startsWith('x-')) return [key, value];
        const at = `${pointer}/${written.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const isMapping = isRecord(value);
        if (LISTS.has(key) && isMapping) {
          restructured ??= {
            pointer: at,
            mend: `"${written}" is a mapping by name there; write it as a list whose entries have the key "name"`,
          };
        }
        return [key, respelledValue(key, walk(value, at, key), list)];
      }),
    );
  }

  if (Object.hasOwn(document, 'externalRefs') || hasRefs(document.capability)) {
    const under = Object.hasOwn(document, 'externalRefs') ? '' : '/capability';
    const mend = 'write "externalRefs" as "binds", each with namespace, location and keys';
    restructured = { pointer: `${under}/externalRefs`, mend };
  }
  const value = walk(document, '', '') as Mapping;
  return {
    value,
    renamed: [...renamed],
    ...(restructured === undefined ? {} : { restructured }),
  };
}

const hasRefs = (capability: unknown): boolean =>
  typeof capability === 'object' &&
  capability !== null &&
  Object.hasOwn(capability, 'externalRefs');

function newName(key: string, parent: Mapping, list: string): string | undefined {
  if (key === 'display') return 'label';
  if (key === 'flows' && list === 'aggregates') return 'functions';
  if (key === 'target' && list === 'mappings') return 'targetName';
  if (key === 'from' && list === 'consumes' && Object.hasOwn(parent, 'import')) return 'location';
  return undefined;
}
