import { isRecord } from '../json.ts';
/** An output parameter in the author's words, in any of the forms the language has. */
export interface OutputParameterLike {
  readonly name?: string;
  readonly type?: string;
  readonly description?: string;
  readonly mapping?: unknown;
  readonly value?: unknown;
  readonly const?: unknown;
  readonly properties?: unknown;
  readonly values?: unknown;
  readonly items?: unknown;
  readonly maxLength?: number;
}

export type OutputType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'any';

/** Where a value comes from: `key` is a field of what stands around it, `around` is all of that. */
export type OutputSource =
  | { readonly from: 'path'; readonly path: unknown; readonly at: string }
  | {
      readonly from: 'value';
      readonly value: unknown;
      readonly at: string;
      /** As it stands: tags in it are text. */
      readonly literal?: boolean;
    }
  | { readonly from: 'key'; readonly key: string }
  | { readonly from: 'around' };

/** One output parameter, its spellings folded into one. */
export interface OutputShape {
  readonly pointer: string;
  readonly type: OutputType;
  readonly source: OutputSource;
  readonly description?: string;
  readonly properties?: readonly (readonly [string, OutputShape])[];
  readonly values?: OutputShape;
  readonly items?: OutputShape;
  readonly maxLength?: number;
  /** What the author expects the value to be: told, not enforced. */
  readonly expected?: unknown;
}

/**
 * Folds the output parameters of one operation. All of them named: one object of these fields. Else
 * they are alternatives. `mock` keeps every `value` a value; else one that is a path is a mapping.
 */
export function toShapes(
  parameters: readonly OutputParameterLike[],
  pointer: string,
  mock: boolean,
): readonly OutputShape[] {
  if (parameters.length === 0 || isWholePayload(parameters) || !parameters.every(hasName)) {
    return parameters.map((parameter, index) =>
      toShape(parameter, pointerTo(pointer, index), undefined, mock),
    );
  }
  const properties = parameters.map((parameter, index) => {
    const name = parameter.name as string;
    return [name, toShape(parameter, pointerTo(pointer, index), name, mock)] as const;
  });
  return [{ pointer, type: 'object', source: { from: 'around' }, properties }];
}

const PLAIN: ReadonlySet<unknown> = new Set([undefined, 'object', 'array', 'any']);

/** One output that maps the whole payload and asks nothing of it: the bytes can be handed on unread. */
export function isWholePayload(parameters: readonly OutputParameterLike[]): boolean {
  const [only] = parameters;
  if (only === undefined || parameters.length > 1 || !PLAIN.has(only.type)) return false;
  const path = only.value ?? only.mapping;
  if (typeof path !== 'string' || !/^\$\.?$/.test(path.trim())) return false;
  const { const: constant, values, items, maxLength, properties } = only;
  return [constant, values, items, maxLength, writtenIn(properties)].every(
    (asked) => asked === undefined,
  );
}

/** An empty list of properties asks for nothing. */
const writtenIn = (properties: unknown): object | undefined =>
  typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0
    ? properties
    : undefined;

const hasName = (parameter: OutputParameterLike): boolean =>
  typeof parameter.name === 'string' && parameter.name !== '';

