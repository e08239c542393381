import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { SharedRedis } from '../redis/redis.ts';
import { type CreateCounter, countHere } from './limiter.ts';

/** Counts together with other gateways, and alone while Redis is away: nobody is refused for that. */
export function countTogether(redis: SharedRedis): CreateCounter {
  return function createCounter(plan) {
    const { name, requests, perSeconds } = plan;
    const alone = countHere(plan);
    const together = new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: 'naftiko:limit',
      points: requests,
      duration: perSeconds,
      rejectIfRedisNotReady: true,
      // Who has used up all needs not be counted further.
      inMemoryBlockOnConsumed: requests + 1,
    });
    return {
      async consume(key) {
        if (redis.isAway()) return alone.consume(key);
        try {
          // A name, for addresses and users are nobody's business there.
          return await together.consume(redis.seal.name(`${name} ${key}`));
        } catch (thrown) {
          if (thrown instanceof RateLimiterRes) throw thrown;
          redis.failed(thrown);
          return alone.consume(key);
        }
      },
    };
  };
}
