import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Logs a failure with its cause: what is our fault as an error, the upstream's as a warning. */
export function logFailure(log: Log, error: GatewayError, where: object): void {
  const fields = {
    ...where,
    code: error.code,
    status: error.status,
    ...(error.details.step === undefined ? {} : { step: error.details.step }),
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  };
  if (error.code === 'INTERNAL') log.error({ ...fields, stack: stackOf(error) }, error.message);
  else if (error.status >= 500) log.warn(fields, error.message);
  else log.debug(fields, error.message);
}

/** Logs a request when its answer has gone or its connection is lost. Paths go without their query. */
export function logRequest(log: Log, request: IncomingMessage, response: ServerResponse): void {
  const begun = performance.now();
  const { method, url = '' } = request;
  response.on('close', () => {
    const fields = {
      method,
      path: pathOf(url),
      status: response.headersSent ? response.statusCode : 499,
      durationMs: Math.round((performance.now() - begun) * 10) / 10,
      ...(response.writableFinished ? {} : { complete: false }),
    };
    log.debug(fields, 'request');
  });
}

export const pathOf = (url: string): string => url.split('?', 1)[0] as string;

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, name, message } = cause as NodeJS.ErrnoException;
  const why = cause.cause === undefined ? '' : `, because of ${describe(cause.cause)}`;
  return `${name}: ${message}${code === undefined ? '' : ` (${code})`}${why}`;
}

const stackOf = ({ cause, stack }: GatewayError): string | undefined =>
  cause instanceof Error ? cause.stack : stack;
