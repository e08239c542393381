import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { LimitPlan } from '../plan/plan.ts';

/** What is left of a limit. */
export interface Left {
  readonly plan: LimitPlan;
  readonly requests: number;
  /** Until all of them are there again. */
  readonly seconds: number;
}

/** Counts. It fails with what is left when there is nothing left, as limiters of the library do. */
export interface Counter {
  consume(key: string): Promise<RateLimiterRes>;
}

export type CreateCounter = (plan: LimitPlan) => Counter;

export interface Taken {
  /** What is left of each limit that was counted in. */
  readonly left: readonly Left[];
  /** The one that was used up. */
  readonly refused?: Left;
}

export interface Limiter {
  /** Counts one request of a caller in each of the limits, until one of them is used up. */
  take(plans: readonly LimitPlan[], caller: string): Promise<Taken>;
}

/** Counts in this process alone. */
export const countHere: CreateCounter = ({ name, requests, perSeconds }) =>
  new RateLimiterMemory({ keyPrefix: name, points: requests, duration: perSeconds });

export interface LimiterOptions {
  readonly createCounter?: CreateCounter;
  /** Told of each request that is refused. */
  readonly onRefused?: (plan: LimitPlan) => void;
}

/** One counter for each limit, whatever has it. */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { createCounter = countHere, onRefused } = options;
  const counters = new Map<string, Counter>();

  function counterOf(plan: LimitPlan): Counter {
    const name = `${plan.name} ${plan.requests}/${plan.perSeconds}`;
    const known = counters.get(name);
    if (known !== undefined) return known;
    const counter = createCounter({ ...plan, name });
    counters.set(name, counter);
    return counter;
  }

  return {
    async take(plans, caller) {
      const left: Left[] = [];
      for (const plan of plans) {
        try {
          const key = plan.by === 'all' ? 'all' : caller;
          left.push(leftOf(plan, await counterOf(plan).consume(key)));
        } catch (thrown) {
          if (!(thrown instanceof RateLimiterRes)) throw thrown;
          const refused = leftOf(plan, thrown);
          onRefused?.(plan);
          return { left: [...left, refused], refused };
        }
      }
      return { left };
    },
  };
}

const leftOf = (plan: LimitPlan, { remainingPoints, msBeforeNext }: RateLimiterRes): Left => ({
  plan,
  requests: Math.max(0, remainingPoints),
  seconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
});

/** Why there is no more for now, and when there will be. */
export function refusalText({ plan, seconds }: Left): string {
  const { requests, perSeconds, by } = plan;
  const who = by === 'all' ? 'All callers together' : 'Each caller';
  const they = by === 'all' ? 'they' : 'you';
  return `${who} may send ${requests} requests in ${spanOf(perSeconds)}, and ${they} have. Try again in ${seconds} s.`;
}

function spanOf(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? 'an hour' : `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}

/** `RateLimit` and `RateLimit-Policy`, as the HTTP working group has them; names and values alternating. */
export function limitHeaders(left: readonly Left[]): readonly string[] {
  const policies = left.map(
    ({ plan }) => `${quoted(plan.name)};q=${plan.requests};w=${plan.perSeconds}`,
  );
  const rest = left.map(
    ({ plan, requests, seconds }) => `${quoted(plan.name)};r=${requests};t=${seconds}`,
  );
  return ['ratelimit-policy', policies.join(', '), 'ratelimit', rest.join(', ')];
}

const quoted = (name: string): string =>
  `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
