import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { Value } from '../expression/template.ts';
import type { InputPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import {
  type Draft,
  declare,
  deriveDraft,
  deriveImplicit,
  isRequired,
  optional,
} from './drafts.ts';
import type { ExposedSide } from './exposed-side.ts';
import { finishInputs } from './input-plans.ts';
import { compileReference, isPlaceable, isTarget } from './references.ts';
import { matchRouteVariables } from './route-variables.ts';

/** What callers give, and what each consumed parameter gets of it. */
export interface InputsAndFeeds {
  readonly inputs: readonly InputPlan[];
  /** Consumed parameter or template variable → its value. */
  readonly feeds: ReadonlyMap<string, Value>;
}

/**
 * The inputs of an exposed operation: the declared ones, else those that follow from `with` and the
 * consumed parameters. Path variables that nothing feeds are inputs in any case.
 */
export function planInputs(
  compilation: Compilation,
  side: ExposedSide,
  target: ConsumedTarget,
): InputsAndFeeds {
  const drafts = new Map<string, Draft>();
  const feeds = new Map<string, Value>();
  const byName = new Map(target.parameters.map((entry) => [entry.parameter.name, entry]));

  for (const { parameter, pointer } of side.declared)
    declare(compilation, side, parameter, pointer, drafts, feeds);
  const declaredAny = side.declared.length > 0;

  const take = (name: string, like: PlacedParameter | undefined, pointer: string): Value => {
    const known = drafts.get(name);
    if (known !== undefined) {
      known.used = true;
      if (known.derived) known.required ||= isRequired(like);
    } else {
      if (declaredAny) reportUndeclared(compilation, name, pointer, side);
      drafts.set(name, deriveDraft(name, like, target, pointer));
    }
    return { read: (scope) => scope.input[name] };
  };

  const unfed = target.path.variables.filter(
    (name) => byName.get(name)?.parameter.value === undefined && !isFedBy(side, name),
  );
  for (const name of unfed) {
    if (feeds.has(name) || isVariableTag(compilation, target, name)) continue;
    if (declaredAny && !drafts.has(name)) {
      const folded = foldedDraft(drafts, name);
      if (folded !== undefined) {
        feeds.set(name, take(folded, undefined, side.pointer));
        continue;
      }
    }
    feeds.set(
      name,
      drafts.has(name)
        ? take(name, undefined, side.pointer)
        : deriveImplicit(drafts, name, byName.get(name), target, side),
    );
  }

  const withPointer = pointerOf(side.pointer, 'with');
  for (const [name, reference] of Object.entries(side.exposed.with ?? {})) {
    const pointer = pointerOf(withPointer, name);
    const like = byName.get(name);
    if (!isTarget(compilation, target, name, like, pointer)) continue;
    const value = compileReference(compilation, side, reference, pointer, (input) =>
      take(input, like, pointer),
    );
    if (value !== undefined) feeds.set(name, value);
  }

  for (const like of target.parameters) {
    const { parameter } = like;
    if (feeds.has(parameter.name) || parameter.value !== undefined) continue;
    if (drafts.has(parameter.name))
      feeds.set(parameter.name, take(parameter.name, like, like.pointer));
    else if (side.exposed.with === undefined && !declaredAny && isPlaceable(target, like)) {
      // The exposed side says nothing of inputs: callers may give this one, the consumed API judges.
      feeds.set(parameter.name, take(parameter.name, optional(like), like.pointer));
    }
  }
  reportUnused(compilation, drafts);
  return { inputs: finishInputs(compilation, side, [...drafts.values()]), feeds };
}

const isFedBy = (side: ExposedSide, name: string): boolean =>
  side.exposed.with !== undefined && Object.hasOwn(side.exposed.with, name);

function foldedDraft(drafts: ReadonlyMap<string, Draft>, name: string): string | undefined {
  const [match] = matchRouteVariables([name], [...drafts.keys()]).values();
  return match;
}

/** `{{VAR}}` in a consumed path that a bind gives is no input. */
function isVariableTag(compilation: Compilation, target: ConsumedTarget, name: string): boolean {
  const parts = [...target.path.parts, ...target.path.query.flatMap((pair) => pair.parts ?? [])];
  const tagged = parts.some((part) => 'variable' in part && part.tag && part.variable === name);
  return tagged && compilation.variables.find(name) !== undefined;
}

function reportUndeclared(
  compilation: Compilation,
  name: string,
  pointer: string,
  side: ExposedSide,
): void {
  const names = side.declared.map(({ parameter }) => parameter.name);
  compilation.report(
    'INPUT_UNDECLARED',
    pointer,
    `The input "${name}" is not among the declared inputParameters; it is taken as the called operation declares it.`,
    { suggestion: nearest(name, names) },
  );
}

function reportUnused(compilation: Compilation, drafts: ReadonlyMap<string, Draft>): void {
  for (const draft of drafts.values()) {
    if (draft.used) continue;
    compilation.report(
      'INPUT_UNUSED',
      draft.pointer,
      `The input "${draft.name}" goes nowhere: no with entry and no parameter of the called operation has its name.`,
    );
  }
}
