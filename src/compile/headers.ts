import { HOP_BY_HOP } from '../hop-by-hop.ts';

/**
 * Header names that frame the message or belong to the connection (RFC 9110, RFC 9112): one that
 * came from a caller could split or smuggle requests, so the gateway alone sets them.
 */
const MANAGED: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'content-length', 'expect', 'host']);

/** Headers by which a message describes itself, or sets a condition (RFC 9110): sent when given, never demanded. */
const DESCRIPTIVE: ReadonlySet<string> = new Set([
  'accept-encoding',
  'content-encoding',
  'content-md5',
  'content-range',
  'cookie',
  'date',
  'digest',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
]);

export const isDescriptiveHeader = (name: string): boolean => DESCRIPTIVE.has(name.toLowerCase());

export const isManagedHeader = (name: string): boolean => MANAGED.has(name.toLowerCase());

/** RFC 9110 token: what a header name may hold. */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name);

/** `application/json`, `application/problem+json; charset=utf-8`; not `application/json-seq`. */
export const isJsonType = (type: string): boolean => /^[^;]*[/+]json\s*(?:;|$)/i.test(type);
