import type { Cancellation } from '../plan/plan.ts';

/** An AbortSignal that aborts when the cancellation does; one that is an AbortSignal is handed back. */
export function abortSignalOf(cancellation: Cancellation): AbortSignal {
  if (cancellation instanceof AbortSignal) return cancellation;
  const controller = new AbortController();
  if (cancellation.aborted) controller.abort(cancellation.reason);
  else {
    cancellation.addEventListener('abort', () => controller.abort(cancellation.reason), {
      once: true,
    });
  }
  return controller.signal;
}
