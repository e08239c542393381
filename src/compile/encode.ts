import { toText } from '../expression/template.ts';

/** Adds a sentence about one value that cannot be placed in the request. */
export type Refuse = (name: string, why: string) => void;

const PLAIN = /^[\w.~-]+$/;
const upper = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Percent-encodes everything but RFC 3986 unreserved characters; undefined for text with lone surrogates. */
export function percentEncode(text: string): string | undefined {
  if (PLAIN.test(text)) return text;
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, upper);
  } catch {
    return undefined;
  }
}

/** One path segment's value: it can neither leave its segment nor name another one. */
export function encodePathValue(name: string, value: unknown, refuse: Refuse): string {
  if (value === undefined) {
    refuse(name, 'is needed in the path and was not given');
    return '';
  }
  const text = toText(value);
  if (text === '') refuse(name, 'must not be empty: it fills a segment of the path');
  else if (text === '.' || text === '..')
    refuse(name, `must not be "${text}": it would name another path`);
  else if (text.includes('\0')) refuse(name, 'must not hold a NUL character');
  const encoded = percentEncode(text);
  if (encoded === undefined) refuse(name, 'holds a broken character (half of a surrogate pair)');
  return encoded ?? '';
}

/** The value of a variable that the operator, not a caller, sets: it may span segments. */
export const encodeTrustedPath = (value: unknown): string =>
  toText(value)
    .split('/')
    .map((segment) => percentEncode(segment) ?? '')
    .join('/');

/** How a query parameter with several values is written, as OpenAPI names the styles. */
export interface QueryStyle {
  readonly style: string;
  readonly explode: boolean;
}

/** `name=value` pairs of one query parameter, joined with `&`; '' for an empty list. */
export function encodeQuery(
  name: string,
  value: unknown,
  style: QueryStyle,
  refuse: Refuse,
): string {
  const encode = (text: string): string => {
    const encoded = percentEncode(text);
    if (encoded === undefined) refuse(name, 'holds a broken character (half of a surrogate pair)');
    return encoded ?? '';
  };
  const pair = (key: string, item: unknown): string => `${encode(key)}=${encode(toText(item))}`;
  if (Array.isArray(value)) {
    if (style.explode) return value.map((item) => pair(name, item)).join('&');
    return value.length === 0
      ? ''
      : `${encode(name)}=${value.map((item) => encode(toText(item))).join(SEPARATORS[style.style] ?? ',')}`;
  }
  if (
    style.style === 'deepObject' &&
    typeof value === 'object' &&
    value !== null &&
    !Buffer.isBuffer(value)
  ) {
    return Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .flatMap(([key, item]) =>
        (Array.isArray(item) ? item : [item]).map((each) => pair(`${name}[${key}]`, each)),
      )
      .join('&');
  }
  return pair(name, value);
}

const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header may not hold
const FORBIDDEN = /[\0-\x08\x0a-\x1f\x7f]/;

/** A header's value as bytes on the wire: UTF-8, each byte a character. */
export function encodeHeader(name: string, value: unknown, refuse: Refuse): string {
  const text = Array.isArray(value) ? value.map(toText).join(',') : toText(value);
  if (FORBIDDEN.test(text)) {
    refuse(
      name,
      'must not hold line breaks, NUL or other control characters: it is sent as a header',
    );
    return '';
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII needs no second encoding
  return /^[\x09\x20-\x7e]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
