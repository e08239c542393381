import { isRecord } from '../json.ts';
import type { Json, Scope } from '../plan/plan.ts';
import type { OutputShape, OutputSource } from './output-shape.ts';
import { type Coerce, coercionOf, cut } from './output-types.ts';

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

/** `around` is what stands around the value: the answer, an object, an element of a list. */
export type Read = (around: Json | undefined, scope: Scope) => Json | undefined;

export interface Source {
  readonly read: Read;
  /** Whether it always gives a list, of whatever a path found. */
  readonly gathers: boolean;
  readonly holder?: (value: Json) => Json | undefined;
}

const NOTHING: Source = { read: () => undefined, gathers: false };

/** Where the value of a shape comes from. */
export function compileSource(shape: OutputShape, options: OutputOptions): Source {
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

/** Makes a value what a shape without fields or items declares it to be. */
export function scalarCoercion(shape: OutputShape, options: OutputOptions): Coerce {
  const { type, maxLength } = shape;
  if (type === 'any' || type === 'object' || type === 'array') {
    return (value) => cut(value ?? null, maxLength);
  }
  const coerce = coercionOf(type, options.unlisted ?? false);
  return maxLength === undefined ? coerce : (value) => cut(coerce(value), maxLength);
}
