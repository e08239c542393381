import type { Json, JsonSchema } from '../plan/plan.ts';
import {
  isWholePayload,
  type OutputParameterLike,
  type OutputShape,
  toShapes,
} from './output-shape.ts';

/**
 * The `outputSchema` of a tool with these outputs, as MCP wants it: an object at the root, a result of
 * any other type under `result`. Every value may be null, since what an upstream leaves out is null;
 * a result that is null as a whole is `{"result": null}`, which the schema takes as well.
 * @returns undefined when the result is not sure to fit: handed on unread, one of several
 * alternatives, or of no declared type
 */
export function outputJsonSchema(
  parameters: readonly OutputParameterLike[],
  options: { readonly mock?: boolean } = {},
): JsonSchema | undefined {
  if (isWholePayload(parameters)) return undefined;
  const [shape, ...others] = toShapes(parameters, '', options.mock ?? false);
  if (shape === undefined || others.length > 0 || shape.type === 'any') return undefined;
  if (shape.type !== 'object') {
    return { type: 'object', properties: { result: schemaOf(shape) }, required: ['result'] };
  }
  const { required: _, ...schema } = schemaOf(shape);
  return { ...schema, type: 'object' };
}

/** The same without the `result` around a value that is no object: REST answers the value itself. */
export const unwrappedSchema = (schema: JsonSchema): JsonSchema =>
  schema.required === undefined
    ? schema
    : (schema.properties as { readonly result: JsonSchema }).result;

function schemaOf(shape: OutputShape): JsonSchema {
  const { type, description, maxLength, expected } = shape;
  return {
    ...(type === 'any' ? {} : { type: [type, 'null'] }),
    ...(description === undefined ? {} : { description }),
    ...(expected === undefined ? {} : { examples: [expected as Json] }),
    ...(type === 'string' && maxLength !== undefined ? { maxLength } : {}),
    ...(type === 'array' ? { items: shape.items === undefined ? {} : schemaOf(shape.items) } : {}),
    ...(type === 'object' ? membersOf(shape) : {}),
  };
}

function membersOf(shape: OutputShape): { readonly [keyword: string]: Json } {
  const { properties, values } = shape;
  if (properties !== undefined) {
    return {
      properties: Object.fromEntries(
        properties.map(([name, property]) => [name, schemaOf(property)]),
      ),
      required: properties.map(([name]) => name),
    };
  }
  return values === undefined ? {} : { additionalProperties: schemaOf(values) };
}
