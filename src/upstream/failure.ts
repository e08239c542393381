import { type ErrorCode, GatewayError } from '../errors.ts';
import type { UpstreamSettings } from './options.ts';

/** What is known of an exchange when it fails. */
export interface FailureContext {
  /** Host and port of the upstream: all that a message may name of it. */
  readonly host: string;
  readonly settings: UpstreamSettings;
  /** True when at least one byte of an answer has come. */
  readonly heard: boolean;
}

/** What a reset is called once a connection stands. */
export const CONNECTION_RESET = 'CONNECTION_RESET';

type Failure = readonly [ErrorCode, (context: FailureContext) => string];

const REFUSED: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) =>
    `${host} refused the connection. Check that it is running and that the base URI names its host and port.`,
];

const UNKNOWN_HOST: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) =>
    `The name of ${host} could not be resolved. Check the host in the base URI and the DNS.`,
];

const NO_ROUTE: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) => `No network route leads to ${host}. Check the network of the gateway.`,
];

const UNVERIFIED: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) =>
    `The TLS certificate of ${host} could not be verified: no trusted authority vouches for it. If it is your own, name its authority in NODE_EXTRA_CA_CERTS.`,
];

const EXPIRED: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) =>
    `The TLS certificate of ${host} is not valid at this time. Renew it, or set the clock.`,
];

const NO_TLS: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) =>
    `${host} did not complete a TLS handshake. Check that the base URI's scheme and port fit each other.`,
];

const CLOSED: Failure = [
  'UPSTREAM_UNREACHABLE',
  ({ host }) => `${host} closed the connection without an answer. Try again later.`,
];

const BROKEN_OFF: Failure = [
  'UPSTREAM_INTERRUPTED',
  ({ host }) => `${host} closed the connection before its answer was complete. Try again later.`,
];

const NOT_HTTP: Failure = [
  'UPSTREAM_UNUSABLE',
  ({ host }) =>
    `The answer of ${host} is not valid HTTP/1.1. Check the scheme and port of the base URI.`,
];

const NOT_SENDABLE: Failure = [
  'INPUT_INVALID',
  ({ host }) =>
    `The request to ${host} was not sent: an input has a character that HTTP does not allow in a path or a header.`,
];

const STOPPING: Failure = ['SHUTTING_DOWN', () => 'The gateway is shutting down.'];

/** By undici's and Node's codes; their messages vary from version to version. */
const FAILURES: Readonly<Record<string, Failure>> = {
  UND_ERR_CONNECT_TIMEOUT: [
    'UPSTREAM_TIMEOUT',
    ({ host, settings }) =>
      `${host} took no connection within ${duration(settings.connectTimeout)} (connect timeout).`,
  ],
  UND_ERR_HEADERS_TIMEOUT: ['UPSTREAM_TIMEOUT', (context) => ofSilence(context, 'headersTimeout')],
  ETIMEDOUT: ['UPSTREAM_TIMEOUT', ({ host }) => `The network had no answer from ${host} in time.`],

  ECONNREFUSED: REFUSED,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  EAI_NODATA: UNKNOWN_HOST,
  EAI_NONAME: UNKNOWN_HOST,
  EAI_FAIL: UNKNOWN_HOST,
  EHOSTUNREACH: NO_ROUTE,
  EHOSTDOWN: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ENETDOWN: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,

  DEPTH_ZERO_SELF_SIGNED_CERT: UNVERIFIED,
  SELF_SIGNED_CERT_IN_CHAIN: UNVERIFIED,
  UNABLE_TO_GET_ISSUER_CERT: UNVERIFIED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNVERIFIED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNVERIFIED,
  CERT_CHAIN_TOO_LONG: UNVERIFIED,
  CERT_REVOKED: UNVERIFIED,
  CERT_UNTRUSTED: UNVERIFIED,
  CERT_REJECTED: UNVERIFIED,
  CERT_SIGNATURE_FAILURE: UNVERIFIED,
  INVALID_CA: UNVERIFIED,
  INVALID_PURPOSE: UNVERIFIED,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'UPSTREAM_UNREACHABLE',
    ({ host }) =>
      `The TLS certificate of ${host} is for another name. Check the host in the base URI.`,
  ],
  EPROTO: NO_TLS,

  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [
    'UPSTREAM_INTERRUPTED',
    ({ host }) =>
      `The answer of ${host} is not as long as its Content-Length says. Try again later.`,
  ],
  HPE_INVALID_EOF_STATE: BROKEN_OFF,
  UND_ERR_HEADERS_OVERFLOW: [
    'UPSTREAM_UNUSABLE',
    ({ host }) => `The headers of the answer of ${host} are larger than the limit of 32 KiB.`,
  ],

  UND_ERR_INVALID_ARG: NOT_SENDABLE,
  UND_ERR_NOT_SUPPORTED: NOT_SENDABLE,
  UND_ERR_CLOSED: STOPPING,
  UND_ERR_DESTROYED: STOPPING,
};

