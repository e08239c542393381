import { pointerOf } from '../document/source.ts';
import { hasTags, readerOf, toText, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodeQuery, type Refuse } from './encode.ts';
import type { ParameterValues } from './parameter-values.ts';

export interface Content {
  readonly bytes: string | Buffer;
  /** The media type to declare when no header does; undefined says none. */
  readonly type: string | undefined;
}

/** Writes the request body of one call; undefined when there is none to send. */
export type BuildBody = (
  scope: Scope,
  contentType: string | undefined,
  refuse: Refuse,
) => Content | undefined;

const JSON_TYPE = 'application/json';
const isJsonType = (type: string): boolean => /^[^;]*[/+]json\b/i.test(type);

/** The body that a consumed operation declares: a `body` block, or its parameters `in: body`. */
export function compileBody(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): BuildBody | undefined {
  if (target.operation.body !== undefined) return compileBodyBlock(compilation, target, values);
  const entries = target.parameters.filter(({ parameter }) => parameter.in === 'body');
  const fed = entries.flatMap((entry) => {
    const value = values.of(entry);
    return value === undefined ? [] : [{ name: entry.parameter.name, read: readerOf(value) }];
  });
  const [only] = fed;
  if (only === undefined) return undefined;
  return entries.length === 1 ? wholeBody(only.read) : bodyOfFields(fed);
}

/** One body parameter, whatever its name, is the whole body. */
function wholeBody(read: (scope: Scope) => unknown): BuildBody {
  return function buildWholeBody(scope, contentType) {
    const value = read(scope);
    if (value === undefined) return undefined;
    if (Buffer.isBuffer(value)) return { bytes: value, type: JSON_TYPE };
    if (contentType !== undefined && !isJsonType(contentType))
      return { bytes: toText(value), type: undefined };
    return {
      bytes: typeof value === 'string' ? jsonFromText(value) : JSON.stringify(value),
      type: JSON_TYPE,
    };
  };
}

/** Text for a JSON body: JSON text goes as it is, any other text as a JSON string. */
function jsonFromText(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

function bodyOfFields(
  fields: readonly { name: string; read: (scope: Scope) => unknown }[],
): BuildBody {
  return function buildBodyOfFields(scope) {
    const body: Record<string, unknown> = Object.create(null);
    let any = false;
    for (const { name, read } of fields) {
      const value = read(scope);
      if (value === undefined) continue;
      body[name] = Buffer.isBuffer(value) ? JSON.parse(value.toString('utf8')) : value;
      any = true;
    }
    return any ? { bytes: JSON.stringify(body), type: JSON_TYPE } : undefined;
  };
}

/** `body: {type, data}`; json and formUrlEncoded with structured data so far. */
function compileBodyBlock(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): BuildBody | undefined {
  const pointer = pointerOf(target.pointer, 'body');
  const body = target.operation.body as { type?: string; data?: unknown };
  const structured = typeof body === 'object' && body !== null && typeof body.data === 'object';
  if (structured && body.type === 'json') {
    const read = compileData(body.data, pointerOf(pointer, 'data'), values);
    return (scope) => ({ bytes: JSON.stringify(read(scope) ?? null), type: JSON_TYPE });
  }
  if (structured && body.type === 'formUrlEncoded') {
    const read = compileData(body.data, pointerOf(pointer, 'data'), values);
    return (scope, _, refuse) => ({
      bytes: Object.entries((read(scope) ?? {}) as object)
        .map(([name, value]) => encodeQuery(name, value, { style: 'form', explode: true }, refuse))
        .join('&'),
      type: 'application/x-www-form-urlencoded',
    });
  }
  compilation.report(
    'NOT_SERVED_YET',
    pointer,
    'A body block of this form is not served yet; type json and formUrlEncoded with structured data are.',
  );
  return undefined;
}

/** Structured data whose strings may be templates: values go in as values, never pasted as text. */
function compileData(
  data: unknown,
  pointer: string,
  values: ParameterValues,
): (scope: Scope) => unknown {
  if (typeof data === 'string' && hasTags(data)) {
    const value: Value = values.template(data, pointer) ?? { constant: undefined };
    return readerOf(value);
  }
  if (Array.isArray(data)) {
    const items = data.map((item, index) => compileData(item, pointerOf(pointer, index), values));
    return (scope) => items.map((read) => read(scope)).filter((item) => item !== undefined);
  }
  if (typeof data === 'object' && data !== null) {
    const members = Object.entries(data).map(
      ([key, value]) => [key, compileData(value, pointerOf(pointer, key), values)] as const,
    );
    return (scope) =>
      Object.fromEntries(
        members.map(([key, read]) => [key, read(scope)]).filter(([, value]) => value !== undefined),
      );
  }
  return () => data;
}
