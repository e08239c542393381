import type { ErrorObject } from 'ajv/dist/2020.js';
import type { FindingCode, FindingDetails } from './finding.ts';
import { pointerOf } from './source.ts';
import { nearest } from './suggest.ts';
import { lastOf, listing, shownValue, wrongType } from './wording.ts';

/** A finding before it has a place. */
export interface Explanation extends FindingDetails {
  readonly code: FindingCode;
  readonly pointer: string;
  /** What it is about: the pointer, or that of the key that is missing. */
  readonly subject: string;
  readonly message: string;
}

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode | true>>;
  readonly 'x-severity'?: 'warning';
}

/** `lenient` (the default) says of an unknown key that it is ignored. */
export type Explain = (error: ErrorObject, options?: { readonly lenient: boolean }) => Explanation;

/** Turns the validator's errors for one schema into what is wrong, why, and how to mend it. */
export function createExplainer(schema: object): Explain {
  const owners = ownersOf(schema);
  const titled = new Set(owners.values());

  return function explain(error, { lenient } = { lenient: true }) {
    const parent = error.parentSchema as SchemaNode | undefined;
    const owner = (parent === undefined ? undefined : owners.get(parent)) ?? {};
    const soft = parent?.['x-severity'];
    const explanation = explainKeyword(error, owner, lenient);
    if (soft === undefined) return explanation;
    return {
      ...explanation,
      severity: soft,
      message: `${explanation.message} The value is ignored.`,
    };
  };

  function explainKeyword(error: ErrorObject, owner: SchemaNode, lenient: boolean): Explanation {
    const pointer = error.instancePath;
    switch (error.keyword) {
      case 'additionalProperties':
      case 'unevaluatedProperties':
        return unknownKey(error, owner, lenient);
      case 'required':
        return missingKey(error, owner);
      case 'type':
        return { code: 'VALUE_WRONG_TYPE', pointer, subject: pointer, message: wrongType(error) };
      case 'enum':
      case 'const':
        return notAmong(error);
      default:
        return outside(error, owner);
    }
  }

  function unknownKey(error: ErrorObject, owner: SchemaNode, lenient: boolean): Explanation {
    const { additionalProperty, unevaluatedProperty } = error.params as Record<string, string>;
    const key = additionalProperty ?? unevaluatedProperty ?? '';
    const present = Object.keys((error.data ?? {}) as object);
    const all = Object.keys(owner.properties ?? {});
    const known = all.filter((name) => !present.includes(name));
    const suggestion = nearest(key, known) ?? nearest(key, all);
    const homes = homesOf(key);
    let mend = '';
    if (suggestion !== undefined) mend = `; did you mean "${suggestion}"?`;
    else if (homes.length > 0 && homes.length < 3) mend = `; it belongs in ${homes.join(' or ')}.`;
    else if (known.length > 0) mend = `. Keys it may have besides: ${listing(known)}.`;
    else mend = '.';
    const message =
      `${shownValue(key)} has no meaning in ${titleOf(owner)}` +
      `${lenient ? ' and is ignored' : ''}${mend}`;
    const pointer = pointerOf(error.instancePath, key);
    return { code: 'KEY_UNKNOWN', pointer, subject: pointer, message, at: 'key', suggestion };
  }

  function homesOf(key: string): string[] {
    const homes = new Set<string>();
    for (const owner of titled) {
      if (owner.properties !== undefined && Object.hasOwn(owner.properties, key))
        homes.add(titleOf(owner));
    }
    return [...homes];
  }
}

function missingKey(error: ErrorObject, owner: SchemaNode): Explanation {
  const key = String(error.params.missingProperty);
  const property = owner.properties?.[key];
  const description = typeof property === 'object' ? property.description : undefined;
  const first = description?.split(/(?<=\.) /)[0];
  const message =
    `${capitalized(titleOf(owner))} needs the key "${key}", which is missing.` +
    (first === undefined ? ' Add it.' : ` Add it: ${first}`);
  const pointer = error.instancePath;
  return { code: 'KEY_MISSING', pointer, subject: pointerOf(pointer, key), message, at: 'key' };
}

