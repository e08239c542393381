import { isRecord } from '../json.ts';
import type { Json, Scope } from '../plan/plan.ts';
import {
  isFixed,
  type OutputParameterLike,
  type OutputShape,
  type OutputSource,
  toShapes,
} from './output-shape.ts';
import { type Coerce, coercionOf, cut } from './output-types.ts';

export { outputJsonSchema, unwrappedSchema } from './output-schema.ts';
export { isWholePayload } from './output-shape.ts';

/** A path, compiled; or why not, as the end of a sentence that begins with "The path". */
export type CompilePath = (path: string) =>
  | {
      readonly select: (value: Json) => Json | undefined;
      readonly singular: boolean;
      /** What holds the place that a singular path names. */
      readonly holder?: (value: Json) => Json | undefined;
    }
  | { readonly why: string };

/** A value known at load, or read from the scope of each request. */
export type OutputValue =
  | { readonly constant: unknown }
  | { readonly read: (scope: Scope) => unknown };

export type OutputFinding = 'JSONPATH_INVALID' | 'VALUE_WRONG_TYPE';

export interface OutputOptions {
  /** Of the list of output parameters. */
  readonly pointer: string;
  readonly compilePath: CompilePath;
  /** A literal or template; undefined when what is wrong with it was reported already. */
  readonly compileValue: (value: unknown, pointer: string) => OutputValue | undefined;
  readonly report: (code: OutputFinding, pointer: string, message: string) => void;
  /** No upstream: every `value` is a value, and a list of fixed items has one element. */
  readonly mock?: boolean;
  /** The format cannot tell an element that stands alone from a list of one (`isUnlisted`). */
  readonly unlisted?: boolean;
}

/** Shapes the tree of an answer, or the object that steps were mapped to. */
export type ShapeOutput = (value: Json, scope: Scope) => Json;

/**
 * Compiles the output parameters of one operation. Named ones are the fields of an object; of others
 * the first that is not null is the result. Paths inside an object or a list are relative to what its
 * own mapping gives; an object without one is made of what stands around it when its fields say where
 * they come from, and is the field of its name otherwise. What is missing, or cannot be of the
 * declared type, is null.
 */
export function compileOutputTree(
  parameters: readonly OutputParameterLike[],
  options: OutputOptions,
): ShapeOutput {
  const shapes = compileShapes(
    toShapes(parameters, options.pointer, options.mock ?? false),
    options,
  );
  return function shapeOutput(value, scope) {
    for (const shape of shapes) {
      const shaped = shape(value, scope);
      if (shaped !== null) return shaped;
    }
    return null;
  };
}

/** `around` is what stands around the value: the answer, an object, an element of a list. */
type Shaper = (around: Json | undefined, scope: Scope) => Json;
type Read = (around: Json | undefined, scope: Scope) => Json | undefined;
interface Source {
  readonly read: Read;
  /** Whether it always gives a list, of whatever a path found. */
  readonly gathers: boolean;
  readonly holder?: (value: Json) => Json | undefined;
}

const NOTHING: Source = { read: () => undefined, gathers: false };

// A function by itself, as is what else walks over shapes: what is kept of `options`, by any function
// beside one that shapes, keeps the whole file.
const compileShapes = (shapes: readonly OutputShape[], options: OutputOptions): Shaper[] =>
  shapes.map((shape) => compileShape(shape, options));

function compileShape(shape: OutputShape, options: OutputOptions): Shaper {
  const source = compileSource(shape, options);
  if (shape.type === 'array') return compileList(shape, source, options);
  const read = source.gathers && shape.type !== 'any' ? onlyOne(source.read) : source.read;
  if (shape.type === 'object') return compileObject(shape, read, options);
  const coerce = scalarCoercion(shape, options);
  return (around, scope) => coerce(read(around, scope));
}

function scalarCoercion(shape: OutputShape, options: OutputOptions): Coerce {
  const { type, maxLength } = shape;
  if (type === 'any' || type === 'object' || type === 'array') {
    return (value) => cut(value ?? null, maxLength);
  }
  const coerce = coercionOf(type, options.unlisted ?? false);
  return maxLength === undefined ? coerce : (value) => cut(coerce(value), maxLength);
}

/** A path that may find several values gives a single one only when it finds one. */
const onlyOne =
  (read: Read): Read =>
  (around, scope) => {
    const found = read(around, scope) as readonly Json[] | undefined;
    return found?.length === 1 ? found[0] : undefined;
  };

function compileSource(shape: OutputShape, options: OutputOptions): Source {
  const { source } = shape;
  switch (source.from) {
    case 'around':
      return { read: (around) => around, gathers: false };
    case 'key':
      return { read: (around) => fieldOf(around, source.key), gathers: false };
    case 'path':
      return compilePathSource(source, options);
    case 'value':
      return { read: compileValueSource(shape, source, options), gathers: false };
  }
}

const fieldOf = (around: Json | undefined, key: string): Json | undefined =>
  isRecord(around) && Object.hasOwn(around, key) ? around[key] : undefined;

function compilePathSource(
  source: Extract<OutputSource, { from: 'path' }>,
  options: OutputOptions,
): Source {
  const compiled =
    typeof source.path === 'string'
      ? options.compilePath(source.path)
      : { why: 'of this output is not text' };
  if ('why' in compiled) {
    options.report('JSONPATH_INVALID', source.at, `The path ${compiled.why}.`);
    return NOTHING;
  }
  const { select, singular, holder } = compiled;
  return {
    read: (around) => (around === undefined ? undefined : select(around)),
    gathers: !singular,
    ...(holder === undefined ? {} : { holder }),
  };
}

