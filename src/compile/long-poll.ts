import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { readerOf, type Value } from '../expression/template.ts';
import type { BuildRequest } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';

/** What an answer may take on its way after it was kept back. */
const GRACE_MS = 10_000;

/**
 * The requests of a long poll are given as long as they ask for. They are sent once: an answer that
 * is given out only the first time would be lost by asking again.
 */
export function withPatience(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
  build: BuildRequest,
): BuildRequest {
  const { longPoll } = target.operation;
  if (longPoll === undefined) return build;
  const declared = target.byName.get(longPoll);
  if (declared === undefined) {
    const names = [...target.byName.keys()];
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointerOf(target.pointer, 'longPoll'),
      `"${longPoll}" is no parameter of this operation. Name the one that says for how many seconds an answer may be kept back.`,
      { suggestion: nearest(longPoll, names) },
    );
    return build;
  }
  const { value, default: usual } = declared.parameter;
  const read = readerOf(feeds.get(longPoll) ?? { constant: value });
  return function buildPatient(scope) {
    const seconds = Number(read(scope) ?? usual ?? Number.NaN);
    const request = { ...build(scope), once: true } as const;
    return seconds >= 0 ? { ...request, patience: seconds * 1000 + GRACE_MS } : request;
  };
}
