import type { AnswerStore } from '../cache/memory.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { CapabilityPlan, UpstreamClient } from '../plan/plan.ts';
import type { SharedRedis } from '../redis/redis.ts';
import type { GatewayOptions } from './options.ts';

const USUAL_MS = 60_000;
const USUAL_BYTES = 64 * 1024 * 1024;

/** The client, with answers kept where anything is to be kept; else it is handed back as it is. */
export async function withCache(
  upstream: UpstreamClient,
  capabilities: readonly CapabilityPlan[],
  { cache = 'declared', cacheTtl, cacheSize }: GatewayOptions,
  {
    metrics,
    redis,
  }: { readonly metrics?: Metrics | undefined; readonly redis?: SharedRedis | undefined },
): Promise<UpstreamClient> {
  const isDeclared = capabilities.some(({ cached = [] }) => cached.length > 0);
  if (cache === 'off' || (cache === 'declared' && !isDeclared)) return upstream;
  const { createCachingClient } = await import('../cache/client.ts');
  const count = metrics?.counter(
    'naftiko_cache_answers_total',
    'Answers of consumed APIs that may be kept, by how they were come by: see Cache-Status.',
    ['status'],
  );
  return createCachingClient(upstream, {
    store: await createStore(redis, cacheSize ?? USUAL_BYTES),
    byHeaders: cache === 'headers',
    usualMs: cacheTtl ?? USUAL_MS,
    ...(count === undefined ? {} : { onAnswer: (status) => count(status)() }),
  });
}

async function createStore(redis: SharedRedis | undefined, maxBytes: number): Promise<AnswerStore> {
  if (redis !== undefined) {
    const { createSharedStore } = await import('../cache/shared.ts');
    return createSharedStore(redis);
  }
  const { createMemoryStore } = await import('../cache/memory.ts');
  return createMemoryStore({ maxBytes });
}
