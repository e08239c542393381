import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import { type BuildBody, FORM_TYPE, JSON_TYPE } from './body-content.ts';
import { parseJsonTemplate } from './body-json.ts';
import { compileMultipart } from './body-multipart.ts';
import { compileTextBody, type TextType } from './body-text.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { fixedContentType } from './content-type.ts';
import { compileData } from './data.ts';
import { queryEncoder } from './encode.ts';
import { isJsonType } from './headers.ts';
import type { ParameterValues } from './parameter-values.ts';

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

/** `body: {type, data}`, or a text, which is taken as its Content-Type says. */
function compileBodyBlock(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): BuildBody | undefined {
  const pointer = pointerOf(target.pointer, 'body');
  const { body } = target.operation;
  if (typeof body === 'string') {
    const declared = fixedContentType(target);
    const type = declared === undefined ? guessType(body) : typeOfMedia(declared);
    return compileTextBody({ compilation, values, pointer, text: body, type });
  }
  const { type = 'json', data } = body as { type?: string; data?: unknown };
  const at = pointerOf(pointer, 'data');
  if (typeof data === 'string') {
    const kind = type === 'raw' ? guessType(data) : (type as TextType);
    return compileTextBody({ compilation, values, pointer: at, text: data, type: kind });
  }
  if (type === 'multipartForm') return compileMultipart(compilation, data, at, values);
  if (type === 'json') return jsonBody(compileData(data, at, values.template));
  return formBody(
    Object.entries(data as object).map(([name, field]) => ({
      name,
      value: compileData(field, pointerOf(at, name), values.template),
    })),
  );
}

/** What a text without a declared type is: its first character tells. */
function guessType(text: string): TextType {
  if (/^\s*<[?!\p{L}_]/u.test(text)) return 'xml';
  return /^\s*[[{"]/.test(text) || parseJsonTemplate(text).why === undefined ? 'json' : 'text';
}

function typeOfMedia(contentType: string): TextType {
  const media = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (isJsonType(media)) return 'json';
  if (media.endsWith('/xml') || media.endsWith('+xml') || media === 'text/html') return 'xml';
  if (media.startsWith('application/sparql-')) return 'sparql';
  return media === FORM_TYPE ? 'formUrlEncoded' : 'text';
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
