import type { ServerResponse } from 'node:http';
import type { Violation } from '../errors.ts';

/** The mock cannot be started: an OpenAPI document that cannot be used, or two blocks of one key. */
export class MockError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MockError';
  }
}

const REFUSALS = {
  VALUE_UNFILLED: { status: 400, title: 'The gateway sent a value that was never filled in' },
  INPUT_INVALID: { status: 400, title: 'The request is not what the file declares' },
  BODY_NOT_JSON: { status: 400, title: 'The request body is not valid JSON' },
  PATH_INVALID: { status: 400, title: 'The path of the request cannot be read' },
  UNAUTHORIZED: { status: 401, title: 'The declared credential is missing or unusable' },
  PATH_UNKNOWN: { status: 404, title: 'No consumed operation has this path' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path is consumed, but not with this method' },
  BODY_TOO_LARGE: { status: 413, title: 'The request body is larger than the mock takes' },
  MEDIA_TYPE_WRONG: { status: 415, title: 'The request body has the wrong media type' },
  FAILED: { status: 500, title: 'The mock failed' },
} as const satisfies Record<string, { status: number; title: string }>;

type RefusalCode = keyof typeof REFUSALS;

/** Why the mock does not take a request. Data: the server shows it as an RFC 9457 problem. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What is wrong and how to mend it. Never the value of a credential. */
  readonly detail: string;
  readonly violations?: readonly Violation[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the mock answers, content-length aside. `body` undefined is an answer without one. */
export interface MockAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The refusal as `application/problem+json`, marked as coming from the mock. */
export function problemOf(refusal: Refusal): MockAnswer {
  const { status, title } = REFUSALS[refusal.code];
  const problem = {
    type: `urn:naftiko:mock:${refusal.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    mock: true,
    ...(refusal.violations === undefined ? {} : { violations: refusal.violations }),
  };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...refusal.headers },
    body: JSON.stringify(problem),
  };
}

/** Writes an answer; a HEAD request gets its headers only. */
export function send(response: ServerResponse, answer: MockAnswer, head: boolean): void {
  const length =
    answer.body === undefined
      ? answer.status === 204 || answer.status === 205
        ? {}
        : { 'content-length': '0' }
      : { 'content-length': String(Buffer.byteLength(answer.body)) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(head ? undefined : answer.body);
}
