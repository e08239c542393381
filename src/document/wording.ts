import type { ErrorObject } from 'ajv/dist/2020.js';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** What a value is, in the words of the messages: `text`, `a list`, `a mapping`. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return kinds[typeof value] ?? 'nothing';
}

/** The name of the place a pointer leads to: `"port"`, or `Item 3` of a list. */
export function lastOf(pointer: string): string {
  if (pointer === '') return 'The file';
  const token = pointer.slice(pointer.lastIndexOf('/') + 1);
  if (/^\d+$/.test(token)) return `Item ${Number(token) + 1} of the list`;
  return `"${token.replace(/~1/g, '/').replace(/~0/g, '~')}"`;
}

/** A value short enough for a message. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return typeof value === 'object' ? kindOf(value) : String(value);
}

export function listing(names: readonly string[]): string {
  const shown = names.slice(0, 20);
  return names.length > shown.length ? `${shown.join(', ')} and others` : shown.join(', ');
}

/** The message for a value of the wrong type, with the way to mend it. */
export function wrongType(error: ErrorObject): string {
  const types = [error.params.type as string | string[]].flat();
  const expected = types.map((type) => kinds[type] ?? type).join(' or ');
  const name = lastOf(error.instancePath);
  const value: unknown = error.data;
  if (value === null)
    return `${name} has no value, where ${expected} is expected. Give it one, or leave the key out.`;
  const mend = mendType(types, value);
  return `${name} is ${kindOf(value)}, where ${expected} is expected.${mend === '' ? '' : ` ${mend}`}`;
}

function mendType(types: readonly string[], value: unknown): string {
  if (types.includes('array') && !Array.isArray(value)) return 'Begin each entry with "- ".';
  if (types.includes('object') && Array.isArray(value))
    return 'Write keys and values, without "- ".';
  if (types.includes('object') && typeof value !== 'object')
    return 'Write "key: value" lines below it.';
  if (types.includes('string') && typeof value !== 'object') return 'Put it in quotes.';
  if (typeof value === 'string' && value.includes('{{')) return 'A variable cannot stand here.';
  if (typeof value === 'string') return 'Write it without quotes.';
  return '';
}
