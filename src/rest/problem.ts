import type { ServerResponse } from 'node:http';
import { ERRORS, type GatewayError } from '../errors.ts';

/** The stable `type` of a problem: `urn:naftiko:problem:input-invalid`. */
const typeOf = (code: string): string =>
  `urn:naftiko:problem:${code.toLowerCase().replaceAll('_', '-')}`;

/** A failure of the gateway as an RFC 9457 problem. Nothing of its cause is shown. */
export function toProblem(error: GatewayError): Record<string, unknown> {
  const { violations, step, upstreamStatus, allow, retryAfter } = error.details;
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
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/**
 * Sends a problem, or breaks the connection off when an answer has begun already. `unsent` says that
 * the caller waits for leave to send the body, so nothing more will come.
 */
export function sendProblem(
  response: ServerResponse,
  error: GatewayError,
  mask: (text: string) => string,
  { unsent = false }: { readonly unsent?: boolean } = {},
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
  const { allow, retryAfter } = error.details;
  if (allow !== undefined) headers.push('allow', allow.join(', '));
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  const closes = CLOSING.has(error.code);
  if (closes) headers.push('connection', 'close');
  response.writeHead(error.status, headers);
  if (closes && !unsent && !response.req.complete) endAfterRequest(response, body);
  else response.end(body);
}

/** After these the rest of the request is of no use, so the connection is given up. */
const CLOSING: ReadonlySet<string> = new Set(['BODY_TOO_LARGE', 'SHUTTING_DOWN']);

const MOST_DROPPED_BYTES = 64 * 1024 * 1024;
const LONGEST_DROPPING_MS = 10_000;

/**
 * Closing on a client that is still sending resets the connection, and the answer is lost with it.
 * So the answer goes out at once, and the connection ends when the request does; what still comes
 * is read and dropped, within limits.
 */
function endAfterRequest(response: ServerResponse, body: string): void {
  const request = response.req;
  let dropped = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', drop);
    response.end();
  };
  const drop = (chunk: Buffer): void => {
    dropped += chunk.length;
    if (dropped > MOST_DROPPED_BYTES) end();
  };
  const timer = setTimeout(end, LONGEST_DROPPING_MS);
  response.write(body);
  request.on('data', drop).once('end', end).once('close', end);
}
