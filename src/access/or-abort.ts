import { GatewayError } from '../errors.ts';

/**
 * Waits for what others wait for, too, and may go on without this caller.
 * @throws GatewayError CANCELLED when `signal` aborts
 */
export function orAbort<Value>(
  start: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return start();
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(new GatewayError('CANCELLED', 'The caller went away.', {}, signal.reason));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const settled = start().then(resolve, reject);
    void settled.finally(() => signal.removeEventListener('abort', onAbort));
  });
}
