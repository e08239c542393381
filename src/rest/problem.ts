import type { ServerResponse } from 'node:http';
import { ERRORS, type GatewayError } from '../errors.ts';

/** The stable `type` of a problem: `urn:naftiko:problem:input-invalid`. */
const typeOf = (code: string): string =>
  `urn:naftiko:problem:${code.toLowerCase().replaceAll('_', '-')}`;

/** A failure of the gateway as an RFC 9457 problem. Nothing of its cause is shown. */
export function toProblem(error: GatewayError): Record<string, unknown> {
  const { violations, step, upstreamStatus, allow } = error.details;
  return {
    type: typeOf(error.code),
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(violations === undefined ? {} : { violations }),
    ...(step === undefined ? {} : { step }),
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    ...(allow === undefined ? {} : { allow }),
  };
}

/** Sends a problem, or breaks the connection off when an answer has begun already. */
export function sendProblem(
  response: ServerResponse,
  error: GatewayError,
  mask: (text: string) => string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = mask(JSON.stringify(toProblem(error)));
  const headers: string[] = [
    'content-type',
    'application/problem+json',
    'content-length',
    String(Buffer.byteLength(body)),
  ];
  const { allow } = error.details;
  if (allow !== undefined) headers.push('allow', allow.join(', '));
  if (CLOSING.has(error.code)) headers.push('connection', 'close');
  response.writeHead(error.status, headers);
  response.end(body);
}

/** After these the rest of the request is not read, so the connection cannot be used again. */
const CLOSING: ReadonlySet<string> = new Set(['BODY_TOO_LARGE', 'SHUTTING_DOWN']);
