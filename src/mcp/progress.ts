import type { ProgressPoint } from '../plan/dialogue.ts';
import type { CallContext } from './conversation.ts';

/** Tells a caller how far one run is. */
export interface Reporter {
  /** What the run tells; points that do not lie ahead of the last are left out. */
  readonly point: (point: ProgressPoint) => void;
  /** How many values of an answer that need not end have been collected: between two points. */
  readonly items: (count: number) => void;
  readonly completed: () => void;
  readonly failed: (why: string) => void;
}

/**
 * Reports on a run of so many steps. A caller hears of at least three points: that it has started,
 * that there is an answer, and that it is completed. Nobody listening, nothing is made.
 */
export function reporting(
  { progress, log, state }: CallContext,
  what: string,
  steps: number,
): Reporter | undefined {
  if (progress === undefined && log === undefined) return undefined;
  let last = -1;
  let total = Math.max(steps, 1) + 1;
  function point({ done, total: told, message }: ProgressPoint): void {
    if (!(done > last)) return;
    last = done;
    total = Math.max(total, told, done);
    progress?.(done, total, message);
    log?.('info', `${what}: ${message}`);
  }
  // A call that comes again with answers has started before.
  if (state === undefined) point({ done: 0, total, message: 'started' });
  return {
    // The last point is kept for when the result is made.
    point: (told) => {
      if (told.done < told.total || told.message !== 'completed') point(told);
    },
    items(count) {
      const done = Math.floor(last) + count / (count + 1);
      if (!(done > last)) return;
      last = done;
      progress?.(done, total, `${count} collected`);
    },
    completed() {
      if (last < 1) point({ done: 1, total, message: 'answered' });
      point({ done: Math.max(total, last + 1), total, message: 'completed' });
    },
    failed: (why) => log?.('error', `${what}: ${why}`),
  };
}
