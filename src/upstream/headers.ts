import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { HOP_BY_HOP } from '../hop-by-hop.ts';

/** True of the upstream's own address or connection only; at ours it would mislead. */
const OF_THE_UPSTREAM_ALONE = [
  'alt-svc',
  'clear-site-data',
  'date',
  'expect-ct',
  'nel',
  'public-key-pins',
  'public-key-pins-report-only',
  'report-to',
  'reporting-endpoints',
  'server',
  'strict-transport-security',
  'x-powered-by',
];

const KEPT_BACK = new Set([...HOP_BY_HOP, ...OF_THE_UPSTREAM_ALONE]);

/** What the client itself says of its connection and body, whatever a capability declares. */
const SAID_BY_THE_CLIENT = new Set([...HOP_BY_HOP, 'content-length', 'expect']);

/**
 * The headers of an upstream's answer that a caller gets, alternating, in order, duplicates kept.
 * `content-length` is among them unless the body was decoded: a face that sends another body, or
 * sets its own length, has to leave it out.
 */
export function endToEndHeaders(
  flat: readonly string[],
  { setCookie }: { readonly setCookie: boolean },
): string[] {
  const named = namedByConnection(flat);
  const kept: string[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (KEPT_BACK.has(name) || name.startsWith('access-control-')) continue;
    if (!setCookie && (name === 'set-cookie' || name === 'set-cookie2')) continue;
    if (named?.has(name) !== true) kept.push(name, flat[index + 1] as string);
  }
  return kept;
}

/** Those of a flat list whose names are wanted, in order. */
export function headersWhere(
  flat: readonly string[],
  isWanted: (name: string) => boolean,
): string[] {
  const kept: string[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (isWanted(name)) kept.push(name, flat[index + 1] as string);
  }
  return kept;
}

/** What goes over the wire: the request's headers, ours where it has none. */
export function requestHeaders(
  flat: readonly string[],
  own: { readonly userAgent: string; readonly acceptEncoding: string },
): string[] {
  const sent: string[] = [];
  let hasUserAgent = false;
  let hasAcceptEncoding = false;
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    if (SAID_BY_THE_CLIENT.has(name)) continue;
    if (name === 'user-agent') hasUserAgent = true;
    else if (name === 'accept-encoding') hasAcceptEncoding = true;
    sent.push(name, flat[index + 1] as string);
  }
  if (!hasUserAgent) sent.push('user-agent', own.userAgent);
  if (!hasAcceptEncoding) sent.push('accept-encoding', own.acceptEncoding);
  return sent;
}

/** Headers as undici parsed them, made flat; without what a decoded body makes untrue. */
export function flatHeaders(headers: IncomingHttpHeaders, decoded: boolean): string[] {
  const flat: string[] = [];
  for (const name in headers) {
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue;
    const value = headers[name];
    if (typeof value === 'string') flat.push(name, value);
    else if (value !== undefined) for (const one of value) flat.push(name, one);
  }
  return flat;
}

const NAMES_NONE = new Set(['keep-alive', 'close']);

function namedByConnection(flat: readonly string[]): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (let index = 0; index < flat.length; index += 2) {
    if (flat[index] !== 'connection' || NAMES_NONE.has(flat[index + 1] as string)) continue;
    named ??= new Set();
    for (const token of (flat[index + 1] as string).split(','))
      named.add(token.trim().toLowerCase());
  }
  return named;
}
