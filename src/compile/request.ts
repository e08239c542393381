import { pointerOf } from '../document/source.ts';
import { inputInvalid, type Violation } from '../errors.ts';
import { compileTemplate, hasTags, readerOf, toText, type Value } from '../expression/template.ts';
import type { BuildRequest, RawFormat, Scope, UpstreamRequest } from '../plan/plan.ts';
import { type BuildBody, compileBody } from './body.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import {
  encodeHeader,
  encodePathValue,
  encodeQuery,
  encodeTrustedPath,
  percentEncode,
  type Refuse,
} from './encode.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import type { PathPart } from './path.ts';

type Read = (scope: Scope) => unknown;
/** Writes one piece of the URL; '' for what is absent. */
type Write = (scope: Scope, refuse: Refuse) => string;

/**
 * Compiles a consumed operation into the function that writes its request. Whatever does not depend
 * on the caller is written here, once; an operation without inputs always sends the same object.
 * @param feeds the value of each consumed parameter and template variable; what has none is absent
 */
export function compileRequest(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
  format: RawFormat,
): BuildRequest {
  const valueOf = parameterValues(compilation, target, feeds);
  const path = compilePath(compilation, target, valueOf.byName);
  const query = compileQuery(compilation, target, valueOf);
  const headers = compileHeaders(compilation, target, valueOf, format);
  const body = compileBody(compilation, target, valueOf);
  return assemble(target, path, query, headers, body);
}

function assemble(
  target: ConsumedTarget,
  path: string | readonly Write[],
  query: QueryPlan,
  headers: HeaderPlan,
  body: BuildBody | undefined,
): BuildRequest {
  const { method } = target;
  const { origin } = target.block.base;
  const isConstant =
    typeof path === 'string' &&
    query.dynamic.length === 0 &&
    headers.dynamic.length === 0 &&
    body === undefined;
  if (isConstant) {
    const request: UpstreamRequest = Object.freeze({
      origin,
      method,
      path: path + constantQuery(query.constant),
      headers: headers.constant,
    });
    return () => request;
  }
  return function buildRequest(scope) {
    let violations: Violation[] | undefined;
    const refuse: Refuse = (input, message) => {
      violations ??= [];
      violations.push({ input, message });
    };
    let url = typeof path === 'string' ? path : '';
    if (typeof path !== 'string') for (const write of path) url += write(scope, refuse);
    let mark = '?';
    if (query.constant !== '') {
      url += mark + query.constant;
      mark = '&';
    }
    for (const write of query.dynamic) {
      const text = write(scope, refuse);
      if (text === '') continue;
      url += mark + text;
      mark = '&';
    }
    const list =
      headers.dynamic.length === 0 && body === undefined ? headers.constant : [...headers.constant];
    let contentType = headers.contentType;
    for (const header of headers.dynamic) {
      const value = header.read(scope);
      if (value === undefined) continue;
      const text = encodeHeader(header.name, value, refuse);
      (list as string[]).push(header.name, text);
      if (header.name === 'content-type') contentType = text;
    }
    const content = body?.(scope, contentType, refuse);
    if (violations !== undefined) throw inputInvalid(violations);
    if (content === undefined) return { origin, method, path: url, headers: list };
    if (contentType === undefined && content.type !== undefined)
      (list as string[]).push('content-type', content.type);
    return { origin, method, path: url, headers: list, body: content.bytes };
  };
}

const constantQuery = (query: string): string => (query === '' ? '' : `?${query}`);

/** How the parameters of one operation get their values. */
export interface ParameterValues {
  readonly byName: ReadonlyMap<string, Value>;
  of(entry: PlacedParameter): Value | undefined;
  /** Compiles a string of the consumes side: its tags are inputs of this call, then binds. */
  template(text: string, pointer: string): Value | undefined;
}

function parameterValues(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
): ParameterValues {
  const declared = new Set(target.parameters.map(({ parameter }) => parameter.name));
  const template = (text: string, pointer: string): Value | undefined =>
    compileTemplate(text, (name) => {
      const fed = feeds.get(name);
      if (fed !== undefined) return fed;
      const found = useVariable(compilation, name, pointer);
      if (found === 'missing') return undefined;
      if (found !== undefined) return found;
      if (declared.has(name)) return { read: () => undefined };
      compilation.report(
        'VARIABLE_UNKNOWN',
        pointer,
        `{{${name}}} names nothing: neither an input of ${target.id} nor a variable of a bind. Declare it, or correct its name.`,
      );
      return undefined;
    });
  const fixed = new Map<PlacedParameter, Value | undefined>();
  for (const entry of target.parameters) {
    const { value } = entry.parameter;
    if (value === undefined) continue;
    const pointer = pointerOf(entry.pointer, 'value');
    fixed.set(
      entry,
      typeof value === 'string' && hasTags(value) ? template(value, pointer) : { constant: value },
    );
  }
  const byName = new Map(feeds);
  for (const [entry, value] of fixed)
    if (value !== undefined) byName.set(entry.parameter.name, value);
  return {
    byName,
    of: (entry) => (fixed.has(entry) ? fixed.get(entry) : feeds.get(entry.parameter.name)),
    template,
  };
}

function compilePath(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ReadonlyMap<string, Value>,
): string | readonly Write[] {
  const { base } = target.block;
  const { parts } = target.path;
  const first = parts[0];
  const startsWithSlash = first !== undefined && 'text' in first && first.text.startsWith('/');
  const lead = base.path + (startsWithSlash ? '' : '/');
  const writes = [
    constantWrite(lead),
    ...parts.map((part) => compilePart(compilation, target, part, values)),
  ];
  return foldConstants(writes);
}

interface MaybeConstant {
  readonly constant?: string;
  readonly write: Write;
}