function notAmong(error: ErrorObject): Explanation {
  const allowed = (error.params.allowedValues ?? [error.params.allowedValue]) as unknown[];
  const names = allowed.map(String);
  const suggestion = typeof error.data === 'string' ? nearest(error.data, names) : undefined;
  const message =
    `${lastOf(error.instancePath)} is ${shownValue(error.data)}, but has to be ` +
    `${names.length === 1 ? `"${names[0]}"` : `one of ${listing(names)}`}` +
    (suggestion === undefined ? '.' : `; did you mean "${suggestion}"?`);
  const pointer = error.instancePath;
  return { code: 'VALUE_NOT_ALLOWED', pointer, subject: pointer, message, suggestion };
}

function outside(error: ErrorObject, owner: SchemaNode): Explanation {
  const pointer = error.instancePath;
  const { limit } = error.params as { limit?: number };
  if ((error.keyword === 'minimum' || error.keyword === 'maximum') && pointer.endsWith('/port')) {
    const message = `Port ${String(error.data)} lies outside 1 to 65535. Choose a port in that range, such as 8080.`;
    return { code: 'PORT_OUT_OF_RANGE', pointer, subject: pointer, message };
  }
  const name = lastOf(pointer);
  const message = {
    minimum: `${name} is ${shownValue(error.data)}, but has to be at least ${limit}.`,
    maximum: `${name} is ${shownValue(error.data)}, but has to be at most ${limit}.`,
    minLength:
      limit === 1
        ? `${name} is empty, but needs a value.`
        : `${name} is shorter than ${limit} characters.`,
    maxLength: `${name} is longer than ${limit} characters.`,
    minItems: `${name} is an empty list, but needs an entry.`,
    minProperties: `${name} is empty, but needs an entry.`,
    maxProperties: `${name} takes only ${limit} of ${listing(Object.keys(owner.properties ?? {}))}.`,
    pattern: `${name} is ${shownValue(error.data)}, which does not match ${error.params.pattern}.`,
    format: `${name} is ${shownValue(error.data)}, which is not of the format ${error.params.format}.`,
    not: forbidden(error, owner),
    anyOf: anyOf(error),
    oneOf: anyOf(error),
  }[error.keyword];
  return {
    code: 'VALUE_NOT_ALLOWED',
    pointer,
    subject: pointer,
    message: message ?? `${name} is not allowed: it ${error.message ?? 'does not fit'}.`,
  };
}

function forbidden(error: ErrorObject, owner: SchemaNode): string {
  const { required } = (error.schema ?? {}) as { required?: readonly string[] };
  const keys = required === undefined ? 'these keys together' : `"${required.join('", "')}"`;
  return `${capitalized(titleOf(owner))} may not have ${keys} here, next to its other keys.`;
}

function anyOf(error: ErrorObject): string {
  const branches = Array.isArray(error.schema)
    ? (error.schema as { required?: readonly string[] }[])
    : [];
  const keys = branches.flatMap((branch) => branch.required ?? []);
  if (keys.length === 0 || branches.some((branch) => branch.required === undefined)) {
    return `${lastOf(error.instancePath)} has none of the forms that are allowed here.`;
  }
  const passing = (error.params as { passingSchemas?: unknown }).passingSchemas;
  const count = Array.isArray(passing) ? 'only one' : 'one';
  return `${lastOf(error.instancePath)} needs ${count} of ${listing(keys)}.`;
}

/** Every part of a schema with the nearest titled part around it, which names it for people. */
function ownersOf(schema: object): Map<object, SchemaNode> {
  const owners = new Map<object, SchemaNode>();
  const visit = (node: unknown, owner: SchemaNode): void => {
    if (typeof node !== 'object' || node === null) return;
    const named = 'title' in node && typeof node.title === 'string';
    const here = named ? (node as SchemaNode) : owner;
    owners.set(node, here);
    for (const child of Object.values(node)) visit(child, here);
  };
  visit(schema, {});
  return owners;
}

function titleOf(owner: SchemaNode): string {
  const title = owner.title ?? 'mapping';
  return `${/^(?:MCP|[aeiou])/.test(title) ? 'an' : 'a'} ${title}`;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
