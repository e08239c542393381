import { pointerOf } from '../document/source.ts';
import { readerOf, type Value } from '../expression/template.ts';
import type { RawFormat, Scope } from '../plan/plan.ts';
import { authenticationOf } from './authentication.ts';
import { JSON_TYPE } from './body-content.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodeCookie, encodeHeader, type Refuse } from './encode.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import type { ParameterValues } from './parameter-values.ts';

/** Writes a header's value for one request; undefined leaves the header out. */
type WriteHeader = (scope: Scope, refuse: Refuse) => string | undefined;

export interface HeaderPlan {
  /** Names and values alternating, names in lower case. */
  readonly constant: readonly string[];
  /** The same, and that the body is JSON. */
  readonly constantJson: readonly string[];
  readonly dynamic: readonly { readonly name: string; readonly write: WriteHeader }[];
  /** A Content-Type that does not depend on the caller. */
  readonly contentType: string | undefined;
}

const ACCEPT: Readonly<Partial<Record<RawFormat, string>>> = {
  json: 'application/json, */*;q=0.5',
  xml: 'application/xml, text/xml;q=0.9, */*;q=0.5',
  yaml: 'application/yaml, text/yaml;q=0.9, */*;q=0.5',
  csv: 'text/csv, */*;q=0.5',
  tsv: 'text/tab-separated-values, */*;q=0.5',
  html: 'text/html, */*;q=0.5',
  markdown: 'text/markdown, text/plain;q=0.9, */*;q=0.5',
  text: 'text/plain, */*;q=0.5',
};

/** Least to most binding: our default, the block's headers, declared parameters, the credential. */
export function compileHeaders(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
  format: RawFormat,
): HeaderPlan {
  const levels = new Map<string, (string | WriteHeader)[]>();
  const add = (name: string, pointer: string, value: string | WriteHeader): void => {
    if (!mayBeSent(compilation, name, pointer)) return;
    const lower = name.toLowerCase();
    levels.set(lower, [value, ...(levels.get(lower) ?? [])]);
  };
  const { consumes, pointer } = target.block;
  add('accept', pointer, ACCEPT[format] ?? '*/*');
  for (const [name, text] of Object.entries(consumes.headers ?? {})) {
    const at = pointerOf(pointer, 'headers', name);
    const value = values.template(String(text), at);
    if (value !== undefined) add(name, at, headerValue(compilation, name, value, at));
  }
  const cookies: Cookie[] = [];
  for (const entry of target.parameters) {
    const value = values.of(entry);
    if (value === undefined) continue;
    const { name, in: place } = entry.parameter;
    if (place === 'cookie') cookies.push({ name, value });
    if (place === 'header')
      add(name, entry.pointer, headerValue(compilation, name, value, entry.pointer));
  }
  if (cookies.length > 0) add('cookie', target.pointer, cookieWriter(cookies));
  const { headers, caller } = authenticationOf(target);
  for (const [name, value] of headers) levels.set(name, [encodeHeader(name, value, () => {})]);
  if (caller?.in === 'header' && values.caller !== undefined) {
    const { name, pointer: at } = caller;
    levels.set(name, [headerValue(compilation, name, values.caller, at)]);
  }
  return planOf(compilation, levels);
}

function mayBeSent(compilation: Compilation, name: string, pointer: string): boolean {
  if (isManagedHeader(name)) {
    compilation.report(
      'HEADER_MANAGED',
      pointer,
      `The header "${name}" belongs to the connection with the consumed API, so the gateway sets it itself.`,
    );
    return false;
  }
  if (!isHeaderName(name)) {
    compilation.report(
      'VALUE_NOT_ALLOWED',
      pointer,
      `"${name}" cannot be a header name: only letters, digits and !#$%&'*+-.^_\`|~ may stand in one.`,
    );
    return false;
  }
  return true;
}

function headerValue(
  compilation: Compilation,
  name: string,
  value: Value,
  pointer: string,
): string | WriteHeader {
  if ('constant' in value) {
    return encodeHeader(name, value.constant, (_, why) =>
      compilation.report('VALUE_NOT_ALLOWED', pointer, `The header "${name}" ${why}.`),
    );
  }
  return headerWriter(value.read, value.input ?? name);
}

const headerWriter = (read: (scope: Scope) => unknown, input: string): WriteHeader =>
  function writeHeader(scope, refuse) {
    const given = read(scope);
    return given === undefined ? undefined : encodeHeader(input, given, refuse);
  };

interface Cookie {
  readonly name: string;
  readonly value: Value;
}

function cookieWriter(cookies: readonly Cookie[]): WriteHeader {
  const writers = cookies.map(({ name, value }) => ({
    read: readerOf(value),
    input: ('read' in value ? value.input : undefined) ?? name,
    name,
  }));
  return function writeCookies(scope, refuse) {
    let pairs: string | undefined;
    for (const { name, read, input } of writers) {
      const given = read(scope);
      if (given === undefined) continue;
      const pair = encodeCookie(name, given, input, refuse);
      pairs = pairs === undefined ? pair : `${pairs}; ${pair}`;
    }
    return pairs;
  };
}

function planOf(
  compilation: Compilation,
  levels: ReadonlyMap<string, readonly (string | WriteHeader)[]>,
): HeaderPlan {
  const constant: string[] = [];
  const dynamic: { name: string; write: WriteHeader }[] = [];
  let contentType: string | undefined;
  for (const [name, [first, ...others]] of levels) {
    if (typeof first === 'string') {
      constant.push(name, first);
      if (name === 'content-type') contentType = first;
    } else if (first !== undefined) {
      dynamic.push({ name, write: others.length === 0 ? first : firstGiven([first, ...others]) });
    }
  }
  return {
    constant: sharedList(compilation, constant),
    constantJson: sharedList(compilation, [...constant, 'content-type', JSON_TYPE]),
    dynamic,
    contentType,
  };
}

/**
 * Operations of a file mostly send the same constant headers: one list for all of them. What is frozen
 * never changes, so what the upstream client makes of it is made once, too.
 */
function sharedList({ headerLists }: Compilation, list: readonly string[]): readonly string[] {
  const key = JSON.stringify(list);
  const known = headerLists.get(key);
  if (known !== undefined) return known;
  const frozen = Object.freeze([...list]);
  headerLists.set(key, frozen);
  return frozen;
}

const firstGiven = (levels: readonly (string | WriteHeader)[]): WriteHeader =>
  function writeFirstGiven(scope, refuse) {
    for (const level of levels) {
      const text = typeof level === 'string' ? level : level(scope, refuse);
      if (text !== undefined) return text;
    }
    return undefined;
  };
