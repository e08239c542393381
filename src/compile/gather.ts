import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { Value } from '../expression/template.ts';
import type { InputPlan } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { type Draft, takeDraft } from './drafts.ts';
import { finishInputs } from './input-plans.ts';
import { draftDeclared, isMirrored } from './inputs.ts';
import { compileReference } from './references.ts';
import { matchRouteVariables } from './route-variables.ts';
import type { Use } from './use.ts';

/** The inputs of an operation that is more than one call, while it is compiled. */
export interface Gathering {
  /** Whether the file declares an input of this name, or gives it a value. */
  readonly isDeclared: (name: string) => boolean;
  readonly declaresInputs: boolean;
  /** Whether there is an input of this name by now, declared or not. */
  readonly isKnown: (name: string) => boolean;
  /** Names of the declared inputs, in file order. */
  readonly names: readonly string[];
  /** The declared input that is this name but for case and punctuation. */
  readonly folded: (name: string) => string | undefined;
  /** The value of an input; one that nothing declares is declared by its use. */
  readonly take: (name: string, use: Use, target?: ConsumedTarget) => Value;
  /** @param pointer of what names the input */
  readonly reportUndeclared: (name: string, pointer: string) => void;
  readonly finish: () => readonly InputPlan[];
}

export function gatherInputs(compilation: Compilation, { side, given }: Ran): Gathering {
  const drafts = draftDeclared(compilation, side);
  const declared = [...drafts.keys()];
  const values = new Map<string, Value>();

  const isGiven = (name: string): boolean =>
    given !== undefined && Object.hasOwn(given.values, name);
  const isDeclared = (name: string): boolean =>
    drafts.get(name)?.derived === false || isGiven(name);

  const takeInput = (name: string, use: Use, target: ConsumedTarget | undefined): Value =>
    takeDraft(drafts, name, use, target);

  /** A value given beside a ref, over the inputs of whoever refers. */
  function takeGiven(name: string, use: Use, target: ConsumedTarget | undefined): Value {
    const known = values.get(name);
    if (known !== undefined || given === undefined) return known ?? { constant: undefined };
    const pointer = pointerOf(given.side.pointer, 'with', name);
    const value = compileReference(compilation, given.side, given.values[name], pointer, {
      isDeclared: (input) => drafts.get(input)?.derived === false,
      take: (input) => takeInput(input, use, target),
    }) ?? { constant: undefined };
    values.set(name, value);
    return value;
  }

  return {
    isDeclared,
    declaresInputs: declared.length > 0,
    isKnown: (name) => drafts.has(name) || isGiven(name),
    names: declared,
    folded: (name) => matchRouteVariables([name], declared).get(name),
    take: (name, use, target) =>
      isGiven(name) ? takeGiven(name, use, target) : takeInput(name, use, target),
    reportUndeclared(name, pointer) {
      if (declared.length === 0 || isDeclared(name)) return;
      compilation.report(
        'INPUT_UNDECLARED',
        pointer,
        `The input "${name}" is not among the declared inputParameters; it is taken all the same.`,
        { suggestion: nearest(name, declared) },
      );
    },
    finish() {
      for (const name of Object.keys(given?.values ?? {})) {
        if (!values.has(name)) reportUnread(compilation, given as NonNullable<Ran['given']>, name);
      }
      const kept = [...drafts.values()].filter(({ name, uses }) => uses > 0 || !isGiven(name));
      reportUnused(compilation, kept);
      return finishInputs(compilation, side, undefined, kept);
    },
  };
}

function reportUnread(
  compilation: Compilation,
  { side }: NonNullable<Ran['given']>,
  name: string,
): void {
  compilation.report(
    'WITH_TARGET_UNKNOWN',
    pointerOf(side.pointer, 'with', name),
    `"${name}" is no input that the function "${side.exposed.ref}" uses; this entry does nothing.`,
    { at: 'key' },
  );
}

function reportUnused(compilation: Compilation, drafts: readonly Draft[]): void {
  for (const draft of drafts) {
    const { name, uses, pointer } = draft;
    if (uses > 0 || isMirrored(draft)) continue;
    compilation.report(
      'INPUT_UNUSED',
      pointer,
      `The input "${name}" goes nowhere: nothing that is run here has its name.`,
    );
  }
}
