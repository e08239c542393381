import type { Metric } from 'prom-client';
import { BOUNDS, type Meter, type Row, type Tally } from './meter.ts';

/** One line of a family. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it is not the name of the family. */
  readonly metricName?: string;
}

/** Measurements of one name, made when they are asked for. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: () => readonly Sample[];
}

/** What a registry takes: it asks for the samples each time it is read. */
export function asMetric({ name, help, type, samples }: Family): Metric {
  // The types know the library's own classes only, which keep numbers under hashes of their labels
  // and make one for each observation.
  return {
    name,
    get: () => ({ name, help, type, aggregator: 'sum', values: samples() }),
  } as unknown as Metric;
}

/** The families of a meter; rows that nothing was recorded in are left out. */
export function familiesOf(meter: Meter): readonly Family[] {
  const { plan, rows } = meter;
  const { total, duration, running } = plan;
  const used = (): readonly Used[] => [...rows.values()].filter(isUsed);
  return [
    { ...total, type: 'counter', samples: () => used().flatMap((row) => totals(meter, row)) },
    { ...duration, type: 'histogram', samples: () => used().flatMap((row) => buckets(meter, row)) },
    { ...running, type: 'gauge', samples: () => [{ value: meter.running, labels: {} }] },
  ];
}

type Used = Row & { readonly tally: Tally };

const isUsed = (row: Row): row is Used => row.tally !== undefined;

const labelsOf = ({ plan }: Meter, { values }: Row): Record<string, string> =>
  Object.fromEntries(plan.labels.map((label, at) => [label, values[at] ?? '']));

function totals(meter: Meter, row: Used): Sample[] {
  const labels = labelsOf(meter, row);
  const { outcomes, outcomeLabel } = meter.plan;
  return outcomes.flatMap((outcome, at) => {
    const value = row.tally.outcomes[at] ?? 0;
    return value === 0 ? [] : [{ value, labels: { ...labels, [outcomeLabel]: outcome } }];
  });
}

function buckets(meter: Meter, row: Used): Sample[] {
  const labels = labelsOf(meter, row);
  const { name } = meter.plan.duration;
  let count = 0;
  const cumulated = row.tally.buckets.map((inBucket, at): Sample => {
    count += inBucket;
    const bound = BOUNDS[at];
    const le = bound === undefined ? '+Inf' : bound / 1_000;
    return { value: count, labels: { ...labels, le }, metricName: `${name}_bucket` };
  });
  return [
    ...cumulated,
    { value: row.tally.milliseconds / 1_000, labels, metricName: `${name}_sum` },
    { value: count, labels, metricName: `${name}_count` },
  ];
}
