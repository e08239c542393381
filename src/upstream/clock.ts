import { createCrowd, type Member } from '../crowd.ts';

/** Something that must not take for ever. */
export interface Timed extends Member {
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
  const watched = createCrowd<Timed>();
  let timer: NodeJS.Timeout | undefined;

  function onTimer(): void {
    const now = performance.now();
    if (watched.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    watched.visit((timed) => timed.onTick(now));
  }

  return {
    watch(timed) {
      // What it watches has a connection, which keeps the process.
      timer ??= setInterval(onTimer, tick).unref();
      watched.add(timed);
    },
    release: watched.remove,
  };
}
