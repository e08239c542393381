import { pointerOf } from '../document/source.ts';
import { isRecord } from '../json.ts';
import type { Json, JsonSchema } from '../plan/plan.ts';

/** A schema within another, and where it stands. */
interface Placed {
  readonly schema: JsonSchema;
  /** From the root; '' is the root itself. */
  readonly pointer: string;
  readonly depth: number;
}

const BY_NAME = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SINGLE = [
  ...['items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'],
];
/** Keywords whose schemas judge the same value as the one they stand in. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

/** Every schema in a schema, itself first. What an enum, a default or an example holds is none. */
export function* eachSchema(schema: Json, pointer: string, depth = 0): Generator<Placed> {
  if (!isRecord(schema)) return;
  yield { schema, pointer, depth };
  for (const [keyword, at, inner] of inside(schema)) {
    yield* eachSchema(inner, `${pointerOf(pointer, keyword)}${at}`, depth + 1);
  }
}

function* inside(schema: JsonSchema): Generator<readonly [keyword: string, at: string, Json]> {
  for (const keyword of BY_NAME) {
    const members = schema[keyword];
    if (!isRecord(members)) continue;
    for (const [name, inner] of Object.entries(members)) {
      yield [keyword, pointerOf('', name), inner];
    }
  }
  for (const keyword of LISTS) {
    const items = schema[keyword];
    if (!Array.isArray(items)) continue;
    for (const [at, inner] of items.entries()) yield [keyword, pointerOf('', at), inner];
  }
  for (const keyword of SINGLE) {
    if (isRecord(schema[keyword])) yield [keyword, '', schema[keyword]];
  }
}

export const refersOutside = (ref: string): boolean => !ref.startsWith('#');

