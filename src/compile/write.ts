import type { Scope } from '../plan/plan.ts';
import type { Refuse } from './encode.ts';

/** Writes one piece of the URL; '' for what is absent. */
export type Write = (scope: Scope, refuse: Refuse) => string;

export interface MaybeConstant {
  readonly constant?: string;
  readonly write: Write;
}

export const constantWrite = (text: string): MaybeConstant => ({
  constant: text,
  write: () => text,
});

/** Joins neighbouring constants; all constant gives the text itself. */
export function foldConstants(pieces: readonly MaybeConstant[]): string | readonly Write[] {
  const writes: Write[] = [];
  let pending = '';
  for (const piece of pieces) {
    if (piece.constant !== undefined) pending += piece.constant;
    else {
      const text = pending;
      const { write } = piece;
      writes.push(text === '' ? write : (scope, refuse) => text + write(scope, refuse));
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
