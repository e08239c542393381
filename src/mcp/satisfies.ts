import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../json.ts';
import type { Json, JsonSchema } from '../plan/plan.ts';

/** Say something to people, and nothing of what fits. */
const ANNOTATIONS = new Set(
  '$schema $id $comment title description default examples deprecated readOnly writeOnly'.split(
    ' ',
  ),
);

/**
 * Whether a value surely satisfies a schema. False also where the schema says what is not understood
 * here: this judges values that were shortened, which may be left out.
 */
export function surelySatisfies(schema: Json, value: Json): boolean {
  if (schema === true) return true;
  if (!isRecord(schema)) return false;
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (ANNOTATIONS.has(keyword)) return true;
    const check = CHECKS[keyword];
    return check?.(wanted, value, schema) === true;
  });
}

type Check = (wanted: Json, value: Json, schema: JsonSchema) => boolean;

const CHECKS: Readonly<Record<string, Check>> = Object.assign(Object.create(null), {
  type: (wanted, value) => listOf(wanted).some((type) => isOfType(type, value)),
  enum: (wanted, value) => listOf(wanted).some((one) => isDeepStrictEqual(one, value)),
  const: (wanted, value) => isDeepStrictEqual(wanted, value),
  properties: (wanted, value) =>
    !isRecord(value) ||
    (isRecord(wanted) &&
      Object.entries(wanted).every(
        ([key, schema]) =>
          !Object.hasOwn(value, key) || surelySatisfies(schema, value[key] as Json),
      )),
  required: (wanted, value) =>
    !isRecord(value) ||
    listOf(wanted).every((key) => typeof key === 'string' && Object.hasOwn(value, key)),
  additionalProperties: (wanted, value, { properties, patternProperties }) => {
    if (!isRecord(value) || wanted === true) return true;
    const known = isRecord(properties) ? properties : {};
    if (patternProperties !== undefined) return false;
    return Object.entries(value).every(
      ([key, member]) => Object.hasOwn(known, key) || surelySatisfies(wanted, member),
    );
  },
  items: (wanted, value, { prefixItems }) =>
    !Array.isArray(value) ||
    (prefixItems === undefined && value.every((item: Json) => surelySatisfies(wanted, item))),
  minItems: (wanted, value) => !Array.isArray(value) || value.length >= Number(wanted),
  maxItems: (wanted, value) => !Array.isArray(value) || value.length <= Number(wanted),
  minLength: (wanted, value) => typeof value !== 'string' || [...value].length >= Number(wanted),
  maxLength: (wanted, value) => typeof value !== 'string' || [...value].length <= Number(wanted),
  minimum: (wanted, value) => typeof value !== 'number' || value >= Number(wanted),
  maximum: (wanted, value) => typeof value !== 'number' || value <= Number(wanted),
  // What was not cut is as the upstream sent it, which nobody checked before either.
  format: (_, value) => !isCut(value),
  pattern: (_, value) => !isCut(value),
  anyOf: (wanted, value) => listOf(wanted).some((schema) => surelySatisfies(schema, value)),
  allOf: (wanted, value) => listOf(wanted).every((schema) => surelySatisfies(schema, value)),
} satisfies Record<string, Check>);

const isCut = (value: Json): boolean => typeof value === 'string' && value.endsWith('…');

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);

function isOfType(type: Json, value: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
