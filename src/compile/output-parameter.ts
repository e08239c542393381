import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';

export interface Placed<Value> {
  readonly value: Value;
  readonly pointer: string;
}

/** A path may stand under `value`, too, as it does on the consumed side. */
export function mappingOf({ mapping, value }: OutputParameter): unknown {
  const isPath = typeof value === 'string' && /^\s*\$(?:\s*$|[.[])/.test(value);
  return mapping === undefined && isPath ? value : mapping;
}

export type Properties = Readonly<Record<string, OutputParameter>>;

/** Properties may stand beside `mapping` or, as the written language has it, inside it. */
export function propertiesOf(
  { properties, mapping }: OutputParameter,
  pointer = '',
): Placed<Properties> | undefined {
  const found =
    properties === undefined && holdsProperties(mapping)
      ? { value: mapping.properties, pointer: pointerOf(pointer, 'mapping', 'properties') }
      : { value: properties as Properties | undefined, pointer: pointerOf(pointer, 'properties') };
  const { value } = found;
  return value === undefined || Object.keys(value).length === 0 ? undefined : { ...found, value };
}

export const holdsProperties = (mapping: unknown): mapping is { readonly properties: Properties } =>
  typeof mapping === 'object' && mapping !== null && 'properties' in mapping;

/** The shape of an array's items, which may stand in a list of one. */
export function itemsOf(
  { items }: OutputParameter,
  pointer = '',
): Placed<OutputParameter> | undefined {
  const at = pointerOf(pointer, 'items');
  const first = Array.isArray(items)
    ? { value: items[0] as OutputParameter | undefined, pointer: pointerOf(at, 0) }
    : { value: items as OutputParameter | undefined, pointer: at };
  return first.value === undefined ? undefined : { ...first, value: first.value };
}
