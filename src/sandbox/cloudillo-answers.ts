import { randomBytes } from 'node:crypto';
import { isoTime, seconds, type World } from './cloudillo-world.ts';
import { type Answer, Refusal } from './service.ts';

/** A success in its envelope; `since` is the document that shows the operation. */
export function ok(
  world: World,
  data: unknown,
  status = 200,
  since: 'new' | 'old' = 'new',
): Answer {
  const reqId = randomBytes(4).toString('hex');
  const isOld = world.mode === 'documents' && since === 'old';
  const body = isOld
    ? { data, time: seconds(world), reqId: `req_${reqId}` }
    : world.mode === 'real'
      ? { data, time: isoTime(world), reqId }
      : { data, time: isoTime(world) };
  return { status, body };
}

/** A success that the server's log knows by no name. */
export const okWithoutId = (world: World, data: unknown, status = 200): Answer => ({
  status,
  body: { data, time: isoTime(world) },
});

export function refused(
  status: number,
  code: string,
  message: string,
  more: Pick<Answer, 'headers'> & { readonly details?: object } = {},
): Refusal {
  const { details, headers = {} } = more;
  const error = details === undefined ? { code, message } : { code, message, details };
  return new Refusal({
    status,
    headers: { 'cache-control': 'no-store', ...headers },
    body: { error },
  });
}

export const notFound = (): Refusal => refused(404, 'E-CORE-NOTFOUND', 'Resource not found');
export const unauthorized = (): Refusal =>
  refused(401, 'E-AUTH-UNAUTH', 'Authentication required or invalid token');
export const noPermission = (): Refusal =>
  refused(403, 'E-AUTH-NOPERM', 'You do not have permission to access this resource');
export const invalid = (why: string): Refusal =>
  refused(400, 'E-VAL-INVALID', `Request validation failed: ${why}`);