const constantWrite = (text: string): MaybeConstant => ({ constant: text, write: () => text });

function compilePart(
  compilation: Compilation,
  target: ConsumedTarget,
  part: PathPart,
  values: ReadonlyMap<string, Value>,
): MaybeConstant {
  if ('text' in part) return constantWrite(escapeLiteral(part.text));
  const name = part.variable;
  const value = values.get(name);
  if (value === undefined) {
    const bound = part.tag
      ? useVariable(compilation, name, pointerOf(target.pointer, '..'))
      : undefined;
    return constantWrite(
      bound !== undefined && bound !== 'missing' && 'constant' in bound
        ? encodeTrustedPath(bound.constant)
        : '',
    );
  }
  if ('constant' in value) return constantWrite(encodeTrustedPath(value.constant));
  const { read } = value;
  return { write: (scope, refuse) => encodePathValue(name, read(scope), refuse) };
}

/** The author's own path text: spaces and other characters that no URL holds are encoded, the rest stays. */
const escapeLiteral = (text: string): string =>
  text.replace(/[^\w\-.~!$&'()*+,;=:@/%]/gu, (character) => percentEncode(character) ?? '');

function foldConstants(pieces: readonly MaybeConstant[]): string | readonly Write[] {
  const writes: Write[] = [];
  let pending = '';
  for (const piece of pieces) {
    if (piece.constant !== undefined) pending += piece.constant;
    else {
      const text = pending;
      const { write } = piece;
      writes.push(text === '' ? write : (scope, refuse) => text + write(scope, refuse));
      pending = '';
    }
  }
  if (writes.length === 0) return pending;
  if (pending !== '') {
    const tail = pending;
    writes.push(() => tail);
  }
  return writes;
}

interface QueryPlan {
  /** What is the same for every caller, encoded, without `?`. */
  readonly constant: string;
  readonly dynamic: readonly Write[];
}

function compileQuery(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): QueryPlan {
  const constant: string[] = [];
  const dynamic: Write[] = [];
  const credential = new Map(target.block.authentication.query);
  const parameters = target.parameters.filter(
    ({ parameter }) => parameter.in === 'query' && !credential.has(parameter.name),
  );
  const given = new Map(
    parameters.flatMap((entry) => {
      const value = values.of(entry);
      return value === undefined ? [] : [[entry.parameter.name, { entry, value }] as const];
    }),
  );

  for (const pair of target.path.query) {
    if (credential.has(pair.name)) continue;
    const own = pair.parts === undefined ? escapeQueryText(pair.name) : undefined;
    const parts =
      pair.parts?.map((part) => compileQueryPart(compilation, target, part, values.byName)) ?? [];
    const writeOwn = foldConstants(
      own !== undefined
        ? [constantWrite(own)]
        : [constantWrite(`${escapeQueryText(pair.name)}=`), ...parts],
    );
    const replacement = given.get(pair.name);
    if (replacement === undefined) {
      if (typeof writeOwn === 'string') constant.push(writeOwn);
      else dynamic.push((scope, refuse) => writeOwn.map((write) => write(scope, refuse)).join(''));
      continue;
    }
    given.delete(pair.name);
    const writeGiven = queryWriter(replacement.entry, readerOf(replacement.value));
    const writeElse =
      typeof writeOwn === 'string'
        ? () => writeOwn
        : (scope: Scope, refuse: Refuse) => writeOwn.map((write) => write(scope, refuse)).join('');
    const read = readerOf(replacement.value);
    dynamic.push((scope, refuse) =>
      read(scope) === undefined ? writeElse(scope, refuse) : writeGiven(scope, refuse),
    );
  }
  for (const { entry, value } of given.values()) {
    if ('constant' in value) {
      const text = encodeQuery(entry.parameter.name, value.constant, styleOf(entry), () => {});
      if (text !== '') constant.push(text);
    } else dynamic.push(queryWriter(entry, value.read));
  }
  for (const [name, value] of credential)
    constant.push(`${percentEncode(name)}=${percentEncode(value)}`);
  return { constant: constant.join('&'), dynamic };
}

function compileQueryPart(
  compilation: Compilation,
  target: ConsumedTarget,
  part: PathPart,
  values: ReadonlyMap<string, Value>,
): MaybeConstant {
  if ('text' in part) return constantWrite(escapeQueryText(part.text));
  const value = values.get(part.variable);
  if (value !== undefined && 'read' in value) {
    const name = part.variable;
    return {
      write(scope, refuse) {
        const encoded = percentEncode(toText(value.read(scope)));
        if (encoded === undefined)
          refuse(name, 'holds a broken character (half of a surrogate pair)');
        return encoded ?? '';
      },
    };
  }
  const bound = value ?? useVariable(compilation, part.variable, pointerOf(target.pointer, '..'));
  return constantWrite(
    bound !== undefined && bound !== 'missing' && 'constant' in bound
      ? (percentEncode(toText(bound.constant)) ?? '')
      : '',
  );
}

const escapeQueryText = (text: string): string =>
  text.replace(/[^\w\-.~!$'()*+,;:@/?%=[\]]/gu, (character) => percentEncode(character) ?? '');

function queryWriter(entry: PlacedParameter, read: Read): Write {
  const { name } = entry.parameter;
  const style = styleOf(entry);
  return function writeQuery(scope, refuse) {
    const value = read(scope);
    return value === undefined ? '' : encodeQuery(name, value, style, refuse);
  };
}

const styleOf = ({ parameter }: PlacedParameter) => {
  const style = parameter.style ?? 'form';
  return { style, explode: parameter.explode ?? style === 'form' };
};

interface HeaderPlan {
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
function compileHeaders(
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