function compileValueSource(
  shape: OutputShape,
  source: Extract<OutputSource, { from: 'value' }>,
  options: OutputOptions,
): Read {
  const value =
    source.literal === true
      ? { constant: source.value }
      : options.compileValue(source.value, source.at);
  if (value === undefined) return NOTHING.read;
  const structured = shape.type === 'object' || shape.type === 'array';
  if ('read' in value) return (_, scope) => toJson(value.read(scope), structured);
  const constant = toJson(value.constant, structured);
  if (constant !== null && !fits(shape, constant, options)) {
    options.report(
      'VALUE_WRONG_TYPE',
      source.at,
      `This value is declared to be of type ${shape.type}, which it cannot be. Mend one of the two.`,
    );
  }
  return () => constant;
}

function fits(shape: OutputShape, value: Json | undefined, options: OutputOptions): boolean {
  if (shape.type === 'object') return isRecord(value);
  if (shape.type === 'array') return Array.isArray(value);
  return scalarCoercion(shape, options)(value) !== null;
}

/** What a literal or template gave: checked JSON text that was handed on unread is read now. */
function toJson(value: unknown, structured: boolean): Json | undefined {
  if (value === undefined) return undefined;
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : value;
  if (typeof text !== 'string' || !(structured || Buffer.isBuffer(value))) return text as Json;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function compileObject(shape: OutputShape, read: Read, options: OutputOptions): Shaper {
  const { properties, values, source } = shape;
  if (properties !== undefined) {
    const names = properties.map(([name]) => name);
    const shapers = compileShapes(shapesOf(properties), options);
    const blank: Record<string, Json> = Object.fromEntries(names.map((name) => [name, null]));
    const fixed = source.from === 'around' && isFixed(shape);
    return function shapeObject(around, scope) {
      const from = read(around, scope);
      const readable = isRecord(from) || (source.from === 'around' && Array.isArray(from));
      if (!readable && !fixed) return null;
      // Every object of it has the same fields, so they are there before they are filled.
      const object = { ...blank };
      for (let at = 0; at < names.length; at += 1) {
        object[names[at] as string] = (shapers[at] as Shaper)(from, scope);
      }
      return object;
    };
  }
  const each = values === undefined ? undefined : compileShape(values, options);
  return function shapeMap(around, scope) {
    const from = read(around, scope);
    if (!isRecord(from)) return null;
    if (each === undefined) return from;
    return Object.fromEntries(
      Object.entries(from).map(([name, value]) => [name, each(value, scope)]),
    );
  };
}

function compileList(shape: OutputShape, source: Source, options: OutputOptions): Shaper {
  const { items } = shape;
  const each = items === undefined ? undefined : compileShape(items, options);
  const listOf =
    options.unlisted === true
      ? unlistedOf(source, items === undefined ? () => true : finderOf(items, options))
      : listIn(source.read);
  const fixed =
    options.mock === true && each !== undefined && items !== undefined && isFixed(items);
  return function shapeList(around, scope) {
    const list = listOf(around, scope) ?? (fixed ? [null] : undefined);
    if (list === undefined) return null;
    return each === undefined ? list : list.map((item) => each(item, scope));
  };
}

type ListOf = (around: Json | undefined, scope: Scope) => readonly Json[] | undefined;

const listIn =
  (read: Read): ListOf =>
  (around, scope) => {
    const value = read(around, scope);
    return Array.isArray(value) ? (value as readonly Json[]) : undefined;
  };

/**
 * Elements of one name beside each other are a list, one alone is itself; none in an element without
 * content is an empty list. What a path gathered from several places is one list, as an answer of
 * such a format has no other. A list of all that stands around is of the elements that this wraps,
 * when nothing that an item asks for is found on itself.
 */
function unlistedOf({ read, gathers, holder }: Source, finds: Finds): ListOf {
  return function listOfElements(around, scope) {
    const value = read(around, scope);
    if (Array.isArray(value)) return gathers ? (value.flat() as Json[]) : (value as Json[]);
    if (value === undefined) {
      return around !== undefined && holder?.(around) === '' ? [] : undefined;
    }
    if (value === null) return undefined;
    if (value === '') return [];
    const wrapped = value === around && !finds(value, scope) ? wrappedIn(value) : undefined;
    return wrapped === undefined ? [value] : ([wrapped].flat() as Json[]);
  };
}

/** Whether a value has anything of what a shape asks for. */
type Finds = (value: Json, scope: Scope) => boolean;

function finderOf(shape: OutputShape, options: OutputOptions): Finds {
  const { type, source, properties } = shape;
  if (source.from === 'value') return () => false;
  // What is wrong with a path is reported where it is compiled to be read.
  const { read } = compileSource(shape, { ...options, report: () => {} });
  const inner = properties && findersOf(shapesOf(properties), options);
  const any: Finds =
    inner === undefined
      ? () => type === 'any' || type === 'object'
      : (value, scope) => inner.some((finds) => finds(value, scope));
  return function finds(value, scope) {
    const found = read(value, scope);
    if (found === value) return any(value, scope);
    return Array.isArray(found) ? found.length > 0 : found !== undefined;
  };
}

const findersOf = (shapes: readonly OutputShape[], options: OutputOptions): Finds[] =>
  shapes.map((shape) => finderOf(shape, options));

const shapesOf = (properties: NonNullable<OutputShape['properties']>): OutputShape[] =>
  properties.map(([, property]) => property);

/** The only member of an element, or the only one that is no text: attributes may stand beside it. */
function wrappedIn(value: Json): Json | undefined {
  if (!isRecord(value)) return undefined;
  const members = Object.values(value);
  if (members.length === 1) return members[0];
  const structured = members.filter((member) => typeof member === 'object' && member !== null);
  return structured.length === 1 ? structured[0] : undefined;
}
