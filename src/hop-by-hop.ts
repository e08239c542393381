/**
 * Headers of one connection (RFC 9110 section 7.6.1) and what older peers treat alike, in lower
 * case: they are never handed from one side of the gateway to the other.
 */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
