/** One challenge or credential: `Digest realm="a", nonce="b"`, `Bearer abc`, `Basic Zm9v`. */
export interface AuthValue {
  /** In lower case. */
  readonly scheme: string;
  /** What follows the scheme when it is one text rather than parameters; '' otherwise. */
  readonly token: string;
  /** By lower-case name, quotes and escapes undone; the first of two equal names. */
  readonly params: ReadonlyMap<string, string>;
}

const TOKEN = /[\w!#$%&'*+.^`|~-]+/y;
const TOKEN68 = /[\w.~+/-]+=*(?=\s*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;

/**
 * Splits the value of `WWW-Authenticate` or `Authorization`, several challenges in one value
 * included. What cannot be read ends the list.
 */
export function parseAuthHeader(text: string): readonly AuthValue[] {
  const values: AuthValue[] = [];
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = at;
    const found = expression.exec(text) ?? undefined;
    if (found !== undefined) at += found[0].length;
    return found;
  };
  const skip = (expression: RegExp): void => void take(expression);

  for (;;) {
    skip(/[\s,]*/y);
    const scheme = take(TOKEN)?.[0];
    if (scheme === undefined) return values;
    skip(/[ \t]*/y);
    const params = new Map<string, string>();
    const token = isParameter(text, at) ? '' : (take(TOKEN68)?.[0] ?? '');
    while (isParameter(text, at)) {
      const name = (take(TOKEN)?.[0] ?? '').toLowerCase();
      skip(/\s*=\s*/y);
      const quoted = take(QUOTED);
      const value = quoted === undefined ? take(TOKEN)?.[0] : quoted[1]?.replace(/\\(.)/gs, '$1');
      if (value === undefined) return values;
      if (!params.has(name)) params.set(name, value);
      skip(/[\s,]*/y);
    }
    values.push({ scheme: scheme.toLowerCase(), token, params });
    skip(/[ \t]*/y);
    if (at < text.length && token !== '' && text[at] !== ',') return values;
  }
}

/** `name = value` begins here, rather than a scheme or a token ending in `=`. */
function isParameter(text: string, at: number): boolean {
  const expression = /[\w!#$%&'*+.^`|~-]+\s*=\s*(?:"|[\w!#$%&'*+.^`|~-])/y;
  expression.lastIndex = at;
  return expression.test(text);
}

/** A text as a quoted string. */
export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The token of `Authorization: Bearer …`; undefined when it is missing or of another scheme. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** Whether a credential says that it is a bearer token, and then is none that could be one (RFC 6750). */
export function isMalformedBearer(authorization: string | undefined): boolean {
  if (!/^bearer(?: |$)/i.test(authorization ?? '')) return false;
  return !/^bearer +[\w.~+/-]+=* *$/i.test(authorization as string);
}
