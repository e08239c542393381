import { collectDefaultMetrics, Registry } from 'prom-client';
import { asMetric, type Family, familiesOf, type Sample } from './families.ts';
import type { Meter } from './meter.ts';
import { createMeters, type Meters } from './meters.ts';

/** What one gateway counts and measures, and what its process does. */
export interface Metrics extends Meters {
  readonly contentType: string;
  /** Adds what is read when metrics are asked for. */
  add(family: Family): void;
  /** A counter whose rows are bound at load: each row gives what counts one, or so many. */
  counter(name: string, help: string, labels: readonly string[]): CounterRows;
  /** Prometheus text. */
  text(): Promise<string>;
  /** The same as data, to be put together with that of other processes. */
  snapshot(): Promise<Snapshot>;
}

export type CounterRows = (...values: readonly string[]) => (amount?: number) => void;

/** What `Registry` gives and `AggregatorRegistry` takes. */
export type Snapshot = readonly object[];

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const meters = createMeters();
  const add = (family: Family): void => registry.registerMetric(asMetric(family));
  for (const meter of Object.values(meters) as Meter[]) familiesOf(meter).forEach(add);
  add({
    name: 'naftiko_build_info',
    help: 'Which version runs, as labels; the number of processes.',
    type: 'gauge',
    samples: () => [{ value: 1, labels: { version, node: process.version } }],
  });
  const all = (): Registry => Registry.merge([registry, processRegistry()]);
  return {
    ...meters,
    contentType: registry.contentType,
    add,
    counter(name, help, labels) {
      const rows = new Map<string, { value: number; readonly labels: Sample['labels'] }>();
      const samples = (): Sample[] => [...rows.values()].filter(({ value }) => value > 0);
      add({ name, help, type: 'counter', samples });
      return (...values) => {
        const key = JSON.stringify(values);
        const named = Object.fromEntries(labels.map((label, at) => [label, values[at] ?? '']));
        const row = rows.get(key) ?? { value: 0, labels: named };
        rows.set(key, row);
        return (amount = 1) => {
          row.value += amount;
        };
      };
    },
    text: () => all().metrics(),
    snapshot: () => all().getMetricsAsJSON(),
  };
}

let ofProcess: Registry | undefined;

/** Once for the process, whatever number of gateways it runs: its observers are never let go. */
function processRegistry(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}
