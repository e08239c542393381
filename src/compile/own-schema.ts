import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { createAjvWithFormats } from '../document/ajv.ts';
import { pointerOf } from '../document/source.ts';
import { late } from '../late.ts';
import type { CheckArguments, CheckStructured } from '../plan/content.ts';
import type { Json, JsonSchema } from '../plan/plan.ts';
import { show } from './accept.ts';
import type { Compilation } from './compilation.ts';
import { circularRef, eachSchema, refersOutside, targetOf } from './schema-refs.ts';

/** Bytes of JSON above which well-known clients drop a tool without a word. */
const LARGEST = 16 * 1024;
/** Schemas within schemas. */
const DEEPEST_SCHEMA = 32;
/** What is wrong with a schema or a value that is told. */
const TOLD = 20;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A JSON Schema that its author wrote himself, compiled; nothing of it is changed. */
export interface OwnSchema {
  readonly schema: JsonSchema;
  readonly validate: ValidateFunction;
}

/** undefined when it cannot be served, which is reported at the place of what is wrong. */
export function compileOwnSchema(
  compilation: Compilation,
  written: Readonly<Record<string, unknown>>,
  pointer: string,
): OwnSchema | undefined {
  const schema = written as JsonSchema;
  let failed = false;
  const refuse = (at: string, why: string): void => {
    failed = true;
    compilation.report('SCHEMA_INVALID', at, why);
  };
  checkRoot(schema, pointer, refuse);
  checkSize(schema, pointer, refuse);
  if (failed || !isShallow(schema, pointer, refuse)) return undefined;
  checkKeywords(schema, pointer, refuse);
  if (!failed) checkRefs(schema, pointer, refuse);
  if (failed) return undefined;
  try {
    return { schema, validate: validator().compile(schema) };
  } catch (error) {
    const why = (error as Error).message.replace(/\.$/, '');
    refuse(pointer, `This schema cannot be compiled: ${why}.`);
    return undefined;
  }
}

/** Arguments by that schema, each violation under the argument that it lies in. */
export function argumentsCheck({ validate }: OwnSchema): CheckArguments {
  return function checkArguments(args) {
    if (isValid(validate, args)) return [];
    return distinct(meaningful(validate.errors ?? []).map(violationOf)).slice(0, TOLD);
  };
}

export function structuredCheck({ validate }: OwnSchema): CheckStructured {
  return function checkStructured(value) {
    if (isValid(validate, value)) return [];
    return meaningful(validate.errors ?? [])
      .slice(0, TOLD)
      .map((error) => `${error.instancePath || 'it'} ${messageOf(error)}`);
  };
}

type Refuse = (pointer: string, why: string) => void;

function checkRoot(schema: JsonSchema, pointer: string, refuse: Refuse): void {
  const { type, $schema } = schema;
  if (type !== 'object') {
    const found = type === undefined ? 'says no type' : `says type ${JSON.stringify(type)}`;
    refuse(
      type === undefined ? pointer : pointerOf(pointer, 'type'),
      `The schema ${found} at its root, and clients take none but type: object there.`,
    );
  }
  if ($schema !== undefined && String($schema).replace(/#$/, '') !== DIALECT) {
    refuse(
      pointerOf(pointer, '$schema'),
      `The dialect ${JSON.stringify($schema)} is not served; ${DIALECT} is, and is what is meant when $schema is left out.`,
    );
  }
}

function checkSize(schema: JsonSchema, pointer: string, refuse: Refuse): void {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes <= LARGEST) return;
  refuse(
    pointer,
    `The schema has ${bytes} bytes of JSON, and clients drop a tool whose schema has more than ${LARGEST}. Shorten its descriptions, or split the tool.`,
  );
}

function isShallow(schema: JsonSchema, pointer: string, refuse: Refuse): boolean {
  const deep = [...eachSchema(schema, '')].find(({ depth }) => depth > DEEPEST_SCHEMA);
  if (deep === undefined) return true;
  const why = `Schemas are nested here deeper than ${DEEPEST_SCHEMA} levels. Move inner ones to $defs.`;
  refuse(pointer + deep.pointer, why);
  return false;
}

