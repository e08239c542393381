/**
 * Header names that frame the message or belong to the connection (RFC 9110, RFC 9112): one that
 * came from a caller could split or smuggle requests, so the gateway alone sets them.
 */
const MANAGED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export const isManagedHeader = (name: string): boolean => MANAGED.has(name.toLowerCase());

/** RFC 9110 token: what a header name may hold. */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name);
