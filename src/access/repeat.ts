import type { UpstreamClient, UpstreamResponse } from '../plan/plan.ts';

export type Request = Parameters<UpstreamClient['send']>[0];

/** A body that is read while it is sent goes once. */
export const isReplayable = (body: Request['body']): body is string | Buffer | undefined =>
  body === undefined || typeof body === 'string' || Buffer.isBuffer(body);

/** Lets go of an answer that nobody reads. */
export function discard({ body }: UpstreamResponse): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}
