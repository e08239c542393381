import type { ExposedResource } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { ForwardPlan } from '../plan/plan.ts';
import { withBraces } from './bare-variable.ts';
import type { Compilation } from './compilation.ts';
import type { CompiledConsumes } from './consumes.ts';
import { encodeHeader, queryEncoder } from './encode.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import { splitVariables, variableOf } from './path.ts';
import { BINDS_ONLY, compileText } from './text.ts';

interface Forward {
  readonly targetNamespace: string;
  readonly trustedHeaders?: readonly string[];
}

/**
 * The `forward` of a REST resource; undefined when it has none, or none that can be served.
 * @param path of the resource as its routes have it; `{path}` at its end stands for the rest
 */
export function compileForward(
  compilation: Compilation,
  blocks: readonly CompiledConsumes[],
  resource: ExposedResource,
  path: string,
  prefix: string,
  resourcePointer: string,
): ForwardPlan | undefined {
  if (resource.forward === undefined) return undefined;
  const pointer = pointerOf(resourcePointer, 'forward');
  const { targetNamespace, trustedHeaders = [] } = resource.forward as Forward;
  const base = path.replace(/\/(?:\{\{\s*path\s*\}\}|\{path\})\/?$/, '').replace(/\/$/, '');
  if (splitVariables(base).flatMap(variableOf).includes('path')) {
    compilation.report(
      'ROUTE_INVALID',
      pointerOf(resourcePointer, 'path'),
      `{path} stands for the rest of the path that is forwarded, so it has to be the last segment of "${resource.path}".`,
    );
    return undefined;
  }
  const block = blocks.find(({ consumes }) => consumes.namespace === targetNamespace);
  if (block === undefined) {
    const known = blocks.map(({ consumes }) => consumes.namespace);
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointerOf(pointer, 'targetNamespace'),
      `"${targetNamespace}" is no consumed API of this file (it has ${known.join(', ') || 'none'}), so there is nothing to forward to.`,
      { suggestion: nearest(targetNamespace, known) },
    );
    return undefined;
  }
  if (block.authentication.caller !== undefined) {
    compilation.report(
      'VALUE_NOT_ALLOWED',
      pointerOf(pointer, 'targetNamespace'),
      `Callers of "${targetNamespace}" bring their own credential, which is an input of operations, and forward has none. Leave out authentication of that API and name the header in trustedHeaders.`,
    );
    return undefined;
  }
  const { headers, query } = constantsOf(compilation, block);
  return {
    path: prefix + base || '/',
    ...(resource.description === undefined ? {} : { description: resource.description }),
    target: targetNamespace,
    origin: block.base.origin,
    basePath: block.base.path,
    headers,
    query,
    ...(block.authentication.outbound === undefined
      ? {}
      : { credential: block.authentication.outbound }),
    trustedHeaders: trusted(compilation, trustedHeaders, pointerOf(pointer, 'trustedHeaders')),
    redirects: block.redirects,
    setCookie: block.consumes.forwardSetCookie === true,
  };
}

/** What the block sends with every request: its headers, parameters with a fixed value, the credential. */
function constantsOf(
  compilation: Compilation,
  { consumes, pointer, authentication }: CompiledConsumes,
): Pick<ForwardPlan, 'headers' | 'query'> {
  const headers = new Map<string, string>();
  const query = new Map<string, string>();
  const cookies: string[] = [];
  const fill = (value: unknown, at: string): unknown => {
    if (typeof value !== 'string') return value;
    const filled = compileText(compilation, withBraces(compilation, value, at), at, BINDS_ONLY);
    return filled !== undefined && 'constant' in filled ? filled.constant : undefined;
  };
  const add = (place: string, name: string, value: unknown, at: string): void => {
    const refuse = (_: string, why: string): void =>
      compilation.report('VALUE_NOT_ALLOWED', at, `The ${place} "${name}" ${why}.`);
    if (value === undefined) return;
    if (place === 'query')
      query.set(name, queryEncoder(name, { style: 'form', explode: true })(value, name, refuse));
    else if (place === 'cookie') cookies.push(`${name}=${encodeURIComponent(String(value))}`);
    else if (place === 'header' && maySend(compilation, name, at))
      headers.set(name.toLowerCase(), encodeHeader(name, value, refuse));
  };
  for (const [name, value] of Object.entries(consumes.headers ?? {})) {
    const at = pointerOf(pointer, 'headers', name);
    add('header', name, fill(String(value), at), at);
  }
  for (const [index, { name, in: place, value }] of (consumes.inputParameters ?? []).entries()) {
    const at = pointerOf(pointer, 'inputParameters', index);
    add(place, name, fill(value, pointerOf(at, 'value')), at);
  }
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  for (const [name, value] of authentication.headers)
    headers.set(
      name,
      encodeHeader(name, value, () => {}),
    );
  for (const [name, value] of authentication.query) add('query', name, value, pointer);
  return {
    headers: [...headers].flat(),
    query: Array.from(query, ([name, pair]) => ({ name, pair })),
  };
}

function trusted(
  compilation: Compilation,
  names: readonly string[],
  pointer: string,
): readonly string[] {
  return names.flatMap((name, index) =>
    maySend(compilation, name, pointerOf(pointer, index)) ? [name.toLowerCase()] : [],
  );
}

function maySend(compilation: Compilation, name: string, pointer: string): boolean {
  if (isManagedHeader(name)) {
    const message = `The header "${name}" belongs to the connection with the consumed API, so the gateway sets it itself.`;
    compilation.report('HEADER_MANAGED', pointer, message);
    return false;
  }
  if (isHeaderName(name)) return true;
  compilation.report('VALUE_NOT_ALLOWED', pointer, `"${name}" cannot be a header name.`);
  return false;
}
