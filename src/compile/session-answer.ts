import { readDuration } from '../auth/duration.ts';
import { onOurClock, readJwtEnd, readLife, readTime } from '../auth/session-expiry.ts';
import type { Scalar, SessionAuthentication, SessionValues } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { compileJsonPath, type Select } from '../expression/jsonpath.ts';
import { toText } from '../expression/template.ts';
import type { SessionAnswer, SessionCall } from '../plan/outbound.ts';
import type { Json } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

type Values = SessionCall['values'];
type Expires = NonNullable<SessionCall['expires']>;

/** What is kept of an answer. A value that cannot be read is reported, and left out. */
export function compileValues(
  compilation: Compilation,
  written: SessionValues,
  pointer: string,
): Values {
  return Object.entries(written).flatMap(([name, from]): Values => {
    const at = pointerOf(pointer, name);
    if (typeof from === 'string') {
      const select = compilePath(compilation, from, at);
      if (select === undefined) return [];
      return [{ name, from: `at ${from}`, pick: ({ body }) => selected(select, body) }];
    }
    const { header, cookie } = from;
    if (header !== undefined) {
      const lower = header.toLowerCase();
      const pick = ({ headers }: SessionAnswer) => headersNamed(lower, headers)[0];
      return [{ name, from: `in the header ${header}`, pick }];
    }
    if (cookie === undefined) return [];
    const pick = ({ headers }: SessionAnswer) => cookieNamed(cookie, headers);
    return [{ name, from: `in the cookie ${cookie}`, pick }];
  });
}

export function compileSuccess(
  compilation: Compilation,
  written: SessionAuthentication['success'] = {},
  pointer: string,
): SessionCall['success'] {
  return Object.entries(written).flatMap(([path, wanted]) => {
    const select = compilePath(compilation, path, pointerOf(pointer, path));
    if (select === undefined) return [];
    const texts = (Array.isArray(wanted) ? (wanted as readonly Scalar[]) : [wanted]).map(toText);
    const isMet = ({ body }: SessionAnswer): boolean => {
      const found = selected(select, body);
      return found !== undefined && texts.includes(toText(found));
    };
    return [{ path, isMet }];
  });
}

/** When a session ends, as far as the file says. */
export function compileExpiry(
  compilation: Compilation,
  { expires, values }: SessionAuthentication,
  parent: string,
): Expires | undefined {
  if (expires === undefined) return undefined;
  const pointer = pointerOf(parent, 'expires');
  const { in: life, at, jwt } = expires;
  if (life !== undefined) return compileLife(compilation, life, pointerOf(pointer, 'in'));
  if (at !== undefined) {
    const select = compilePath(compilation, at, pointerOf(pointer, 'at'));
    if (select === undefined) return undefined;
    return ({ body, headers }, _, asked) => {
      const time = readTime(selected(select, body));
      return time === undefined ? undefined : onOurClock(time, headers, asked);
    };
  }
  if (jwt === undefined) return undefined;
  if (!Object.hasOwn(values, jwt)) {
    const names = Object.keys(values);
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointerOf(pointer, 'jwt'),
      `"${jwt}" is none of the values of this session (${names.join(', ')}).`,
      { suggestion: nearest(jwt, names) },
    );
    return undefined;
  }
  return ({ headers }, given, asked) => {
    const time = readJwtEnd(given[jwt]);
    return time === undefined ? undefined : onOurClock(time, headers, asked);
  };
}

function compileLife(
  compilation: Compilation,
  written: string | number,
  pointer: string,
): Expires | undefined {
  if (typeof written === 'string' && written.trim().startsWith('$')) {
    const select = compilePath(compilation, written, pointer);
    if (select === undefined) return undefined;
    return ({ body }, _, asked) => {
      const life = readLife(selected(select, body));
      return life === undefined ? undefined : asked + life;
    };
  }
  const life = readSpan(written);
  if (life !== undefined && life > 0) return (_answer, _values, asked) => asked + life;
  refuseSpan(compilation, written, pointer, ', or a JSONPath to seconds such as $.expires_in');
  return undefined;
}

/** Milliseconds of a duration, or of seconds; undefined for neither. */
export function readSpan(written: string | number): number | undefined {
  const seconds = String(written).trim() === '' ? Number.NaN : Number(written);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : seconds * 1000;
  return readDuration(String(written));
}

export function refuseSpan(
  compilation: Compilation,
  written: string | number,
  pointer: string,
  more = '',
): void {
  compilation.report(
    'VALUE_NOT_ALLOWED',
    pointer,
    `"${written}" is no time: write a duration such as PT30M, seconds${more}.`,
  );
}

function compilePath(compilation: Compilation, path: string, pointer: string): Select | undefined {
  const compiled = compileJsonPath(path);
  if (!('why' in compiled)) return compiled.select;
  compilation.report('JSONPATH_INVALID', pointer, `The JSONPath ${compiled.why}.`);
  return undefined;
}

const selected = (select: Select, body: Json | undefined): Json | undefined =>
  body === undefined ? undefined : (select(body) ?? undefined);

const headersNamed = (name: string, headers: readonly string[]): string[] =>
  headers.filter((_, at) => at % 2 === 1 && headers[at - 1] === name);

/** The value of the last cookie of a name, as it was written. */
function cookieNamed(name: string, headers: readonly string[]): string | undefined {
  const pairs = headersNamed('set-cookie', headers).map((line) => line.split(';', 1)[0] as string);
  const pair = pairs.findLast((each) => each.slice(0, each.indexOf('=')).trim() === name);
  return pair
    ?.slice(pair.indexOf('=') + 1)
    .trim()
    .replace(/^"(.*)"$/, '$1');
}
