import { pointerOf } from '../document/source.ts';
import type { CallStep } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { readSpan, refuseSpan } from './session-answer.ts';

const USUAL_MS = 15_000;
const USUAL_ITEMS = 1_000;

/** How much of an answer that need not end a caller gets who needs it whole; undefined for one that ends. */
export function compileStream(
  compilation: Compilation,
  { operation, pointer }: ConsumedTarget,
): CallStep['stream'] {
  const { stream } = operation;
  if (stream === undefined) return undefined;
  const { for: span = USUAL_MS / 1000, items = USUAL_ITEMS } = stream;
  const forMs = readSpan(span);
  if (forMs !== undefined && forMs > 0) return { forMs, items };
  refuseSpan(compilation, span, pointerOf(pointerOf(pointer, 'stream'), 'for'));
  return undefined;
}
