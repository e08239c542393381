import type { Exposed } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { Compilation } from './compilation.ts';
import type { CompiledConsumes, ConsumedTarget } from './consumes.ts';
import { foldName } from './path.ts';

/** The consumed operations by the `namespace.operation` a call names them with, in file order. */
export type TargetIndex = ReadonlyMap<string, readonly ConsumedTarget[]>;

export function indexTargets(blocks: readonly CompiledConsumes[]): TargetIndex {
  const index = new Map<string, ConsumedTarget[]>();
  for (const target of blocks.flatMap((block) => block.operations)) {
    const named = index.get(target.id);
    if (named === undefined) index.set(target.id, [target]);
    else named.push(target);
  }
  return index;
}

/** What tells apart several operations of one name: the exposed route, or the n-th tool of m. */
export interface CallEvidence {
  readonly method?: string;
  readonly route?: string;
  readonly position?: { readonly nth: number; readonly of: number };
}

/** Operations of one name that a message lists. */
const LISTED = 5;

/** The consumed operation that `call` means. A name that several operations carry is reported. */
export function linkCall(
  compilation: Compilation,
  targets: TargetIndex,
  exposed: Pick<Exposed, 'call'>,
  exposedPointer: string,
  evidence: CallEvidence,
): ConsumedTarget | undefined {
  const pointer = pointerOf(exposedPointer, 'call');
  const call = exposed.call as string;
  const named = targets.get(call);
  if (named === undefined) {
    const near = nearest(call, [...targets.keys()]);
    compilation.report(
      'CALL_UNKNOWN',
      pointer,
      `"${call}" names no operation of this file. A call is written <consumes namespace>.<operation name>.`,
      { suggestion: near },
    );
    return undefined;
  }
  const first = named[0] as ConsumedTarget;
  if (named.length === 1) return first;
  const best = nearestTarget(named, evidence) ?? first;
  const chosen = compilation.options.ambiguousCalls === 'nearest' ? best : first;
  const listed = named.slice(0, LISTED).map(({ method, path }) => `${method} ${path.text}`);
  const others = `${listed.join(', ')}${named.length > LISTED ? ', …' : ''}`;
  const doubt =
    chosen === best
      ? ''
      : ` ${best.method} ${best.path.text} looks more like it: --ambiguous-calls nearest takes that one.`;
  compilation.report(
    'CALL_AMBIGUOUS',
    pointer,
    `${named.length} operations are named "${call}" (${others}); this one reaches ${chosen.method} ${chosen.path.text}.${doubt} Give each operation a name of its own.`,
  );
  return chosen;
}

function nearestTarget(
  named: readonly ConsumedTarget[],
  { method, route, position }: CallEvidence,
): ConsumedTarget | undefined {
  if (route !== undefined) {
    const exposed = foldName(route);
    const fits = named
      .filter((target) => target.method === method && exposed.endsWith(foldName(target.path.text)))
      .sort((one, other) => foldName(other.path.text).length - foldName(one.path.text).length);
    return fits[0];
  }
  return position?.of === named.length ? named[position.nth] : undefined;
}
