import type { IncomingMessage } from 'node:http';
import type { Admitted, CheckAccess } from '../access/request.ts';
import { GatewayError } from '../errors.ts';
import type { CreateCounter, Left } from '../limits/limiter.ts';
import type { RunContext } from '../mcp/conversation.ts';
import type { McpHandler } from '../mcp/http.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { CapabilityPlan, Limited, LimitPlan, Values } from '../plan/plan.ts';
import type { SharedRedis } from '../redis/redis.ts';
import type { GatewayOptions } from './options.ts';

/** How often callers may ask, decided at load; undefined for what has no limit. */
export interface Limits {
  /** A check that counts whom the other lets in. */
  checked(plan: Limited, check: CheckAccess | undefined): CheckAccess | undefined;
  /** A handler whose callers are known by what they are counted under. */
  named(handler: McpHandler): McpHandler;
  /**
   * Counts one run of a tool, a prompt or a resource.
   * @throws GatewayError RATE_LIMITED
   */
  take(plan: Limited, account: string): Promise<void>;
}

/** undefined where nothing is limited: then nothing is counted, and nothing paid. */
export async function createLimits(
  capabilities: readonly CapabilityPlan[],
  options: GatewayOptions,
  {
    metrics,
    redis,
  }: { readonly metrics?: Metrics | undefined; readonly redis?: SharedRedis | undefined },
): Promise<Limits | undefined> {
  const { rateLimit = [], trustProxy = 0 } = options;
  const ofAll = rateLimit.map(
    ({ requests, perSeconds }): LimitPlan => ({
      name: 'gateway',
      requests,
      perSeconds,
      by: 'caller',
    }),
  );
  if (ofAll.length === 0 && !capabilities.some(isLimited)) return undefined;
  const { createLimiter, limitHeaders, refusalText } = await import('../limits/limiter.ts');
  const { callerOf } = await import('../limits/caller.ts');
  const count = metrics?.counter(
    'naftiko_rate_limited_total',
    'Requests that were refused because a limit was used up, by the name of the limit.',
    ['limit'],
  );
  const limiter = createLimiter({
    createCounter: await countingIn(redis),
    ...(count === undefined ? {} : { onRefused: ({ name }) => count(name)() }),
  });
  const limitsOf = ({ limits = [] }: Limited): readonly LimitPlan[] => [...ofAll, ...limits];

  return {
    checked(plan, check) {
      const limits = limitsOf(plan);
      if (limits.length === 0) return check;
      return async function checkAndCount(request, admit) {
        let known: Admitted | undefined;
        const refusal = await check?.(request, (caller) => {
          known = caller;
        });
        if (refusal !== undefined) return refusal;
        const caller = callerOf(request as IncomingMessage, known?.principal, trustProxy);
        const { left, refused } = await limiter.take(limits, caller);
        const headers = limitHeaders(left);
        if (refused !== undefined) return { ...refusalOf(refused), headers };
        admit?.({ principal: '', scopes: NONE, ...known, headers });
        return undefined;
      };
    },
    named(handler) {
      return {
        ...handler,
        handle: (request, response, caller = {}) => {
          const account = callerOf(request, caller.principal, trustProxy);
          return handler.handle(request, response, { ...caller, account });
        },
      };
    },
    async take(plan, account) {
      const limits = limitsOf(plan);
      if (limits.length === 0) return;
      const { refused } = await limiter.take(limits, account);
      if (refused === undefined) return;
      const { code, message, retryAfter } = refusalOf(refused);
      throw new GatewayError(code, message, { retryAfter });
    },
  };

  function refusalOf(left: Left) {
    const { seconds: retryAfter } = left;
    return {
      status: 429,
      code: 'RATE_LIMITED',
      message: refusalText(left),
      challenges: [],
      retryAfter,
    } as const;
  }
}

type Run<Plan, Result> = (plan: Plan, values: Values, context: RunContext) => Promise<Result>;

/** Counts before running what a caller of MCP asked for; what runs unasked, or over stdio, is not counted. */
export function counting(limits: Limits | undefined) {
  return <Plan extends Limited, Result>(run: Run<Plan, Result>): Run<Plan, Result> =>
    limits === undefined
      ? run
      : async (plan, values, context) => {
          const { account } = context;
          if (account !== undefined) await limits.take(plan, account);
          return run(plan, values, context);
        };
}

async function countingIn(redis: SharedRedis | undefined): Promise<CreateCounter> {
  if (redis === undefined) return (await import('../limits/limiter.ts')).countHere;
  return (await import('../limits/shared.ts')).countTogether(redis);
}

const NONE: ReadonlySet<string> = new Set();

const isLimited = ({ faces }: CapabilityPlan): boolean =>
  faces.some((face) =>
    face.face === 'rest'
      ? [...face.routes, ...(face.forwards ?? [])].some(hasLimits)
      : face.face === 'mcp' &&
        [...face.tools, ...(face.resources ?? []), ...(face.prompts ?? [])].some(hasLimits),
  );

const hasLimits = ({ limits }: Limited): boolean => limits !== undefined;