/** By the schema of schemas: misspelt types, bounds that are no numbers. */
function checkKeywords(schema: JsonSchema, pointer: string, refuse: Refuse): void {
  const ajv = validator();
  const { $schema: _, ...judged } = schema;
  if (ajv.validateSchema(judged) === true) return;
  const errors = distinct(
    (ajv.errors ?? []).map(({ instancePath, message = 'does not fit' }) => ({
      input: instancePath,
      message,
    })),
  );
  for (const { input, message } of errors.slice(0, TOLD)) {
    refuse(pointer + input, `This is no JSON Schema (2020-12): it ${message}.`);
  }
}

function checkRefs(schema: JsonSchema, pointer: string, refuse: Refuse): void {
  for (const { schema: each, pointer: at } of eachSchema(schema, '')) {
    for (const keyword of ['$ref', '$dynamicRef'] as const) {
      const ref = each[keyword];
      if (typeof ref !== 'string') continue;
      const place = pointer + pointerOf(at, keyword);
      if (refersOutside(ref)) {
        refuse(
          place,
          `"${ref}" lies outside this schema, and nothing is fetched for it, here or by clients. Copy what it names to $defs, and refer to that with #/$defs/name.`,
        );
      } else if (targetOf(schema, ref) === undefined) {
        refuse(
          place,
          `"${ref}" names nothing in this schema, and clients lose the tool or all tools by it. Correct it, or add what it names to $defs.`,
        );
      }
    }
  }
  const circular = circularRef(schema);
  if (circular !== undefined) {
    const why =
      'This reference leads back to itself without going into the value, so it never ends.';
    refuse(pointer + circular, why);
  }
}

// Unknown keywords are annotations in this dialect, and unknown formats limit nothing. Schemas are
// not kept by $id: each is on its own.
const validator = late(() =>
  createAjvWithFormats({
    strict: false,
    allErrors: true,
    logger: false,
    addUsedSchema: false,
    validateSchema: false,
  }),
);

/** A schema that refers to itself goes as deep as the value, which is bounded. */
const isValid = (validate: ValidateFunction, value: unknown): boolean => validate(value) === true;

/** Without what only says that something within an alternative is wrong, which is told, too. */
function meaningful(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  return telling.length > 0 ? telling : errors;
}

interface Told {
  readonly input: string;
  readonly message: string;
}

function violationOf(error: ErrorObject): Told {
  const [, first, ...rest] = error.instancePath
    .split('/')
    .map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
  const { missingProperty, additionalProperty, unevaluatedProperty } = error.params as Record<
    string,
    string | undefined
  >;
  const extra = additionalProperty ?? unevaluatedProperty;
  if (first === undefined) {
    if (missingProperty !== undefined) {
      return { input: missingProperty, message: 'is required and was not given' };
    }
    if (extra !== undefined) return { input: extra, message: 'is not an input of this tool' };
    return { input: 'arguments', message: messageOf(error) };
  }
  const where = rest.length === 0 ? '' : `at /${rest.join('/')} `;
  const about = extra === undefined ? '' : `: ${show(extra)}`;
  return { input: first, message: `${where}${messageOf(error)}${about}` };
}

function messageOf({ keyword, params, message = 'does not fit' }: ErrorObject): string {
  if (keyword === 'enum') {
    const { allowedValues } = params as { allowedValues: readonly Json[] };
    return `${message}: ${allowedValues.map(show).join(', ')}`;
  }
  if (keyword === 'const')
    return `must be ${show((params as { allowedValue: Json }).allowedValue)}`;
  return message;
}

function distinct(all: readonly Told[]): readonly Told[] {
  const seen = new Set<string>();
  return all.filter(({ input, message }) => {
    const known = `${input} ${message}`;
    return !seen.has(known) && seen.add(known);
  });
}
