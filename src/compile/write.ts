import type { Scope } from '../plan/plan.ts';
import type { Refuse } from './encode.ts';

/** Writes one piece of the URL; '' for what is absent. */
export type Write = (scope: Scope, refuse: Refuse) => string;

/** A piece that is known at load, or written for each request. */
export type Piece = string | Write;

/** Joins neighbouring constants; all constant gives the text itself. */
export function foldConstants(pieces: readonly Piece[]): string | readonly Write[] {
  const writes: Write[] = [];
  let pending = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') pending += piece;
    else {
      const text = pending;
      writes.push(text === '' ? piece : (scope, refuse) => text + piece(scope, refuse));
      pending = '';
    }
  }
  if (writes.length === 0) return pending;
  if (pending !== '') {
    const tail = pending;
    writes.push(() => tail);
  }
  return writes;
}
