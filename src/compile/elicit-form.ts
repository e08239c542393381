import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { isRecord } from '../json.ts';
import type { Json, JsonSchema } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { checkOf } from './constraints.ts';
import { looksSecret } from './secret-field.ts';

/** A form that clients show to their users. */
export interface Form {
  readonly requestedSchema: JsonSchema;
  /** The declared fields of what a user filled in, or why it does not fit. */
  readonly read: (content: unknown) => { readonly value: Json } | { readonly again: string };
}

type Written = Readonly<Record<string, unknown>>;

/** A form without fields: the user says yes or no. */
const NO_FIELDS = { type: 'object', properties: {} };

/** What is told of a form that does not fit; the rest would only make the text long. */
const TOLD = 10;

/**
 * The form of a flat schema. The protocol has clients build forms of texts, numbers, booleans and
 * choices, so anything else is reported.
 */
export function compileForm(
  compilation: Compilation,
  written: Written = NO_FIELDS,
  pointer: string,
): Form | undefined {
  const before = compilation.findings.length;
  const invalid = (at: string, message: string, suggestion?: string): void =>
    compilation.report('ASK_INVALID', at, message, { suggestion });
  const { type = 'object', properties = {}, required = [], $schema: _, ...others } = written;
  for (const key of Object.keys(others)) {
    const why = `A form has no "${key}": its schema is made of type, properties and required, since clients draw one flat form. Remove it.`;
    invalid(pointerOf(pointer, key), why);
  }
  if (type !== 'object') {
    invalid(
      pointerOf(pointer, 'type'),
      'The schema of a form is an object. Write type: object, with the fields as properties.',
    );
  }
  if (!isRecord(properties)) {
    const at = pointerOf(pointer, 'properties');
    invalid(at, 'The properties of a form are its fields, by name. Write them as a mapping.');
    return undefined;
  }
  for (const [name, field] of Object.entries(properties)) {
    const at = pointerOf(pointer, 'properties', name);
    const problem = problemOf(field);
    if (problem !== undefined) invalid(at, `The field "${name}" ${problem}`);
    else checkField(compilation, name, field as Written, at);
  }
  const names = Object.keys(properties);
  if (!isTexts(required)) {
    invalid(pointerOf(pointer, 'required'), 'The required fields are a list of their names.');
  } else {
    for (const [index, name] of required.entries()) {
      if (names.includes(name)) continue;
      const at = pointerOf(pointer, 'required', index);
      invalid(at, `"${name}" is no field of this form.`, nearest(name, names));
    }
  }
  if (compilation.findings.slice(before).some(({ code }) => code === 'ASK_INVALID')) return;
  const requestedSchema = {
    type: 'object',
    properties: properties as JsonSchema,
    ...((required as string[]).length === 0 ? {} : { required: required as string[] }),
  };
  return { requestedSchema, read: readerOf(compilation, requestedSchema, names) };
}

function readerOf(
  compilation: Compilation,
  schema: JsonSchema,
  names: readonly string[],
): Form['read'] {
  const validate = checkOf(compilation, schema);
  return function readForm(content) {
    const given = isRecord(content) ? content : {};
    const kept = names.filter((name) => Object.hasOwn(given, name));
    const value = Object.fromEntries(kept.map((name) => [name, given[name] as Json]));
    if (validate(value)) return { value };
    const wrong = (validate.errors ?? []).slice(0, TOLD).map(({ instancePath, message }) => {
      const where = instancePath === '' ? '' : `${instancePath.slice(1)} `;
      return `${where}${message ?? 'does not fit'}`;
    });
    return { again: wrong.join('; ') };
  };
}

