import type { InputPlan, RoutePlan } from '../../src/plan/plan.ts';
import { routeVariables } from '../../src/rest/router.ts';
import type { Given } from './values.ts';

/** A request as a REST client writes it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By name in lower case, each value as the bytes of its UTF-8, one a character. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** What the variables of the path stand for. */
  readonly segments: readonly string[];
}

/**
 * Puts each value where the route takes it; undefined when HTTP cannot say it: half of a surrogate
 * pair in a URL or header, a path without a value of its own.
 */
export function requestFor(
  { method, path, operation }: RoutePlan,
  given: Given,
): Asked | undefined {
  const inputs = operation.inputs.filter(({ name }) => Object.hasOwn(given, name));
  const at = (place: string): readonly InputPlan[] =>
    inputs.filter((input) => input.from.in === place);
  const outside = inputs.filter(({ from }) => from.in !== 'body');
  if (outside.some(({ name }) => isBroken(textOf(given[name])))) return undefined;
  const segments = routeVariables(path).map((variable) => {
    const input = at('path').find(({ from }) => from.name === variable);
    return input === undefined ? 'unused' : textOf(given[input.name]);
  });
  const query = at('query')
    .filter(({ name }) => given[name] !== null)
    .flatMap((input) => queryPairs(input, given[input.name], operation.inputs));
  const search = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const headers = headersOf(at('header'), at('cookie'), given);
  const body = bodyOf(operation.inputs, at('body'), given, headers);
  if (body === UNSAYABLE) return undefined;
  return {
    method,
    url: fill(path, segments) + (search === '' ? '' : `?${search}`),
    headers,
    body,
    segments,
  };
}

function fill(path: string, segments: readonly string[]): string {
  const values = [...segments];
  return path.replace(/\{\{[^{}]+\}\}|\{[^{}]+\}/g, () => encodeURIComponent(values.shift() ?? ''));
}

/** Half of a surrogate pair has no bytes in UTF-8. */
const isBroken = (text: string): boolean => /\p{Surrogate}/u.test(text);

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A list of texts repeats its name, another is JSON text, which keeps what its items are. */
function queryPairs(
  { from: { name } }: InputPlan,
  value: unknown,
  inputs: readonly InputPlan[],
): [string, string][] {
  if (Array.isArray(value)) {
    const [only] = value as unknown[];
    const repeats = value.every((item) => typeof item === 'string' && !isBroken(item));
    const isPlain = value.length > 1 || !/^\s*\[/.test(textOf(only));
    if (repeats && value.length > 0 && isPlain) return value.map((item) => [name, item as string]);
    return [[name, JSON.stringify(value)]];
  }
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const isFlat =
    members.length > 0 &&
    members.every((pair) => pair.every((each) => typeof each === 'string' && !isBroken(each)));
  if (isFlat && !inputs.some((input) => input.from.name.startsWith(`${name}[`))) {
    return members.map(([key, member]) => [`${name}[${key}]`, member as string]);
  }
  return [[name, textOf(value)]];
}

function headersOf(
  ofHeaders: readonly InputPlan[],
  ofCookies: readonly InputPlan[],
  given: Given,
): Record<string, string> {
  const headers: Record<string, string> = { host: 'gateway.example' };
  for (const { name, from } of ofHeaders) {
    if (given[name] === null) continue;
    headers[from.name] = Buffer.from(textOf(given[name]), 'utf8').toString('latin1');
  }
  const cookies = ofCookies
    .filter(({ name }) => given[name] !== null)
    .map(({ name, from }) => `${from.name}=${encodeURIComponent(textOf(given[name]))}`);
  if (cookies.length > 0) headers.cookie = cookies.join('; ');
  return headers;
}

const UNSAYABLE = Symbol('a value that no body of this media type is');

/**
 * The whole body, or an object of fields. A text for a body that may be any JSON is JSON text where it
 * is that, as it is for a tool; the text of another media type is itself.
 */
function bodyOf(
  all: readonly InputPlan[],
  inputs: readonly InputPlan[],
  given: Given,
  headers: Record<string, string>,
): string | undefined | typeof UNSAYABLE {
  const [only] = inputs;
  if (only === undefined) return undefined;
  const saysType = all.some(({ from }) => from.in === 'header' && from.name === 'content-type');
  if (only.from.whole !== true) {
    if (!saysType) headers['content-type'] = 'application/json';
    return JSON.stringify(
      Object.fromEntries(inputs.map(({ name, from }) => [from.name, given[name]])),
    );
  }
  const value = given[only.name];
  const isText = typeof value === 'string' && value !== '' && !isBroken(value);
  if (saysType && !/json/.test(headers['content-type'] ?? 'json'))
    return isText ? value : UNSAYABLE;
  if (only.type === 'string' && isText && !saysType && !value.startsWith('\ufeff')) {
    headers['content-type'] =
      isJson(value) || value.length % 2 === 1 ? 'text/plain' : 'application/json';
    return headers['content-type'] === 'text/plain' ? value : JSON.stringify(value);
  }
  if (!saysType) headers['content-type'] = 'application/json';
  // Where the caller says what the body is, a tool's text is not judged; JSON of a request is.
  if (saysType && isText && isJson(value) && only.type !== 'any') return UNSAYABLE;
  const isJsonText = only.type === 'any' && isText && isJson(value);
  return isJsonText ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
