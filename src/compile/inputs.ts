import type { ExposedParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { compileJsonPath, type Select } from '../expression/jsonpath.ts';
import { hasTags, type Value } from '../expression/template.ts';
import type { InputPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { compileData } from './data.ts';
import { type Draft, declaredDraft, takeDraft } from './drafts.ts';
import type { ExposedSide } from './exposed-side.ts';
import { finishInputs } from './input-plans.ts';
import { CALLER_FEED } from './parameter-values.ts';
import { compileReference, isPlaceable, isTarget } from './references.ts';
import { matchRouteVariables } from './route-variables.ts';
import { BINDS_ONLY, compileText } from './text.ts';
import { callerUse, pieceOf, plainUse, type Use, useOf } from './use.ts';

/** What callers give, and what each consumed parameter gets of it. */
export interface InputsAndFeeds {
  /** Consumed parameter, path variable or template name → its value. */
  readonly feeds: ReadonlyMap<string, Value>;
  /** The value of an input that the answer names; undefined when there is none of the name. */
  readonly mention: (name: string, pointer: string) => Value | undefined;
  /** When all that names inputs is compiled. Inputs that nothing named are reported. */
  readonly finish: () => readonly InputPlan[];
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
  const drafts = draftDeclared(compilation, side);
  const isDeclared = (name: string): boolean => drafts.get(name)?.derived === false;
  const feeds = new Map<string, Value>();
  const declaresInputs = side.declared.length > 0;

  const take = (name: string, use: Use): Value => takeDraft(drafts, name, use, target);

  function feedPath(): void {
    for (const name of target.path.variables) {
      if (isFedBy(side, name) || hasFixedValue(target, name)) continue;
      if (!isDeclared(name) && isVariableTag(compilation, target, name)) continue;
      const folded = isDeclared(name) ? name : foldedName(drafts, name);
      feeds.set(name, take(folded ?? name, useOf(target, name, side.pointer)));
    }
  }

  function feedWith(): void {
    const withPointer = pointerOf(side.pointer, 'with');
    for (const [name, reference] of Object.entries(side.exposed.with ?? {})) {
      const pointer = pointerOf(withPointer, name);
      if (!isTarget(compilation, target, name, pointer)) continue;
      const use = useOf(target, name, pointer);
      const value = compileReference(compilation, side, reference, pointer, {
        isDeclared,
        take(input, alone) {
          if (declaresInputs && !drafts.has(input))
            reportUndeclared(compilation, input, pointer, side);
          return take(input, alone ? use : pieceOf(use));
        },
      });
      if (value !== undefined) feeds.set(name, value);
    }
  }

  /** Declared inputs that `with` passes over go where the called operation has their name. */
  function feedSameNames(): void {
    const roots = [...target.tags].map((name) => name.split('.', 1)[0] as string);
    const names = new Set([...target.byName.keys(), ...target.tags, ...roots]);
    for (const name of names) {
      const draft = drafts.get(name);
      if (draft === undefined || draft.derived || draft.uses > 0) continue;
      if (feeds.has(name) || hasFixedValue(target, name)) continue;
      feeds.set(name, take(name, useOf(target, name, draft.pointer)));
    }
  }

  /** The exposed side says nothing of inputs: callers may give each, and the consumed API judges. */
  function feedAll(): void {
    if (side.exposed.with !== undefined || declaresInputs) return;
    for (const like of target.parameters) {
      const { name } = like.parameter;
      if (feeds.has(name) || like.parameter.value !== undefined) continue;
      if (!isPlaceable(target, like)) continue;
      feeds.set(name, take(name, { ...useOf(target, name, like.pointer), required: false }));
    }
  }

  function feedCaller(): void {
    const use = callerUse(target);
    if (use !== undefined) feeds.set(CALLER_FEED, take(use.name, use));
  }

  feedPath();
  feedWith();
  feedSameNames();
  feedAll();
  feedCaller();
  return {
    feeds,
    mention: (name, pointer) =>
      drafts.has(name) ? take(name, plainUse(name, pointer)) : undefined,
    finish() {
      const own = [...drafts.values()].filter((draft) => draft.uses > 0 || isOwn(side, draft));
      reportUnused(compilation, own);
      return finishInputs(compilation, side, target, own);
    },
  };
}

/** What can be said of inputs without the operation that takes them: nobody knows it. */
export function judgeInputs(compilation: Compilation, side: ExposedSide): void {
  draftDeclared(compilation, side);
  for (const [name, reference] of Object.entries(side.exposed.with ?? {})) {
    compileReference(compilation, side, reference, pointerOf(side.pointer, 'with', name), {
      isDeclared: () => true,
      take: () => ({ read: () => undefined }),
    });
  }
}

export function draftDeclared(compilation: Compilation, side: ExposedSide): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const { parameter, pointer } of side.declared) {
    const value = compileOwnValue(compilation, side, parameter, pointerOf(pointer, 'value'));
    drafts.set(parameter.name, declaredDraft(parameter, pointer, side.face, value));
  }
  return drafts;
}

