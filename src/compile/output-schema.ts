import type { OutputParameter } from '../document/document.ts';
import type { Json, JsonSchema } from '../plan/plan.ts';
import { itemsOf, propertiesOf } from './output-parameter.ts';

/**
 * What a tool says of its structured content when its output is shaped: an object as it is, anything
 * else under `result`. Only objects and arrays are given a type. Other values pass as the upstream
 * spelled them, and a client that checks would refuse the whole answer for a number where text was
 * declared. undefined when alternatives are declared.
 */
export function outputSchemaOf(parameters: readonly OutputParameter[]): JsonSchema | undefined {
  const [only, ...others] = parameters;
  if (only === undefined || others.length > 0) return undefined;
  const properties = propertiesOf(only);
  if (properties !== undefined) return { ...schemaOf(only), type: 'object' };
  return { type: 'object', properties: { result: schemaOf(only) } };
}

function schemaOf(parameter: OutputParameter): JsonSchema {
  const { description, type } = parameter;
  const described: Record<string, Json> = description === undefined ? {} : { description };
  const properties = propertiesOf(parameter);
  if (properties !== undefined) {
    const members = Object.entries(properties.value).map(
      ([name, property]) => [name, schemaOf(property)] as const,
    );
    return { type: NULLABLE_OBJECT, ...described, properties: Object.fromEntries(members) };
  }
  const items = itemsOf(parameter);
  if (type !== 'array' && items === undefined) return described;
  return {
    type: NULLABLE_ARRAY,
    ...described,
    items: items === undefined ? {} : schemaOf(items.value),
  };
}

/** What the upstream does not give is null. */
const NULLABLE_OBJECT = ['object', 'null'];
const NULLABLE_ARRAY = ['array', 'null'];
