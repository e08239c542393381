/** Rows for the table of errors. */
export const ACCESS_ERRORS = {
  REQUEST_INVALID: { status: 400, title: 'The request cannot be read' },
  UNAUTHENTICATED: { status: 401, title: 'The request shows no valid credential' },
  SCOPE_INSUFFICIENT: { status: 403, title: 'The token lacks a scope' },
  RATE_LIMITED: { status: 429, title: 'The caller has sent too many requests' },
  AUTHENTICATION_UNAVAILABLE: {
    status: 503,
    title: 'The credential cannot be checked now',
  },
} as const satisfies Record<string, { status: number; title: string }>;

export type AccessErrorCode = keyof typeof ACCESS_ERRORS;

/** Why a request may not come in, for the caller: no secret, nothing that was sent. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly code: AccessErrorCode;
  readonly message: string;
  /** Each a `WWW-Authenticate` header of its own; none for 429 and 503. */
  readonly challenges: readonly string[];
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number;
  /** Further headers of the answer, names and values alternating. */
  readonly headers?: readonly string[];
  /** For the log only. */
  readonly cause?: unknown;
}

export function refusal(
  code: AccessErrorCode,
  message: string,
  challenges: readonly string[],
  cause?: unknown,
): Refusal {
  const { status } = ACCESS_ERRORS[code];
  return { status, code, message, challenges, ...(cause === undefined ? {} : { cause }) };
}
