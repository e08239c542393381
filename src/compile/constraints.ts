import type { ValidateFunction } from 'ajv/dist/2020.js';
import { createAjvWithFormats } from '../document/ajv.ts';
import type { ParameterShape } from '../document/document.ts';
import { late } from '../late.ts';
import type { InputType, JsonSchema } from '../plan/plan.ts';
import { type Accept, coercerOf, type RefuseValue, show } from './accept.ts';
import type { Compilation } from './compilation.ts';
import { nestedTypeOf } from './input-type.ts';
import { LIMITS } from './schema.ts';

/** What is wrong with one value that is told; the rest would only make the answer long. */
const TOLD = 10;

/**
 * The check of one input: coerced to its type, then held to what is declared beyond the type, by a
 * schema compiled here. A declaration that makes no sense is reported at `pointer`.
 */
export function acceptOf(
  compilation: Compilation,
  shape: ParameterShape,
  type: InputType,
  schema: JsonSchema,
  pointer: string,
): Accept {
  const coerce = coercerOf(type, shape);
  const constrain = isLimited(shape) ? limitsOf(compilation, schema, pointer) : undefined;
  if (constrain === undefined) return coerce;
  return function acceptLimited(value, refuse) {
    let fits = true;
    const coerced = coerce(value, (why) => {
      fits = false;
      refuse(why);
    });
    // A number too long for JavaScript travels as text, and is compared as the number it is.
    const isLongNumber = typeof coerced === 'string' && (type === 'integer' || type === 'number');
    if (fits) constrain(isLongNumber ? Number(coerced) : coerced, refuse);
    return coerced;
  };
}

/** The kind of value that an input has to be, where nothing more is asked of it; undefined where it is. */
export function kindAsked(
  shape: ParameterShape,
  type: InputType,
): 'any' | 'object' | 'array' | undefined {
  if (isLimited(shape)) return undefined;
  if (type === 'array') {
    const items = shape.items === undefined ? 'any' : nestedTypeOf(shape.items);
    return items === 'any' || isContainer(items) ? type : undefined;
  }
  return type === 'any' || type === 'object' ? type : undefined;
}

function isLimited(shape: ParameterShape): boolean {
  if (shape.properties !== undefined) return true;
  if (LIMITS.some((keyword) => shape[keyword] !== undefined)) return true;
  const { items } = shape;
  return items !== undefined && (isLimited(items) || isContainer(nestedTypeOf(items)));
}

const isContainer = (type: InputType): boolean => type === 'array' || type === 'object';

type Constrain = (value: unknown, refuse: RefuseValue) => void;

function limitsOf(
  compilation: Compilation,
  schema: JsonSchema,
  pointer: string,
): Constrain | undefined {
  const { description: _, default: __, ...limits } = schema;
  // Not the compilation itself, which would keep the whole file.
  const { checks } = compilation;
  const checkOnce = late(() => checkOf({ checks }, limits));
  try {
    if (!isSurelySound(limits)) checkOnce();
  } catch (error) {
    const why = (error as Error).message.replace(/\.$/, '');
    compilation.report(
      'VALUE_NOT_ALLOWED',
      pointer,
      `What is declared of this input cannot be checked: ${why}. Correct its pattern, enum or properties.`,
    );
    return undefined;
  }
  return function checkLimits(value, refuse) {
    const check = checkOnce();
    if (check(value)) return;
    for (const error of (check.errors ?? []).slice(0, TOLD)) {
      const where = error.instancePath === '' ? '' : `at ${error.instancePath} `;
      const allowed =
        error.keyword === 'enum'
          ? `: ${(error.params.allowedValues as unknown[]).map(show).join(', ')}`
          : '';
      refuse(`${where}${error.message ?? 'does not fit'}${allowed}`);
    }
  };
}

/** Names of types, and of what holds others: nothing of them can be written wrongly. */
const SOUND = new Set(['type', 'properties', 'required', 'items', 'additionalProperties']);

/** Whether compiling can wait for the first value: only what authors write themselves can be wrong. */
function isSurelySound(schema: JsonSchema): boolean {
  const { description: _, default: __, properties = {}, items, ...others } = schema;
  const inner = [...Object.values(properties as object), ...(items === undefined ? [] : [items])];
  return (
    Object.keys(others).every((keyword) => SOUND.has(keyword)) &&
    inner.every((each) => isSurelySound(each as JsonSchema))
  );
}

/** @throws Error saying why the schema cannot be compiled */
export function checkOf(
  { checks }: Pick<Compilation, 'checks'>,
  schema: JsonSchema,
): ValidateFunction {
  const text = JSON.stringify(schema);
  let validate = checks.get(text);
  if (validate === undefined) {
    validate = compileSchema(schema);
    checks.set(text, validate);
  }
  return validate;
}

// The schemas are ours, so they need no judging; a format nobody knows is no limit.
const validator = late(() =>
  createAjvWithFormats({
    strict: false,
    allErrors: true,
    logger: false,
    meta: false,
    validateSchema: false,
  }),
);

function compileSchema(schema: JsonSchema): ValidateFunction {
  const ajv = validator();
  const validate = ajv.compile(schema);
  // Kept by the compilation; the validator's own store would keep it for ever.
  ajv.removeSchema(schema);
  return validate;
}
