/** Something that must not take for ever. */
export interface Timed {
  /** Where the clock keeps it; -1 while it does not. Nobody else's to change. */
  place: number;
  /** Called every tick. @param now as `performance.now` has it */
  onTick(now: number): void;
}

/** One timer for all exchanges of a client: one of its own would be a twentieth of what each costs. */
export interface Clock {
  watch(timed: Timed): void;
  /** @param timed one that is not watched does no harm */
  release(timed: Timed): void;
}

/** Nobody waits for so long to the quarter of a second. */
const LONGEST_TICK_MS = 250;
const SHORTEST_TICK_MS = 5;

/** @param shortest the shortest time that will be measured, milliseconds: a tick is a small part of it */
export function createClock(shortest: number): Clock {
  const tick = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, shortest / 8));
  // Not a Set: those that V8 has outgrown keep what follows them alive for long.
  const watched: (Timed | undefined)[] = [];
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  function onTimer(): void {
    const now = performance.now();
    if (count === 0) {
      clearInterval(timer);
      timer = undefined;
      watched.length = 0;
    }
    // Backwards: one that is released is replaced by the last, which has had its turn.
    for (let place = count - 1; place >= 0; place -= 1) watched[place]?.onTick(now);
  }

  return {
    watch(timed) {
      // What it watches has a connection, which keeps the process.
      timer ??= setInterval(onTimer, tick).unref();
      timed.place = count;
      watched[count] = timed;
      count += 1;
    },
    release(timed) {
      const { place } = timed;
      if (place === -1) return;
      timed.place = -1;
      count -= 1;
      const last = watched[count] as Timed;
      watched[count] = undefined;
      if (last === timed) return;
      last.place = place;
      watched[place] = last;
    },
  };
}
