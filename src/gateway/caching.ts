import { createCachingClient } from '../cache/client.ts';
import { createMemoryStore } from '../cache/memory.ts';
import type { CapabilityPlan, UpstreamClient } from '../plan/plan.ts';
import type { GatewayOptions } from './options.ts';

const USUAL_MS = 60_000;
const USUAL_BYTES = 64 * 1024 * 1024;

/** The client, with answers kept where anything is to be kept; else it is handed back as it is. */
export function withCache(
  upstream: UpstreamClient,
  capabilities: readonly CapabilityPlan[],
  { cache = 'declared', cacheTtl, cacheSize }: GatewayOptions,
): UpstreamClient {
  const isDeclared = capabilities.some(({ cached = [] }) => cached.length > 0);
  if (cache === 'off' || (cache === 'declared' && !isDeclared)) return upstream;
  return createCachingClient(upstream, {
    store: createMemoryStore({ maxBytes: cacheSize ?? USUAL_BYTES }),
    byHeaders: cache === 'headers',
    usualMs: cacheTtl ?? USUAL_MS,
  });
}
