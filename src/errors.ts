/**
 * The one vocabulary of failure at request time. Each code has a fixed HTTP status and title; REST
 * shows it as an RFC 9457 problem, MCP as a tool error or a JSON-RPC error. Findings about a file
 * at load time are data, not exceptions: see `document/finding.ts`.
 */
export const ERRORS = {
  INPUT_INVALID: { status: 400, title: 'The input does not match what the operation takes' },
  BODY_NOT_JSON: { status: 400, title: 'The request body is not valid JSON' },
  REQUEST_INVALID: { status: 400, title: 'The request cannot be read' },
  ASK_IMPOSSIBLE: { status: 400, title: 'The client cannot be asked what the operation asks' },
  ASK_UNANSWERED: { status: 400, title: 'A question to the client got no answer that fits' },
  UNAUTHENTICATED: { status: 401, title: 'The request shows no valid credential' },
  SCOPE_INSUFFICIENT: { status: 403, title: 'The token lacks a scope' },
  ASK_REFUSED: { status: 403, title: 'The user refused to answer' },
  FORBIDDEN_ORIGIN: { status: 403, title: 'The origin or host of the request is not allowed' },
  ROUTE_UNKNOWN: { status: 404, title: 'No route has this path' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path exists, but not with this method' },
  BODY_TOO_LARGE: { status: 413, title: 'The request body is larger than the limit' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'The media type of the request body is not taken' },
  RATE_LIMITED: { status: 429, title: 'The caller has sent too many requests' },
  SCRIPT_FAILED: { status: 500, title: 'A script of the capability failed' },
  SCRIPT_LIMIT: { status: 500, title: 'A script of the capability went over one of its limits' },
  INTERNAL: { status: 500, title: 'Internal error' },
  UPSTREAM_UNREACHABLE: { status: 502, title: 'The consumed API could not be reached' },
  UPSTREAM_INTERRUPTED: { status: 502, title: 'The consumed API broke off its answer' },
  UPSTREAM_UNUSABLE: { status: 502, title: 'The consumed API gave an answer that cannot be used' },
  UPSTREAM_TOO_LARGE: {
    status: 502,
    title: 'The answer of the consumed API is larger than the limit',
  },
  UPSTREAM_REJECTED: { status: 502, title: 'The consumed API refused the request' },
  UPSTREAM_LOGIN_FAILED: { status: 502, title: 'The consumed API did not let the gateway log in' },
  OVERLOADED: { status: 503, title: 'The gateway has too much to do' },
  SCRIPT_BUSY: { status: 503, title: 'Too many scripts wait to be run' },
  SHUTTING_DOWN: { status: 503, title: 'The gateway is shutting down' },
  AUTHENTICATION_UNAVAILABLE: { status: 503, title: 'The credential cannot be checked now' },
  UPSTREAM_TIMEOUT: { status: 504, title: 'The consumed API did not answer in time' },
  SCRIPT_TIMEOUT: { status: 504, title: 'A script of the capability did not end in time' },
  CANCELLED: { status: 499, title: 'The caller went away' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing wrong with one input: its name as the caller knows it, where it was looked for, and why. */
export interface Violation {
  readonly input: string;
  readonly in?: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly violations?: readonly Violation[];
  readonly step?: string;
  readonly upstreamStatus?: number;
  readonly allow?: readonly string[];
  readonly status?: number;
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number;
}

/**
 * A failure the caller is told about. `message` is shown to the caller, so it never holds a secret,
 * a stack or the rendered upstream request; `cause` goes to the log only.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = details.status ?? ERRORS[code].status;
    this.details = details;
  }
}

/** Wraps whatever was thrown; what we did not foresee becomes INTERNAL and keeps its cause for the log. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('INTERNAL', 'The gateway failed to handle this request.', {}, thrown);
}

/** One error for all violations, with a message that names each. */
export const inputInvalid = (violations: readonly Violation[]): GatewayError =>
  new GatewayError('INPUT_INVALID', listViolations(violations), { violations });

/** All violations as one sentence, ended by one full stop or by the question that it ends with. */
export function listViolations(violations: readonly Violation[]): string {
  const list = violations
    .map(({ input, message }) => `${input} ${message.replace(/\.$/, '')}`)
    .join('; ');
  return list.endsWith('?') ? list : `${list}.`;
}