/** What a declared input says of its value: a fixed one, or the way to it in the body. */
function compileOwnValue(
  compilation: Compilation,
  side: ExposedSide,
  { value, in: place }: ExposedParameter,
  pointer: string,
): { readonly fixed?: Value; readonly select?: Select } {
  if (value === undefined) return {};
  if (typeof value !== 'string') {
    return {
      fixed: compileData(value, pointer, (text, at) =>
        compileText(compilation, text, at, BINDS_ONLY),
      ),
    };
  }
  if (/^\$(?:$|[.[])/.test(value)) return compileSelect(compilation, side, value, place, pointer);
  if (!hasTags(value)) return { fixed: { constant: value } };
  const fixed = compileText(compilation, value, pointer, BINDS_ONLY);
  return { fixed: fixed ?? { constant: undefined } };
}

function compileSelect(
  compilation: Compilation,
  { face }: ExposedSide,
  path: string,
  place: string | undefined,
  pointer: string,
): { readonly select?: Select } {
  const refuse = (message: string): { readonly select?: Select } => {
    compilation.report('JSONPATH_INVALID', pointer, message);
    return {};
  };
  if (face === 'mcp')
    return refuse(
      `"${path}" reads the body of a REST request, and a tool has none. Leave value out: the argument is taken by its name.`,
    );
  if (place !== undefined && place !== 'body')
    return refuse(
      `"${path}" reads the body of a request, but this input is in: ${place}. Say in: body.`,
    );
  const compiled = compileJsonPath(path);
  return 'why' in compiled ? refuse(`The JSONPath ${compiled.why}.`) : { select: compiled.select };
}

const isFedBy = (side: ExposedSide, name: string): boolean =>
  side.exposed.with !== undefined && Object.hasOwn(side.exposed.with, name);

const hasFixedValue = (target: ConsumedTarget, name: string): boolean =>
  target.byName.get(name)?.parameter.value !== undefined;

/** A declared input that is the variable but for case and punctuation. */
function foldedName(drafts: ReadonlyMap<string, Draft>, name: string): string | undefined {
  const declared = [...drafts.values()].filter(({ derived }) => !derived);
  return matchRouteVariables(
    [name],
    declared.map((draft) => draft.name),
  ).get(name);
}

/** `{{VAR}}` in a consumed path that a bind gives is no input. */
export function isVariableTag(
  compilation: Compilation,
  target: ConsumedTarget,
  name: string,
): boolean {
  const parts = [...target.path.parts, ...target.path.query.flatMap((pair) => pair.parts)];
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

/** Inputs declared for many operations at once are those of the ones that use them. */
const isOwn = (side: ExposedSide, draft: Draft): boolean =>
  draft.pointer.startsWith(`${side.pointer}/`);

/** What stands between reads it in a header. */
export const isMirrored = ({ shape }: Draft): boolean =>
  (shape as ExposedParameter).header !== undefined;

function reportUnused(compilation: Compilation, drafts: readonly Draft[]): void {
  for (const draft of drafts) {
    if (draft.uses > 0 || isMirrored(draft)) continue;
    compilation.report(
      'INPUT_UNUSED',
      draft.pointer,
      `The input "${draft.name}" goes nowhere: no with entry, no output and no parameter of the called operation has its name.`,
    );
  }
}
