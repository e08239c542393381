import type { ParameterShape } from '../document/document.ts';
import type { InputType } from '../plan/plan.ts';

const TYPES: ReadonlySet<string> = new Set([
  'string',
  'integer',
  'number',
  'boolean',
  'array',
  'object',
  'any',
]);

/** The type that a shape declares or shows by what it holds; undefined when it says nothing. */
export function declaredType(shape: ParameterShape): InputType | undefined {
  const { type } = shape;
  if (type !== undefined) return TYPES.has(type) ? (type as InputType) : 'string';
  if (shape.properties !== undefined) return 'object';
  return shape.items === undefined ? undefined : 'array';
}

/** The type of a value inside another. */
export const nestedTypeOf = (shape: ParameterShape): InputType => declaredType(shape) ?? 'any';

/** Whether a declared string is more than what generators write for lack of knowledge. */
export const isRealText = (shape: ParameterShape): boolean =>
  [shape.enum, shape.pattern, shape.format, shape.minLength, shape.maxLength].some(
    (keyword) => keyword !== undefined,
  );
