import type { Scope } from '../plan/plan.ts';

/** A piece of a template: text as written, or the name inside `{{ }}`. */
export type TemplatePart = { readonly text: string } | { readonly name: string };

/** A template in its parts, or a sentence saying why it cannot be read. */
export type Template =
  | { readonly parts: readonly TemplatePart[]; readonly why?: undefined }
  | { readonly parts?: undefined; readonly why: string };

/** Triple braces mean "do not escape" elsewhere; nothing is escaped here, so both mean the same. */
const TAG = /\{\{\{([^{}]*)\}\}\}|\{\{([^{}]*)\}\}/g;

/** Splits `"Bearer {{env.KEY}}"` into its parts. A text without tags is one text part. */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(TAG)) {
    const name = (match[1] ?? (match[2] as string)).trim();
    const why = problemOf(name, match[0]);
    if (why !== undefined) return { why };
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ name });
    end = match.index + match[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  const open = parts.some((part) => 'text' in part && part.text.includes('{{'));
  return open ? { why: 'a "{{" is never closed with "}}"' } : { parts };
}

function problemOf(name: string, tag: string): string | undefined {
  if (name === '') return `"${tag}" names nothing`;
  if (/^[#^/!>&=]/.test(name)) return `"${tag}" is more than a name: only {{name}} has a meaning`;
  return undefined;
}

export const hasTags = (text: string): boolean => text.includes('{{');

/**
 * A value known at load, or read from the scope of each request. `input` names the caller's input
 * that is handed on as it is, for messages about it.
 */
export type Value =
  | { readonly constant: unknown }
  | { readonly read: (scope: Scope) => unknown; readonly input?: string };

/** Finds what a tag's name stands for; undefined was reported already. */
export type ResolveName = (name: string) => Value | undefined;

/**
 * Compiles the parts of a template once. One tag alone keeps the type of its value; mixed with text,
 * values become text. What a value puts in is never scanned for tags again. An absent value makes
 * the whole absent, so that an optional input is left out rather than sent half-filled.
 */
export function compileTemplate(
  parts: readonly TemplatePart[],
  resolve: ResolveName,
): Value | undefined {
  const values: Value[] = [];
  let unresolved = false;
  for (const part of parts) {
    const value = 'text' in part ? { constant: part.text } : resolve(part.name);
    if (value === undefined) unresolved = true;
    else values.push(value);
  }
  if (unresolved) return undefined;
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  const readers = values.map(readerOf);
  const render = function renderTemplate(scope: Scope): string | undefined {
    let out = '';
    for (const read of readers) {
      const value = read(scope);
      if (value === undefined) return undefined;
      out += toText(value);
    }
    return out;
  };
  return values.every((value) => 'constant' in value)
    ? { constant: render(NO_SCOPE) }
    : { read: render };
}

/** For what reads nothing of a request. */
export const NO_SCOPE: Scope = { input: {}, steps: {} };

export const readerOf = (value: Value): ((scope: Scope) => unknown) =>
  'read' in value ? value.read : () => value.constant;

/** How a value stands in text: strings as they are, arrays and objects as JSON, bytes as UTF-8. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
