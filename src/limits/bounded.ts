import { GatewayError } from '../errors.ts';
import type { UpstreamClient } from '../plan/plan.ts';

/**
 * A client with so many calls under way at once; one more is refused at once, rather than kept
 * waiting until nobody wants its answer any more. A call is over when its answer begins to stream.
 */
export function boundedClient(inner: UpstreamClient, most: number): UpstreamClient {
  let running = 0;
  return {
    close: () => inner.close(),
    async send(request, how) {
      if (running >= most) {
        throw new GatewayError(
          'OVERLOADED',
          `The gateway has ${most} calls under way, which is the most. Try again shortly.`,
          { retryAfter: 1 },
        );
      }
      running += 1;
      try {
        return await inner.send(request, how);
      } finally {
        running -= 1;
      }
    },
  };
}