/** Families of codes that share a meaning. */
const PREFIXES: readonly (readonly [string, Failure])[] = [
  ['HPE_', NOT_HTTP],
  ['ERR_SSL_', NO_TLS],
  ['ERR_TLS_', NO_TLS],
];

/** Translates what undici, Node's sockets or its TLS report; keeps it as the cause. */
export function upstreamFailure(error: unknown, context: FailureContext): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = errorCode(error);
  const [gatewayCode, say] = failureOf(code, context.heard);
  return new GatewayError(gatewayCode, say(context), {}, error);
}

/** True when a connection was lost: the one kind of failure after which trying again may be right. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'UND_ERR_SOCKET' || code === CONNECTION_RESET || code === 'EPIPE';
}

export type SilenceLimit = 'headersTimeout' | 'bodyTimeout' | 'streamTimeout';

/** undici watches nothing but uploads: a timer of its own for each answer would cost more than one for all. */
export const silent = (context: FailureContext, limit: SilenceLimit): GatewayError =>
  new GatewayError('UPSTREAM_TIMEOUT', ofSilence(context, limit));

function ofSilence({ host, settings }: FailureContext, limit: SilenceLimit): string {
  const time = duration(settings[limit]);
  if (limit === 'headersTimeout') {
    return `${host} did not begin to answer within ${time} (headers timeout).`;
  }
  const named = limit === 'bodyTimeout' ? 'body timeout' : 'stream timeout';
  return `${host} fell silent for ${time} in the middle of its answer (${named}).`;
}

export function totalTimeoutFailure({ host, settings }: FailureContext): GatewayError {
  const limit = duration(settings.totalTimeout);
  return new GatewayError(
    'UPSTREAM_TIMEOUT',
    `${host} did not complete its answer within ${limit} (total timeout).`,
  );
}

export function tooLarge({ host, settings }: FailureContext): GatewayError {
  return new GatewayError(
    'UPSTREAM_TOO_LARGE',
    `The answer of ${host} is larger than the limit of ${settings.maxHeldBytes} bytes. Ask for less of it, for example with a filter or a page size.`,
  );
}

export function undecodable(host: string, encoding: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'UPSTREAM_UNUSABLE',
    `The body of the answer of ${host} could not be decoded: it is not valid ${encoding}, which its Content-Encoding names.`,
    {},
    cause,
  );
}

export function unknownEncoding(host: string, encoding: string): GatewayError {
  return new GatewayError(
    'UPSTREAM_UNUSABLE',
    `The answer of ${host} has the Content-Encoding "${encoding}", which this gateway cannot decode.`,
  );
}

export function cancelled(cause?: unknown): GatewayError {
  return new GatewayError(
    'CANCELLED',
    'The caller went away; the upstream call was ended.',
    {},
    cause,
  );
}

function failureOf(code: string, heard: boolean): Failure {
  const listed = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  if (listed) return listed;
  for (const [prefix, failure] of PREFIXES) if (code.startsWith(prefix)) return failure;
  return heard ? BROKEN_OFF : CLOSED;
}

function errorCode(error: unknown): string {
  // undici means to give parser errors a code and does not; nothing left to parse is an early end.
  if ((error as Error | undefined)?.name === 'HTTPParserError') {
    return (error as { data?: string }).data === '' ? 'HPE_INVALID_EOF_STATE' : 'HPE_OTHER';
  }
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** `250 ms`, `5 s`. */
function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${milliseconds / 1_000} s`;
}