/** What a reference within `root` names; undefined when there is nothing. */
export function targetOf(root: JsonSchema, ref: string): Json | undefined {
  let fragment: string;
  try {
    fragment = decodeURIComponent(ref.slice(1));
  } catch {
    return undefined;
  }
  if (fragment === '') return root;
  if (!fragment.startsWith('/')) return anchored(root, fragment);
  let found: Json | undefined = root;
  for (const token of fragment.slice(1).split('/')) {
    const key = token.replace(/~1/g, '/').replace(/~0/g, '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as { readonly [key: string]: Json })[key];
  }
  return isRecord(found) || typeof found === 'boolean' ? found : undefined;
}

function anchored(root: JsonSchema, name: string): Json | undefined {
  for (const { schema } of eachSchema(root, '')) {
    if (schema.$anchor === name || schema.$dynamicAnchor === name) return schema;
  }
  return undefined;
}

/** A schema and those that judge the same value with it, references followed. */
export function sameValueSchemas(root: JsonSchema): readonly Placed[] {
  const found = new Map<JsonSchema, Placed>();
  const visit = (schema: Json | undefined, pointer: string): void => {
    if (!isRecord(schema) || found.has(schema)) return;
    found.set(schema, { schema, pointer, depth: 0 });
    for (const [keyword, at, inner] of inside(schema)) {
      if (SAME_VALUE.includes(keyword)) visit(inner, `${pointerOf(pointer, keyword)}${at}`);
    }
    if (typeof schema.$ref === 'string') {
      visit(targetOf(root, schema.$ref), pointerOf(pointer, '$ref'));
    }
  };
  visit(root, '');
  return [...found.values()];
}

/** The pointer of a schema that is reached from itself without going into the value. */
export function circularRef(root: JsonSchema): string | undefined {
  const done = new Set<Json>();
  const running = new Set<Json>();

  function isCircular(schema: Json | undefined): boolean {
    if (!isRecord(schema) || done.has(schema)) return false;
    if (running.has(schema)) return true;
    running.add(schema);
    const same = Array.from(inside(schema)).filter(([keyword]) => SAME_VALUE.includes(keyword));
    const inner: (Json | undefined)[] = same.map(([, , each]) => each);
    for (const keyword of ['$ref', '$dynamicRef']) {
      const ref = schema[keyword];
      if (typeof ref === 'string') inner.push(targetOf(root, ref));
    }
    const found = inner.some(isCircular);
    running.delete(schema);
    done.add(schema);
    return found;
  }

  for (const { schema, pointer } of eachSchema(root, '')) {
    if (isCircular(schema)) return pointer;
  }
  return undefined;
}

/**
 * The schema with each local reference replaced by what it names, for clients that follow none. What
 * refers to itself stays, with what it needs of $defs.
 */
export function inlineRefs(root: JsonSchema): JsonSchema {
  const recursive = recursiveTargets(root);
  let written = 0;

  function inlined(value: Json): Json {
    written += 1;
    if (written > MOST_WRITTEN) return value;
    if (Array.isArray(value)) return value.map(inlined);
    if (!isRecord(value)) return value;
    const { $ref, ...rest } = value;
    const members = Object.fromEntries(
      Object.entries(rest)
        .filter(([keyword]) => keyword !== '$defs' && keyword !== 'definitions')
        .map(([keyword, member]) => [keyword, isData(keyword) ? member : inlined(member)]),
    );
    if (typeof $ref !== 'string') return members;
    const target = targetOf(root, $ref);
    if (target === undefined || recursive.has(target)) return { ...members, $ref };
    const whole = inlined(target);
    if (Object.keys(members).length === 0 || !isRecord(whole)) return whole;
    const clashes = Object.keys(members).some((keyword) => Object.hasOwn(whole, keyword));
    const told = Object.keys(members).every((keyword) => ANNOTATIONS.has(keyword));
    return !clashes || told ? { ...whole, ...members } : { ...members, allOf: [whole] };
  }

  const out = inlined(root) as JsonSchema;
  if (written > MOST_WRITTEN) return root;
  if (recursive.size === 0) return withoutAnchors(out);
  const kept = (['$defs', 'definitions'] as const).flatMap((keyword) =>
    root[keyword] === undefined ? [] : [[keyword, root[keyword]] as const],
  );
  return { ...out, ...Object.fromEntries(kept) };
}

/** References to references double what is written; beyond this the schema is better as it is. */
const MOST_WRITTEN = 10_000;

const ANNOTATIONS: ReadonlySet<string> = new Set('title description default examples'.split(' '));
const isData = (keyword: string): boolean =>
  ['enum', 'const', 'default', 'examples', 'required'].includes(keyword);

/** Two copies of one anchor would be a mistake, and nothing refers to them any more. */
function withoutAnchors(value: JsonSchema): JsonSchema {
  const strip = (each: Json): Json => {
    if (Array.isArray(each)) return each.map(strip);
    if (!isRecord(each)) return each;
    return Object.fromEntries(
      Object.entries(each)
        .filter(([keyword, member]) => keyword !== '$anchor' || typeof member !== 'string')
        .map(([keyword, member]) => [keyword, isData(keyword) ? member : strip(member)]),
    );
  };
  return strip(value) as JsonSchema;
}

/** Schemas that refer to themselves, in however many steps. */
function recursiveTargets(root: JsonSchema): ReadonlySet<Json> {
  const reaches = (from: Json, wanted: Json, seen: Set<Json>): boolean => {
    for (const { schema } of eachSchema(from, '')) {
      const target = typeof schema.$ref === 'string' ? targetOf(root, schema.$ref) : undefined;
      if (target === undefined || seen.has(target)) continue;
      if (target === wanted) return true;
      seen.add(target);
      if (reaches(target, wanted, seen)) return true;
    }
    return false;
  };
  const targets = new Set<Json>();
  for (const { schema } of eachSchema(root, '')) {
    const target = typeof schema.$ref === 'string' ? targetOf(root, schema.$ref) : undefined;
    if (target !== undefined && reaches(target, target, new Set())) targets.add(target);
  }
  return targets;
}
