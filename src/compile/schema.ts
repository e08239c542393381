import type { ParameterShape } from '../document/document.ts';
import type { InputType, Json, JsonSchema } from '../plan/plan.ts';
import { nestedTypeOf } from './input-type.ts';

/** Keywords that limit a value beyond its type; they mean the same here as in JSON Schema. */
export const LIMITS = [
  'enum',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
] as const;

/**
 * An input as JSON Schema. Arrays and objects are open where nothing more is declared, `any` says no
 * type, and what the file does not say is left out.
 */
export function schemaOf(shape: ParameterShape, type: InputType): JsonSchema {
  const schema: Record<string, Json> = {};
  if (type !== 'any') schema.type = type;
  if (shape.description !== undefined) schema.description = shape.description;
  for (const keyword of LIMITS) {
    const value = keyword === 'enum' ? enumOf(shape, type) : shape[keyword];
    if (value !== undefined) schema[keyword] = value as Json;
  }
  if (shape.default !== undefined && shape.default !== null) schema.default = shape.default as Json;
  if (type === 'array') {
    schema.items =
      shape.items === undefined ? {} : schemaOf(shape.items, nestedTypeOf(shape.items));
  }
  if (type === 'object') {
    if (shape.properties === undefined) schema.additionalProperties = true;
    else Object.assign(schema, propertiesOf(shape.properties));
  }
  return schema;
}

/** YAML reads an unquoted 1 or true in a list of texts as what it looks like. */
function enumOf(shape: ParameterShape, type: InputType): readonly unknown[] | undefined {
  const values = shape.enum?.filter((value) => value !== null);
  return type === 'string'
    ? values?.map((value) => (typeof value === 'object' ? value : String(value)))
    : values;
}

function propertiesOf(properties: Readonly<Record<string, ParameterShape>>): Record<string, Json> {
  const entries = Object.entries(properties);
  const required = entries.filter(([, shape]) => shape.required === true).map(([name]) => name);
  return {
    properties: Object.fromEntries(
      entries.map(([name, shape]) => [name, schemaOf(shape, nestedTypeOf(shape))]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}
