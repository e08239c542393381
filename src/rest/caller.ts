import type { ServerResponse } from 'node:http';
import type { Cancellation } from '../plan/plan.ts';
import { Abortable } from '../runtime/cancellation.ts';

/** Aborts when the caller leaves before the whole answer has gone. */
export function watchCaller(response: ServerResponse): Cancellation {
  const caller = new Abortable();
  response.on('close', () => {
    if (!response.writableFinished) caller.abort();
  });
  return caller;
}
