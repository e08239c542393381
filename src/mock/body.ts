import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ParameterShape } from '../document/document.ts';
import type { Violation } from '../errors.ts';
import { invalidInput, namesOf, type Received } from './check.ts';
import type { Match, MockOperation } from './operation.ts';
import type { Refusal } from './problem.ts';
import { unfilledField } from './unfilled.ts';

const LIMIT = 1024 * 1024;
/** Read and thrown away past the limit, so that the sender gets the answer before the connection ends. */
const PATIENCE = 16 * LIMIT;

/** The whole request body; undefined when it is larger than 1 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LIMIT) chunks.push(chunk);
    else chunks.length = 0;
    if (size > PATIENCE) break;
  }
  return size > LIMIT ? undefined : Buffer.concat(chunks);
}

/** A checked body. `text` is the JSON as it came, so that an answer can show it digit by digit. */
export type Body = { readonly kind: 'none' } | JsonBody | OtherBody;

interface JsonBody {
  readonly kind: 'json';
  readonly text: string;
  readonly value: unknown;
}

interface OtherBody {
  readonly kind: 'other';
  readonly mediaType: string;
  readonly bytes: number;
}

/** Checks the body: there when required, of the right media type, well-formed, with its required fields. */
export function checkBody(match: Match, received: Received): Body | Refusal {
  const { operation } = match;
  const { body, headers } = received;
  const expected = expectation(operation);
  if (body.length === 0) {
    if (!expected.required) return { kind: 'none' };
    return invalidInput(operation, [
      { input: expected.name, in: 'body', message: 'is required and no body was sent' },
    ]);
  }
  const mediaType = mediaTypeOf(headers);
  const encoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (!isJson(mediaType)) {
    if (
      expected.mediaType === undefined ||
      operation.ownMediaType ||
      mediaType === expected.mediaType
    ) {
      return { kind: 'other', mediaType, bytes: body.length };
    }
    return {
      code: 'MEDIA_TYPE_WRONG',
      detail: `${operation.target} takes a body of ${expected.mediaType}, but the Content-Type is ${mediaType === '' ? 'missing' : mediaType}.`,
    };
  }
  if (encoded) return { kind: 'other', mediaType, bytes: body.length };
  const read = parse(body, headers);
  if ('code' in read) return read;
  const field = unfilledField(read.value, [...namesOf(match), expected.name]);
  if (field !== undefined) {
    const violation = { input: field, in: 'body', message: 'is a reference of the file' };
    return {
      code: 'VALUE_UNFILLED',
      detail: `The gateway sent ${field} in the body without filling the value in: it is the file's own words, not a value.`,
      violations: [violation],
    };
  }
  const violations = checkFields(operation, read.value);
  return violations.length > 0 ? invalidInput(operation, violations) : read;
}

const WRITTEN_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  text: 'text/plain',
  xml: 'application/xml',
  sparql: 'application/sparql-query',
  formUrlEncoded: 'application/x-www-form-urlencoded',
  multipartForm: 'multipart/form-data',
};

interface Expectation {
  readonly required: boolean;
  readonly name: string;
  /** undefined: any will do. */
  readonly mediaType: string | undefined;
}

function expectation({ body, parameters }: MockOperation): Expectation {
  if (body !== undefined) {
    const type =
      typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
    return { required: true, name: 'body', mediaType: WRITTEN_TYPES[String(type)] };
  }
  const declared = parameters.filter((parameter) => parameter.in === 'body');
  const needed = declared.find(({ required, value }) => required === true || value !== undefined);
  return {
    required: needed !== undefined,
    name: needed?.name ?? declared[0]?.name ?? 'body',
    mediaType: declared.length === 0 ? undefined : 'application/json',
  };
}

/** One body parameter is the whole body, whatever its name; several are the fields of their names. */
function checkFields({ body, parameters }: MockOperation, value: unknown): Violation[] {
  const declared = parameters.filter((parameter) => parameter.in === 'body');
  const [only] = declared;
  if (body !== undefined || only === undefined) return [];
  if (declared.length === 1) return missingFields(value, only, '');
  const properties = Object.fromEntries(
    declared.map((field) => [
      field.name,
      field.value === undefined ? field : { ...field, required: true },
    ]),
  );
  return missingFields(value, { properties }, '');
}

function missingFields(value: unknown, shape: ParameterShape, at: string): Violation[] {
  if (shape.properties === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ input: at === '' ? 'body' : at, in: 'body', message: 'is not a JSON object' }];
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(shape.properties).flatMap(([name, property]) => {
    const path = at === '' ? name : `${at}.${name}`;
    if (Object.hasOwn(fields, name)) {
      return fields[name] === null ? [] : missingFields(fields[name], property, path);
    }
    return property.required === true
      ? [{ input: path, in: 'body', message: 'is required and missing in the body' }]
      : [];
  });
}

const mediaTypeOf = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const isJson = (mediaType: string): boolean => /\bjson\b/.test(mediaType);

function parse(bytes: Buffer, headers: IncomingHttpHeaders): JsonBody | Refusal {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return {
      code: 'MEDIA_TYPE_WRONG',
      detail: `JSON is sent as UTF-8, but the charset is ${charset}.`,
    };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'json', text: text.trim(), value: JSON.parse(text) };
  } catch (error) {
    return { code: 'BODY_NOT_JSON', detail: `The body is not valid JSON: ${reasonOf(error)}.` };
  }
}

/** The parser's reason without the piece of the body that it may quote. */
const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError
    ? error.message.replace(/, (\.\.\.)?"[\s\S]*$/, '')
    : 'it is not UTF-8 text';