const pointerTo = (pointer: string, ...keys: readonly (string | number)[]): string =>
  keys.reduce<string>(
    (at, key) => `${at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    pointer,
  );

function toShape(
  parameter: OutputParameterLike,
  pointer: string,
  key: string | undefined,
  mock: boolean,
): OutputShape {
  const properties = propertiesOf(parameter, pointer, mock);
  const values = isRecord(parameter.values)
    ? toShape(parameter.values, pointerTo(pointer, 'values'), undefined, mock)
    : undefined;
  const items = itemsOf(parameter.items, pointerTo(pointer, 'items'), mock);
  const { description, maxLength, const: expected } = parameter;
  return {
    pointer,
    type: typeOf(parameter),
    source: sourceOf(parameter, pointer, key, properties, mock),
    ...(typeof description === 'string' ? { description } : {}),
    ...(expected === undefined ? {} : { expected }),
    ...(properties === undefined ? {} : { properties }),
    ...(values === undefined ? {} : { values }),
    ...(items === undefined ? {} : { items }),
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
  };
}

const TYPES: ReadonlySet<string> = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
]);

function typeOf(parameter: OutputParameterLike): OutputType {
  const declared = parameter.type?.toLowerCase();
  if (declared !== undefined && TYPES.has(declared)) return declared as OutputType;
  if (parameter.properties !== undefined || parameter.values !== undefined) return 'object';
  if (isRecord(parameter.mapping)) return 'object';
  return parameter.items === undefined ? 'any' : 'array';
}

/** Properties stand beside `mapping` or inside it, by name or as a list of named parameters. */
function propertiesOf(parameter: OutputParameterLike, pointer: string, mock: boolean) {
  const mapping = isRecord(parameter.mapping) ? parameter.mapping : undefined;
  const inside = parameter.properties === undefined && mapping !== undefined;
  const written = writtenIn(inside ? mapping.properties : parameter.properties);
  if (written === undefined) return undefined;
  const at = pointerTo(pointer, ...(inside ? ['mapping', 'properties'] : ['properties']));
  return Object.entries(written)
    .filter((entry): entry is [string, OutputParameterLike] => isRecord(entry[1]))
    .map(([key, property]) => {
      const name = Array.isArray(written) ? (property.name ?? key) : key;
      return [name, toShape(property, pointerTo(at, key), name, mock)] as const;
    });
}

/** Items are one parameter, or a list of named ones, which are the fields of each element. */
function itemsOf(items: unknown, pointer: string, mock: boolean): OutputShape | undefined {
  if (isRecord(items)) return toShape(items, pointer, undefined, mock);
  return Array.isArray(items) ? toShapes(items.filter(isRecord), pointer, mock)[0] : undefined;
}

function sourceOf(
  parameter: OutputParameterLike,
  pointer: string,
  key: string | undefined,
  properties: OutputShape['properties'],
  mock: boolean,
): OutputSource {
  const { value, mapping } = parameter;
  if (value !== undefined && (mock || !isPath(value))) {
    return { from: 'value', value, at: pointerTo(pointer, 'value') };
  }
  if (mapping !== undefined && !isRecord(mapping)) {
    return { from: 'path', path: mapping, at: pointerTo(pointer, 'mapping') };
  }
  if (value !== undefined) return { from: 'path', path: value, at: pointerTo(pointer, 'value') };
  if (parameter.const !== undefined) {
    return {
      from: 'value',
      value: parameter.const,
      at: pointerTo(pointer, 'const'),
      literal: true,
    };
  }
  const gathered = properties?.some(([, property]) => isSourced(property)) ?? false;
  return key === undefined || gathered ? { from: 'around' } : { from: 'key', key };
}

const isPath = (value: unknown): boolean =>
  typeof value === 'string' && /^\s*\$(?:\s*$|[.[])/.test(value);

/**
 * Whether a shape says by itself where its value comes from. An object without a mapping whose fields
 * do so is made of what stands around it; without, it is the field of its name.
 */
const isSourced = (shape: OutputShape): boolean =>
  shape.source.from === 'path' ||
  shape.source.from === 'value' ||
  (shape.properties?.some(([, property]) => isSourced(property)) ?? false);

/** Whether a shape has a value of its own even when there is nothing to read from. */
export const isFixed = (shape: OutputShape): boolean =>
  shape.source.from === 'value' ||
  [shape.items, shape.values, ...(shape.properties ?? []).map(([, property]) => property)].some(
    (inner) => inner !== undefined && isFixed(inner),
  );

/** The shapes of an object's fields, in order. */
export const shapesOf = (properties: NonNullable<OutputShape['properties']>): OutputShape[] =>
  properties.map(([, property]) => property);
