import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { compileData } from './data.ts';
import { queryEncoder, type Refuse } from './encode.ts';
import { isJsonType } from './headers.ts';
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
const FORM_TYPE = 'application/x-www-form-urlencoded';

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
      body[name] = value;
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
  const { type, data } = target.operation.body as { type?: string; data?: unknown };
  const dataPointer = pointerOf(pointer, 'data');
  if (type === 'json' && typeof data === 'object')
    return jsonBody(compileData(data, dataPointer, values.template));
  if (type === 'formUrlEncoded' && typeof data === 'object' && data !== null) {
    return formBody(
      Object.entries(data).map(([name, field]) => ({
        name,
        value: compileData(field, pointerOf(dataPointer, name), values.template),
      })),
    );
  }
  compilation.report(
    'NOT_SERVED_YET',
    pointer,
    'A body block of this form is not served yet; type json and formUrlEncoded with structured data are.',
    { at: 'key' },
  );
  return undefined;
}

function jsonBody(data: Value): BuildBody {
  if ('constant' in data) {
    const content = { bytes: JSON.stringify(data.constant), type: JSON_TYPE };
    return () => content;
  }
  return (scope) => ({ bytes: JSON.stringify(data.read(scope)), type: JSON_TYPE });
}

function formBody(fields: readonly { name: string; value: Value }[]): BuildBody {
  const writers = fields.map(({ name, value }) => ({
    read: readerOf(value),
    input: ('read' in value ? value.input : undefined) ?? name,
    encode: queryEncoder(name, { style: 'form', explode: true }),
  }));
  return function buildForm(scope, _contentType, refuse) {
    const pairs: string[] = [];
    for (const { read, input, encode } of writers) {
      const given = read(scope);
      if (given !== undefined) pairs.push(encode(given, input, refuse));
    }
    return { bytes: pairs.join('&'), type: FORM_TYPE };
  };
}
