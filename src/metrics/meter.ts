/** Milliseconds; what takes longer than the last is beyond. */
export const BOUNDS: readonly number[] = [
  ...[0.5, 1, 2.5, 5, 10, 25, 50, 100],
  ...[250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000],
];

export interface MeterPlan {
  /** Counts how it ended, one more label of the name `outcomeLabel`. */
  readonly total: { readonly name: string; readonly help: string };
  /** How long it took, in seconds. */
  readonly duration: { readonly name: string; readonly help: string };
  /** How many are under way. */
  readonly running: { readonly name: string; readonly help: string };
  readonly labels: readonly string[];
  readonly outcomeLabel: string;
  /** All ways to end there are. */
  readonly outcomes: readonly string[];
}

/** What one thing that is measured has done. Nothing is held for one that has done nothing. */
export interface Row {
  readonly values: readonly string[];
  tally: Tally | undefined;
}

export interface Tally {
  /** By outcome. */
  readonly outcomes: number[];
  /** By bound, and what is beyond them; not cumulated. */
  readonly buckets: number[];
  milliseconds: number;
}

/** Work of one kind: how often, how it ended, how long it took, by rows known at load. */
export interface Meter {
  readonly plan: MeterPlan;
  readonly rows: ReadonlyMap<string, Row>;
  running: number;
  /** The row of these label values, in the order of the plan's labels; the same ones share one. */
  row(...values: readonly string[]): Row;
}

export function createMeter(plan: MeterPlan): Meter {
  const rows = new Map<string, Row>();
  return {
    plan,
    rows,
    running: 0,
    row(...values) {
      const key = JSON.stringify(values);
      const known = rows.get(key);
      if (known !== undefined) return known;
      const row: Row = { values, tally: undefined };
      rows.set(key, row);
      return row;
    },
  };
}

/** Counts something as under way, until what it gives back is called: with its place among the outcomes. */
export function begin(meter: Meter, row: Row): (outcome: number) => void {
  const begun = performance.now();
  meter.running += 1;
  return function end(outcome) {
    meter.running -= 1;
    record(meter, row, outcome, performance.now() - begun);
  };
}

/** @param outcome its place among the meter's outcomes */
export function record(meter: Meter, row: Row, outcome: number, milliseconds: number): void {
  row.tally ??= emptyTally(meter.plan);
  const { outcomes, buckets } = row.tally;
  outcomes[outcome] = (outcomes[outcome] as number) + 1;
  let at = 0;
  while (at < BOUNDS.length && milliseconds > (BOUNDS[at] as number)) at += 1;
  buckets[at] = (buckets[at] as number) + 1;
  row.tally.milliseconds += milliseconds;
}

function emptyTally({ outcomes }: MeterPlan): Tally {
  return {
    outcomes: new Array<number>(outcomes.length).fill(0),
    buckets: new Array<number>(BOUNDS.length + 1).fill(0),
    milliseconds: 0,
  };
}
