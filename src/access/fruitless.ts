/** Renewals that did not help, so that no forbidden call makes a gateway log in for ever. */
export interface Fruitless {
  /** Whether a refusal of this kind is handed on, as renewing has not helped before. */
  isHopeless(kind: string): boolean;
  /** A renewed session was refused as well. @param limit how often in a row before it is hopeless */
  note(kind: string, limit: number): void;
  /** A session was taken. */
  helped(kind: string): void;
}

const PAUSE_MS = 30_000;
const MOST_KINDS = 1000;
/** Of any kind, in a row. */
const MOST_IN_A_ROW = 5;
const ANY = '';

interface Tries {
  readonly count: number;
  /** Until then it is hopeless. */
  readonly until: number;
}

export function createFruitless(now: () => number): Fruitless {
  const kinds = new Map<string, Tries>();

  function add(kind: string, limit: number): void {
    const count = (kinds.get(kind)?.count ?? 0) + 1;
    // Put anew, so that the first of all is the one that is longest ago.
    kinds.delete(kind);
    kinds.set(kind, { count, until: count >= limit ? now() + PAUSE_MS : 0 });
    const [oldest] = kinds.keys();
    if (kinds.size > MOST_KINDS && oldest !== undefined) kinds.delete(oldest);
  }

  const isPaused = (kind: string): boolean => (kinds.get(kind)?.until ?? 0) > now();

  return {
    isHopeless: (kind) => isPaused(kind) || isPaused(ANY),
    note(kind, limit) {
      add(kind, limit);
      add(ANY, MOST_IN_A_ROW);
    },
    helped(kind) {
      if (kinds.size === 0) return;
      kinds.delete(kind);
      kinds.delete(ANY);
    },
  };
}
