import type { Scope } from '../plan/plan.ts';

/** A piece of a template: text as written, or the name inside `{{ }}`. */
export type TemplatePart = { readonly text: string } | { readonly name: string };

const TAG = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Splits `"Bearer {{env.KEY}}"` into its parts. A text without tags is one text part. */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(TAG)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ name: match[1] as string });
    end = match.index + match[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  return parts;
}

export const hasTags = (text: string): boolean => text.includes('{{');

/** A value known at load, or read from the scope of each request. */
export type Value = { readonly constant: unknown } | { readonly read: (scope: Scope) => unknown };

/** Finds what a tag's name stands for; undefined was reported already. */
export type ResolveName = (name: string) => Value | undefined;

/**
 * Compiles a template once. One tag alone keeps the type of its value; mixed with text, values
 * become text. What a value puts in is never scanned for tags again. An absent value makes the whole
 * absent, so that an optional input that was not given is left out rather than sent half-filled.
 */
export function compileTemplate(text: string, resolve: ResolveName): Value | undefined {
  if (!hasTags(text)) return { constant: text };
  const values: Value[] = [];
  let unresolved = false;
  for (const part of parseTemplate(text)) {
    const value = 'text' in part ? { constant: part.text } : resolve(part.name);
    if (value === undefined) unresolved = true;
    else values.push(value);
  }
  if (unresolved) return undefined;
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  if (values.every((value) => 'constant' in value)) {
    return {
      constant: values.map((value) => toText((value as { constant: unknown }).constant)).join(''),
    };
  }
  const readers = values.map(readerOf);
  return {
    read: function renderTemplate(scope) {
      let out = '';
      for (const read of readers) {
        const value = read(scope);
        if (value === undefined) return undefined;
        out += toText(value);
      }
      return out;
    },
  };
}

export const readerOf = (value: Value): ((scope: Scope) => unknown) =>
  'read' in value ? value.read : () => value.constant;

/** How a value stands in text: strings as they are, arrays and objects as JSON, bytes as UTF-8. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