function checkField(compilation: Compilation, name: string, field: Written, pointer: string): void {
  const { title = '', default: preset, ...limits } = field;
  if (field.type === 'string' && looksSecret(`${name} ${title}`)) {
    compilation.report(
      'ASK_SECRET',
      pointer,
      `"${name}" looks like a secret. Clients show forms to models and keep what is filled in, and the protocol forbids to ask for passwords and keys by them. Send the user to a page with url in place of schema.`,
    );
  }
  let fits: (value: unknown) => boolean;
  try {
    fits = checkOf(compilation, limits as JsonSchema);
  } catch (error) {
    const why = (error as Error).message.replace(/\.$/, '');
    const message = `The field "${name}" cannot be checked: ${why}. Correct it.`;
    compilation.report('ASK_INVALID', pointer, message);
    return;
  }
  if (preset !== undefined && !fits(preset)) {
    const message = `The default of "${name}" is not what the field itself takes. Correct one of the two.`;
    compilation.report('ASK_INVALID', pointerOf(pointer, 'default'), message);
  }
}

const ABOUT = { title: isText, description: isText };

const FORMATS = ['email', 'uri', 'date', 'date-time'];

/** By kind of field what it may hold beside its type, title and description. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  text: {
    minLength: isCount,
    maxLength: isCount,
    pattern: isText,
    format: (value) => FORMATS.includes(value as string),
    default: isText,
  },
  choice: { enum: isChoices, enumNames: isTexts, default: isText },
  'titled choice': { oneOf: isTitled, default: isText },
  number: { minimum: isNumber, maximum: isNumber, default: isNumber },
  boolean: { default: (value) => typeof value === 'boolean' },
  'list of choices': { items: isItems, minItems: isCount, maxItems: isCount, default: isTexts },
};

/** Why clients cannot draw a field, as the end of a sentence. */
function problemOf(field: unknown): string | undefined {
  if (!isRecord(field)) return 'is no schema. Write its type, as in {type: string}.';
  const kind = kindOf(field);
  if (kind === undefined) {
    const found = field.type === undefined ? 'no type' : `the type ${JSON.stringify(field.type)}`;
    return `has ${found}. Clients draw forms of string, number, integer and boolean, and of an array of choices; nothing nests.`;
  }
  const allowed = { ...ABOUT, ...FIELDS[kind] };
  for (const [key, value] of Object.entries(field)) {
    if (key === 'type') continue;
    const fits = Object.hasOwn(allowed, key) ? allowed[key as keyof typeof allowed] : undefined;
    if (fits === undefined) {
      return `has "${key}", which clients do not know in a ${kind}. It may have ${Object.keys(allowed).join(', ')}.`;
    }
    if (!fits(value)) return `has a "${key}" that makes no sense in a ${kind}. ${HINTS[key] ?? ''}`;
  }
  const { enum: values, enumNames: titles } = field;
  if (titles !== undefined && (titles as string[]).length !== (values as string[]).length) {
    return 'has not as many enumNames as it has values in enum. Give each value its name.';
  }
  return kind === 'list of choices' && field.items === undefined
    ? 'is a list without items. Give the choices: items: {type: string, enum: […]}.'
    : undefined;
}

const HINTS: Readonly<Record<string, string>> = {
  format: `It is one of ${FORMATS.join(', ')}.`,
  enum: 'It is a list of different texts, one at least.',
  oneOf: 'It is a list of {const, title}, both text.',
  items: 'It is {type: string, enum: […]} or {anyOf: [{const, title}, …]}.',
};

function kindOf({ type, enum: values, oneOf }: Written): string | undefined {
  if (type === 'string') return values ? 'choice' : oneOf ? 'titled choice' : 'text';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'boolean';
  return type === 'array' ? 'list of choices' : undefined;
}

function isItems(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { type, enum: values, anyOf, ...others } = value;
  if (Object.keys(others).length > 0) return false;
  if (anyOf !== undefined) return values === undefined && isTitled(anyOf);
  return type === 'string' && isChoices(values);
}

function isTitled(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((each) => isRecord(each) && isText(each.title) && Object.keys(each).length === 2) &&
    isChoices(value.map((each) => (each as Written).const))
  );
}

function isChoices(value: unknown): boolean {
  return isTexts(value) && value.length > 0 && new Set(value).size === value.length;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
