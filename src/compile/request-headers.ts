import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { RawFormat, Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodeHeader, percentEncode } from './encode.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import type { ParameterValues } from './parameter-values.ts';

type Read = (scope: Scope) => unknown;

export interface HeaderPlan {
  readonly constant: readonly string[];
  readonly dynamic: readonly { readonly name: string; readonly read: Read }[];
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
  const levels = new Map<string, Value[]>();
  const add = (name: string, value: Value, pointer: string): void => {
    const lower = name.toLowerCase();
    if (isManagedHeader(lower)) {
      compilation.report(
        'HEADER_MANAGED',
        pointer,
        `The header "${name}" belongs to the connection with the consumed API, so the gateway sets it itself.`,
      );
      return;
    }
    if (!isHeaderName(name)) {
      compilation.report(
        'VALUE_NOT_ALLOWED',
        pointer,
        `"${name}" cannot be a header name: only letters, digits and !#$%&'*+-.^_\`|~ may stand in one.`,
      );
      return;
    }
    levels.set(lower, [value, ...(levels.get(lower) ?? [])]);
  };
  const { consumes, pointer, authentication } = target.block;
  add('accept', { constant: ACCEPT[format] ?? '*/*' }, pointer);
  for (const [name, text] of Object.entries(consumes.headers ?? {})) {
    const at = pointerOf(pointer, 'headers', name);
    const value = values.template(String(text), at);
    if (value !== undefined) add(name, value, at);
  }
  const cookies: { name: string; read: Read }[] = [];
  for (const entry of target.parameters) {
    const value = values.of(entry);
    if (value === undefined) continue;
    if (entry.parameter.in === 'cookie')
      cookies.push({ name: entry.parameter.name, read: readerOf(value) });
    if (entry.parameter.in === 'header') add(entry.parameter.name, value, entry.pointer);
  }
  if (cookies.length > 0) add('cookie', { read: cookieReader(cookies) }, target.pointer);
  for (const [name, value] of authentication.headers)
    levels.set(name, [{ constant: Buffer.from(value, 'latin1').toString('utf8') }]);
  return splitHeaders(compilation, target, levels);
}

function cookieReader(cookies: readonly { name: string; read: Read }[]): Read {
  return function readCookies(scope) {
    const pairs = cookies.flatMap(({ name, read }) => {
      const value = read(scope);
      return value === undefined
        ? []
        : [`${percentEncode(name)}=${percentEncode(toText(value)) ?? ''}`];
    });
    return pairs.length === 0 ? undefined : pairs.join('; ');
  };
}

function splitHeaders(
  compilation: Compilation,
  target: ConsumedTarget,
  levels: ReadonlyMap<string, readonly Value[]>,
): HeaderPlan {
  const constant: string[] = [];
  const dynamic: { name: string; read: Read }[] = [];
  let contentType: string | undefined;
  for (const [name, values] of levels) {
    const first = values[0] as Value;
    if ('constant' in first) {
      const text = encodeHeader(name, first.constant, (_, why) =>
        compilation.report('VALUE_NOT_ALLOWED', target.pointer, `The header "${name}" ${why}.`),
      );
      constant.push(name, text);
      if (name === 'content-type') contentType = text;
    } else {
      const readers = values.map(readerOf);
      dynamic.push({
        name,
        read: readers.length === 1 ? (readers[0] as Read) : firstGiven(readers),
      });
    }
  }
  return { constant, dynamic, contentType };
}

const firstGiven = (readers: readonly Read[]): Read =>
  function readFirstGiven(scope) {
    for (const read of readers) {
      const value = read(scope);
      if (value !== undefined) return value;
    }
    return undefined;
  };
