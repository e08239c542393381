import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

/** The schema as published. */
const published = createRequire(import.meta.url)(
  '#schemas/naftiko-1.0.0-alpha2.schema.json',
) as Schema & { readonly $defs: Readonly<Record<string, Schema>> };

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

/** A property of the schema where an instance has it. */
export interface Occurrence {
  readonly pointer: readonly (string | number)[];
  /** Other values that the schema lists for it. */
  readonly enum: readonly unknown[];
  /** It says what stands beside it: it has this one value there. */
  readonly constant: boolean;
}

const COMBINING = ['allOf', 'anyOf', 'oneOf'] as const;

/** Every property of every definition, as `Definition.property`; those of the file itself as `File.property`. */
export function allProperties(): readonly string[] {
  const found = new Set<string>();
  const visit = (schema: unknown, definition: string, way: string): void => {
    if (!isSchema(schema)) return;
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      found.add(`${definition}.${way}${name}`);
      visit(inner, definition, `${way}${name}.`);
    }
    for (const inner of innerOf(schema)) visit(inner, definition, way);
    visit(schema.items, definition, way);
    visit(schema.additionalProperties, definition, way);
  };
  const { $defs, ...file } = published;
  visit(file, 'File', '');
  for (const [name, definition] of Object.entries($defs)) visit(definition, name, '');
  return [...found];
}

/** Which properties of the schema an instance has, and where. */
export function occurrencesIn(instance: unknown): ReadonlyMap<string, readonly Occurrence[]> {
  const found = new Map<string, Occurrence[]>();
  const visit = (
    value: unknown,
    schema: unknown,
    definition: string,
    way: string,
    pointer: readonly (string | number)[],
  ): void => {
    if (!isSchema(schema) || typeof value !== 'object' || value === null) return;
    if (schema.$ref !== undefined) {
      const name = schema.$ref.slice('#/$defs/'.length);
      visit(value, published.$defs[name], name, '', pointer);
    }
    for (const inner of innerOf(schema, value)) visit(value, inner, definition, way, pointer);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        visit(item, schema.items, definition, way, [...pointer, index]);
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      const inner = schema.properties?.[key];
      const here = [...pointer, key];
      if (inner === undefined) visit(member, schema.additionalProperties, definition, way, here);
      else {
        const property = `${definition}.${way}${key}`;
        found.set(property, [
          ...(found.get(property) ?? []),
          { pointer: here, enum: enumOf(inner), constant: isSchema(inner) && 'const' in inner },
        ]);
        visit(member, inner, definition, `${way}${key}.`, here);
      }
    }
  };
  visit(instance, published, 'File', '', []);
  return found;
}

/** What the published schema says against an instance; undefined for nothing. */
export function refusalOf(instance: unknown): string | undefined {
  const validate = validatorOf(published);
  return validate(instance) ? undefined : ajv.errorsText(validate.errors, { separator: '\n' });
}

const isSchema = (schema: unknown): schema is Schema =>
  typeof schema === 'object' && schema !== null;

/** Schemas for the same value; with a value only the alternatives that it is. */
function innerOf(schema: Schema, value?: unknown): readonly unknown[] {
  return COMBINING.flatMap((keyword) => {
    const inner = (schema[keyword] ?? []) as readonly Schema[];
    const all = keyword === 'allOf' || value === undefined;
    if (all) return inner;
    const fitting = inner.filter((each) => validatorOf(each)(value));
    // Of a block that goes beyond the schema, its type says which alternative was meant.
    return fitting.length > 0 ? fitting : inner.filter((each) => typeIn(each) === typeOf(value));
  });
}

const typeOf = (value: unknown): unknown =>
  (value as { readonly type?: unknown } | undefined)?.type ?? 'none';

function typeIn({ $ref = '' }: Schema): unknown {
  const type = published.$defs[$ref.slice('#/$defs/'.length)]?.properties?.type;
  return isSchema(type) ? type.const : undefined;
}

function enumOf(schema: Schema | boolean): readonly unknown[] {
  if (!isSchema(schema)) return [];
  const target = schema.$ref?.slice('#/$defs/'.length);
  return schema.enum ?? (target === undefined ? [] : enumOf(published.$defs[target] ?? false));
}

const validators = new Map<Schema, ValidateFunction>();

function validatorOf(schema: Schema): ValidateFunction {
  let validate = validators.get(schema);
  if (validate === undefined) {
    const { $id: _, ...rest } = schema;
    validate = ajv.compile({ ...rest, $defs: published.$defs });
    validators.set(schema, validate);
  }
  return validate;
}
