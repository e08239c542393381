import { inputInvalid, type Violation } from '../errors.ts';
import type { Value } from '../expression/template.ts';
import type { BuildRequest, RawFormat, UpstreamRequest } from '../plan/plan.ts';
import { authenticationOf } from './authentication.ts';
import { compileBody } from './body.ts';
import { type BuildBody, JSON_TYPE } from './body-content.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { Refuse } from './encode.ts';
import { parameterValues } from './parameter-values.ts';
import { compileHeaders, type HeaderPlan } from './request-headers.ts';
import { compilePath } from './request-path.ts';
import { compileQuery, type QueryPlan } from './request-query.ts';
import type { Write } from './write.ts';

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
  const values = parameterValues(compilation, target, feeds);
  const path = compilePath(compilation, target, values.byName);
  const query = compileQuery(compilation, target, values);
  const headers = compileHeaders(compilation, target, values, format);
  const body = compileBody(compilation, target, values);
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
  const { outbound } = authenticationOf(target);
  const { id } = target;
  const rest = outbound === undefined ? { target: id } : { target: id, credential: outbound };
  const { constant, constantJson } = headers;
  const isConstant =
    typeof path === 'string' &&
    query.dynamic.length === 0 &&
    headers.dynamic.length === 0 &&
    body === undefined;
  if (isConstant) {
    const always: UpstreamRequest = Object.freeze({
      origin,
      method,
      path: path + constantQuery(query.constant),
      headers: constant,
      ...rest,
    });
    return () => always;
  }
  const request = (
    path: string,
    headers: readonly string[],
    body: string | Buffer | undefined,
  ): UpstreamRequest => {
    if (outbound !== undefined) {
      const credential = outbound;
      return body === undefined
        ? { origin, method, path, headers, target: id, credential }
        : { origin, method, path, headers, body, target: id, credential };
    }
    return body === undefined
      ? { origin, method, path, headers, target: id }
      : { origin, method, path, headers, body, target: id };
  };
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
    let list = constant;
    let { contentType } = headers;
    if (headers.dynamic.length > 0) {
      const given = [...constant];
      for (const header of headers.dynamic) {
        const text = header.write(scope, refuse);
        if (text === undefined) continue;
        given.push(header.name, text);
        if (header.name === 'content-type') contentType = text;
      }
      list = given;
    }
    const content = body?.(scope, contentType, refuse);
    if (violations !== undefined) throw inputInvalid(violations);
    if (content === undefined) return request(url, list, undefined);
    if (contentType === undefined && content.type !== undefined) {
      const isUsual = list === constant && content.type === JSON_TYPE;
      list = isUsual ? constantJson : [...list, 'content-type', content.type];
    }
    if (content.boundary !== undefined) list = withBoundary(list, content.boundary);
    return request(url, list, content.bytes);
  };
}

/** A declared multipart type keeps its name; any other could not be read. */
function withBoundary(headers: readonly string[], boundary: string): readonly string[] {
  return headers.map((text, at) => {
    if (at % 2 === 0 || headers[at - 1] !== 'content-type') return text;
    const declared = /^multipart\/[\w.+-]+/i.exec(text)?.[0] ?? 'multipart/form-data';
    return `${declared}; boundary=${boundary}`;
  });
}

const constantQuery = (query: string): string => (query === '' ? '' : `?${query}`);
