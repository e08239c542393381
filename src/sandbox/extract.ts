import { type Call, Refusal } from './service.ts';

type Type = 'string' | 'boolean' | 'integer' | 'object' | 'any';

/** The fields of a body: a `?` at the end of a type makes one optional. */
export type Fields = Readonly<Record<string, Type | `${Type}?`>>;

/**
 * The JSON object of a body, with these fields. What does not fit is refused before the operation
 * hears of it, in plain text, as servers built of typed extractors do.
 * @throws Refusal 415, 400 or 422
 */
export function jsonObject(call: Call, fields: Fields): Readonly<Record<string, unknown>> {
  const type = call.headers['content-type'] ?? '';
  if (!/^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(type))
    throw plain(415, 'Expected request with `Content-Type: application/json`');
  const value = parsed(call.body);
  const wrong = (why: string): Refusal =>
    plain(422, `Failed to deserialize the JSON body into the target type: ${why}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong('invalid type, expected struct at line 1 column 1');
  const given = value as Readonly<Record<string, unknown>>;
  for (const [name, written] of Object.entries(fields)) {
    const isOptional = written.endsWith('?');
    const expected = written.replace('?', '') as Type;
    const found = given[name];
    if (found === undefined || (found === null && isOptional)) {
      if (isOptional) continue;
      throw wrong(`missing field \`${name}\` at line 1 column ${call.body.length}`);
    }
    if (!isOf(expected, found)) throw wrong(`${name}: invalid type, expected ${expected}`);
  }
  return given;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const reason = text === '' ? 'EOF while parsing a value at line 1 column 0' : 'expected value';
    throw plain(400, `Failed to parse the request body as JSON: ${reason}`);
  }
}

function isOf(type: Type, value: unknown): boolean {
  if (type === 'any') return true;
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'object') return typeof value === 'object' && !Array.isArray(value);
  return typeof value === type;
}

/** @throws Refusal 400 in plain text */
export function integerParam(text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw plain(400, `Invalid URL: Cannot parse \`${text}\` to a \`i64\``);
}

/** @throws Refusal 400 in plain text */
export function integerQuery(call: Call, name: string, usual: number): number {
  const text = call.query.get(name);
  if (text === null) return usual;
  if (/^\d+$/.test(text)) return Number(text);
  throw plain(400, `Failed to deserialize query string: ${name}: invalid digit found in string`);
}

const plain = (status: number, text: string): Refusal => new Refusal({ status, text });
