import type { Snapshot } from './metrics.ts';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly values: readonly Value[];
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly metricName?: string;
}

/**
 * What of processes that are gone still counts, added up: a counter that fell would be read as one
 * that began anew, and all that it has as what came since.
 */
export function lasting(one: Snapshot, other: Snapshot): Snapshot {
  const metrics = new Map<string, Metric & { readonly values: Value[] }>();
  for (const metric of [...one, ...other] as Metric[]) {
    if (metric.type !== 'counter' && metric.type !== 'histogram') continue;
    const known = metrics.get(metric.name);
    if (known === undefined) metrics.set(metric.name, { ...metric, values: [...metric.values] });
    else known.values.splice(0, known.values.length, ...added(known.values, metric.values));
  }
  return [...metrics.values()];
}

function added(one: readonly Value[], other: readonly Value[]): Value[] {
  const sums = new Map<string, Value>();
  for (const value of [...one, ...other]) {
    const key = JSON.stringify([value.metricName, Object.entries(value.labels).sort()]);
    sums.set(key, { ...value, value: value.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}
