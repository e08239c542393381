import { AggregatorRegistry, type PrometheusContentType, Registry } from 'prom-client';
import { asMetric, type Family } from './families.ts';
import type { Snapshot } from './metrics.ts';

/** Metrics of several processes as those of one, with what is known of all of them. */
export async function aggregate(
  snapshots: readonly Snapshot[],
  families: readonly Family[],
): Promise<{ readonly contentType: string; readonly text: string }> {
  const own = new Registry();
  for (const family of families) own.registerMetric(asMetric(family));
  const together = AggregatorRegistry.aggregate<PrometheusContentType>(
    snapshots.filter(({ length }) => length > 0).map((snapshot) => [...snapshot]),
  );
  const all = Registry.merge([together, own]);
  return { contentType: all.contentType, text: await all.metrics() };
}
