import { toText } from '../expression/template.ts';
import { isRecord } from '../json.ts';

/** Adds a sentence about one value that cannot be placed in the request. */
export type Refuse = (name: string, why: string) => void;

const UNRESERVED = /^[\w.~-]+$/;
const SURROGATE = 'holds a broken character (half of a surrogate pair)';

const upper = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes everything but RFC 3986 unreserved characters; undefined for text with lone surrogates. */
export function percentEncode(text: string): string | undefined {
  if (UNRESERVED.test(text)) return text;
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, upper);
  } catch {
    return undefined;
  }
}

export function encodeOrRefuse(name: string, text: string, refuse: Refuse): string {
  const encoded = percentEncode(text);
  if (encoded === undefined) refuse(name, SURROGATE);
  return encoded ?? '';
}

const listText = (list: readonly unknown[]): string => list.map(toText).join(',');

const encodeItems = (
  name: string,
  list: readonly unknown[],
  separator: string,
  refuse: Refuse,
): string => list.map((item) => encodeOrRefuse(name, toText(item), refuse)).join(separator);

/** The value of a variable that the operator, not a caller, sets: it may span segments. */
export const encodeTrustedPath = (value: string): string =>
  value
    .split('/')
    .map((segment) => percentEncode(segment) ?? '')
    .join('/');

/** The author's own text in a path or query: what no URL holds is encoded, the rest stays. */
export const encodeLiteral = (text: string): string =>
  text.replace(/[^\w\-.~!$&'()*+,;=:@/?%]|%(?![\dA-Fa-f]{2})/gu, (character) =>
    character === '%' ? '%25' : (percentEncode(character) ?? ''),
  );

/** How a query parameter with several values is written, as OpenAPI names the styles. */
export interface QueryStyle {
  readonly style: string;
  readonly explode: boolean;
}

const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
};

/** Writes the pairs of one query parameter, joined with `&`. @param input how the caller knows it, for messages */
export type EncodeQuery = (value: unknown, input: string, refuse: Refuse) => string;

/**
 * A list or object without members is a value like any other: its name is sent with nothing behind
 * it. An object is its JSON text, except in the style `deepObject`.
 */
export function queryEncoder(name: string, { style, explode }: QueryStyle): EncodeQuery {
  const lead = `${percentEncode(name) ?? ''}=`;
  const separator = SEPARATORS[style] ?? ',';
  return function encodeQuery(value, input, refuse) {
    if (Array.isArray(value)) {
      return explode && value.length > 0
        ? lead + encodeItems(input, value, `&${lead}`, refuse)
        : lead + encodeItems(input, value, separator, refuse);
    }
    if (style !== 'deepObject' || !hasMembers(value))
      return lead + encodeOrRefuse(input, toText(value), refuse);
    const pairs = membersOf(name, value).map(
      ([key, item]) =>
        `${encodeOrRefuse(input, key, refuse)}=${encodeOrRefuse(input, toText(item), refuse)}`,
    );
    return pairs.length === 0 ? lead : pairs.join('&');
  };
}

function membersOf(name: string, value: object): [key: string, item: unknown][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const inner = `${name}[${key}]`;
    if (hasMembers(item)) return membersOf(inner, item);
    return (Array.isArray(item) ? item : [item]).map((each): [string, unknown] => [inner, each]);
  });
}

const hasMembers = (value: unknown): value is object => isRecord(value) && !Buffer.isBuffer(value);

/** One variable in a query that the consumed path itself holds. */
export const encodeQueryValue = (name: string, value: unknown, refuse: Refuse): string =>
  encodeOrRefuse(name, Array.isArray(value) ? listText(value) : toText(value), refuse);

/** `name=value` of a cookie: RFC 6265 octets stay, the rest and `%` are percent-encoded. */
export function encodeCookie(name: string, value: unknown, input: string, refuse: Refuse): string {
  const text = toText(value);
  if (/\p{Surrogate}/u.test(text)) {
    refuse(input, SURROGATE);
    return '';
  }
  const encoded = text.replace(/[^!#$&-+\--:<-[\]-~]+/gu, encodeURIComponent);
  return `${percentEncode(name) ?? ''}=${encoded}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header may not hold
const FORBIDDEN = /[\0-\x08\x0a-\x1f\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII needs no second encoding
const ASCII = /^[\x09\x20-\x7e]*$/;

/** A header's value as bytes on the wire: UTF-8, each byte a character. */
export function encodeHeader(name: string, value: unknown, refuse: Refuse): string {
  const text = Array.isArray(value) ? listText(value) : toText(value);
  if (FORBIDDEN.test(text)) {
    refuse(
      name,
      'must not hold line breaks, NUL or other control characters: it is sent as a header',
    );
    return '';
  }
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
