import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ParameterShape } from '../document/document.ts';
import type { InputPlan, InputType, Json, JsonSchema } from '../plan/plan.ts';

type Accept = InputPlan['accept'];
type Refuse = (why: string) => void;

const TYPES: ReadonlySet<string> = new Set([
  'string',
  'integer',
  'number',
  'boolean',
  'array',
  'object',
]);

/** The declared type in our words; types of other vocabularies (date, uuid, file…) travel as text. */
export function inputTypeOf(type: string | undefined, otherwise: InputType = 'string'): InputType {
  if (type === undefined) return otherwise;
  const lower = type.toLowerCase();
  if (TYPES.has(lower)) return lower as InputType;
  if (lower === 'int' || lower === 'long') return 'integer';
  if (lower === 'float' || lower === 'double') return 'number';
  if (lower === 'bool') return 'boolean';
  return lower === 'any' || lower === 'json' ? 'any' : 'string';
}

/** Keywords that a type check by hand does not cover. */
const CONSTRAINTS = [
  'enum',
  'pattern',
  'format',
  'properties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
] as const;

/** A parameter's shape as JSON Schema: arrays and objects are open where nothing more is declared. */
export function schemaOf(shape: ParameterShape, type: InputType): JsonSchema {
  const schema: Record<string, Json> = { type: type === 'any' ? 'object' : type };
  if (shape.description !== undefined) schema.description = shape.description;
  for (const keyword of CONSTRAINTS) {
    const value = shape[keyword];
    if (value !== undefined && keyword !== 'properties') schema[keyword] = value as Json;
  }
  if (shape.default !== undefined) schema.default = shape.default as Json;
  if (schema.type === 'array') {
    schema.items =
      shape.items === undefined ? {} : schemaOf(shape.items, inputTypeOf(shape.items.type, 'any'));
  }
  if (schema.type === 'object') {
    if (shape.properties === undefined) schema.additionalProperties = true;
    else Object.assign(schema, propertiesOf(shape.properties));
  }
  return schema;
}

function propertiesOf(properties: Readonly<Record<string, ParameterShape>>): Record<string, Json> {
  const entries = Object.entries(properties);
  const required = entries.filter(([, shape]) => shape.required === true).map(([name]) => name);
  return {
    properties: Object.fromEntries(
      entries.map(([name, shape]) => [name, schemaOf(shape, inputTypeOf(shape.type, 'any'))]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}

/**
 * The check of one input: text is coerced to the declared type (a REST query, or an agent that quotes
 * its numbers), then declared constraints are held by Ajv, compiled here.
 */
export function acceptOf(shape: ParameterShape, type: InputType, schema: JsonSchema): Accept {
  const coerce = coercerOf(type, shape);
  if (!isConstrained(shape)) return coerce;
  const constrain = constraintOf(schema);
  return function acceptConstrained(value, refuse) {
    let fits = true;
    const coerced = coerce(value, (why) => {
      fits = false;
      refuse(why);
    });
    if (fits) constrain(coerced, refuse);
    return coerced;
  };
}

const isConstrained = (shape: ParameterShape): boolean =>
  CONSTRAINTS.some((keyword) => shape[keyword] !== undefined) ||
  (shape.items !== undefined && (isConstrained(shape.items) || shape.items.type !== undefined));

let ajv: Ajv2020 | undefined;

function constraintOf(schema: JsonSchema): (value: unknown, refuse: Refuse) => void {
  if (ajv === undefined) {
    // The schemas are written by `schemaOf`; judging them, too, would compile the meta-schema first.
    ajv = new Ajv2020({ strict: false, allErrors: true, meta: false, validateSchema: false });
    (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  }
  const validate = ajv.compile(schema);
  return function checkConstraints(value, refuse) {
    if (validate(value)) return;
    for (const error of validate.errors ?? []) {
      const where = error.instancePath === '' ? '' : `at ${error.instancePath} `;
      const allowed =
        error.keyword === 'enum'
          ? `: ${(error.params.allowedValues as unknown[]).map(show).join(', ')}`
          : '';
      refuse(`${where}${error.message ?? 'does not fit'}${allowed}`);
    }
  };
}

function coercerOf(type: InputType, shape: ParameterShape): Accept {
  switch (type) {
    case 'integer':
      return acceptInteger;
    case 'number':
      return acceptNumber;
    case 'boolean':
      return acceptBoolean;
    case 'array':
      return acceptArrayOf(shape.items);
    case 'object':
      return acceptObject;
    case 'any':
      return (value) => value;
    default:
      return acceptString;
  }
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function acceptInteger(value: unknown, refuse: Refuse): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string' && INTEGER.test(value.trim())) {
    const number = Number(value);
    // Digits beyond 2^53 travel as the text they came in: a number would change them.
    return Number.isSafeInteger(number) ? number : value.trim();
  }
  refuse(`must be an integer, not ${show(value)}`);
  return undefined;
}

function acceptNumber(value: unknown, refuse: Refuse): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER.test(value.trim())) {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  refuse(`must be a number, not ${show(value)}`);
  return undefined;
}

function acceptBoolean(value: unknown, refuse: Refuse): unknown {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  refuse(`must be true or false, not ${show(value)}`);
  return undefined;
}

function acceptString(value: unknown, refuse: Refuse): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  refuse(`must be text, not ${show(value)}`);
  return undefined;
}

function acceptArrayOf(items: ParameterShape | undefined): Accept {
  const type = items === undefined ? 'any' : inputTypeOf(items.type, 'any');
  const acceptItem =
    type === 'array' || type === 'object' ? undefined : coercerOf(type, items ?? {});
  return function acceptArray(value, refuse) {
    const list = Array.isArray(value) ? value : listFromText(value);
    if (list === undefined) {
      refuse(`must be a list, not ${show(value)}`);
      return undefined;
    }
    return acceptItem === undefined || type === 'any'
      ? list
      : list.map((item, index) => acceptItem(item, (why) => refuse(`at /${index} ${why}`)));
  };
}

/** A list given as text: JSON text of an array, else a list of that one text. */
function listFromText(value: unknown): unknown[] | undefined {
  if (typeof value === 'string') {
    const parsed = value.trimStart().startsWith('[') ? tryJson(value) : undefined;
    return Array.isArray(parsed) ? parsed : [value];
  }
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : undefined;
}

function acceptObject(value: unknown, refuse: Refuse): unknown {
  const parsed = typeof value === 'string' ? tryJson(value) : value;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  refuse(`must be an object, not ${show(value)}`);
  return undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as a message may show it: short, and only its kind when it is large. */
function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
