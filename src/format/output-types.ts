import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';

/** Makes a value one of a type; null when it cannot be one. Nothing is invented or rounded. */
export type Coerce = (value: Json | undefined) => Json;

/**
 * Text and numbers become one another where that loses nothing; a value that is no number, no whole
 * number, no truth value or no text is null. `elements` also knows the forms of XML: `1` and `0` for
 * truth values, and an element with attributes, whose text counts.
 */
export function coercionOf(
  type: 'string' | 'number' | 'integer' | 'boolean',
  elements: boolean,
): Coerce {
  const coerce = COERCIONS[type];
  if (!elements) return (value) => coerce(value);
  return function coerceElement(value) {
    const text = textOfElement(value);
    if (type === 'boolean' && (text === '1' || text === '0')) return text === '1';
    return coerce(text);
  };
}

const COERCIONS = {
  string: toText,
  number: toNumber,
  integer(value: Json | undefined): Json {
    const number = toNumber(value);
    return Number.isInteger(number) ? number : null;
  },
  boolean: toBoolean,
} as const satisfies Record<string, Coerce>;

function toText(value: Json | undefined): Json {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const NUMBER = /^[+-]?(?:\d+(\.\d*)?|(\.\d+))(e[+-]?\d+)?$/i;

function toNumber(value: Json | undefined): Json {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const number = Number(text);
  if (!Number.isFinite(number)) return null;
  const whole = match[1] === undefined && match[2] === undefined && match[3] === undefined;
  return whole && !Number.isSafeInteger(number) && BigInt(text.replace('+', '')) !== BigInt(number)
    ? null
    : number;
}

function toBoolean(value: Json | undefined): Json {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}

function textOfElement(value: Json | undefined): Json | undefined {
  if (!isRecord(value)) return value;
  const text = Object.hasOwn(value, '') ? value[''] : undefined;
  return typeof text === 'string' ? text : value;
}

/** At most so many UTF-16 units, no character is cut in two. */
export function cut(value: Json, maxLength: number | undefined): Json {
  if (maxLength === undefined || typeof value !== 'string' || value.length <= maxLength) {
    return value;
  }
  const last = value.charCodeAt(maxLength - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength);
}
