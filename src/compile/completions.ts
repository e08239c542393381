import type { Scalar } from '../document/document.ts';
import type { WrittenCompletions } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import { compileJsonPath } from '../expression/jsonpath.ts';
import type { CompletionPlan, Completions } from '../plan/content.ts';
import type { Json } from '../plan/plan.ts';
import { compileCall } from './call-step.ts';
import type { Compilation } from './compilation.ts';
import { tagsIn } from './data.ts';
import type { ExposedSide } from './exposed-side.ts';
import { planInputs } from './inputs.ts';
import { linkCall, type TargetIndex } from './link.ts';

/** An argument of a prompt, or a variable of a resource, and what can be offered for it. */
interface Completed {
  readonly name: string;
  readonly enum?: readonly unknown[];
  readonly completions?: WrittenCompletions;
  readonly pointer: string;
}

/** The value that is being typed, among the inputs of a completing call. */
const TYPED = 'value';

/** By name; undefined when nothing can be offered. */
export function compileCompletions(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  all: readonly Completed[],
): Completions | undefined {
  const plans = all.flatMap(({ name, enum: allowed, completions, pointer }) => {
    const at = pointerOf(pointer, 'completions');
    const others = all.filter((other) => other.name !== name).map((other) => other.name);
    const plan =
      completions === undefined
        ? valuesOf(allowed)
        : isList(completions)
          ? valuesOf(completions)
          : compileCompletionCall(compilation, targets, namespace, completions, others, at);
    return plan === undefined ? [] : [[name, plan] as const];
  });
  return plans.length === 0 ? undefined : Object.fromEntries(plans);
}

const isList = (written: WrittenCompletions): written is readonly Scalar[] =>
  Array.isArray(written);

const valuesOf = (values: readonly unknown[] | undefined): CompletionPlan | undefined =>
  values && { kind: 'values', values: [...new Set(values.map(String))] };

function compileCompletionCall(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  { call, with: given = {}, path = '$' }: Exclude<WrittenCompletions, readonly Scalar[]>,
  others: readonly string[],
  pointer: string,
): CompletionPlan | undefined {
  const exposed = { call, with: given };
  const target = linkCall(compilation, targets, exposed, pointer, {});
  const selected = compileJsonPath(path);
  if ('why' in selected) {
    compilation.report('JSONPATH_INVALID', pointerOf(pointer, 'path'), `The path ${selected.why}.`);
    return undefined;
  }
  if (target === undefined) return undefined;
  if (!SAFE.has(target.method)) {
    compilation.report(
      'COMPLETIONS_INVALID',
      pointerOf(pointer, 'call'),
      `${target.id} is a ${target.method}, and clients complete at every key. Name an operation that changes nothing (GET).`,
    );
    return undefined;
  }
  const names = tagsIn(given);
  const declared = [TYPED, ...others.filter((name) => name !== TYPED)]
    .filter((name) => names.has(name))
    .map((name) => ({ parameter: { name, type: 'string', required: false }, pointer }));
  const side: ExposedSide = {
    face: 'mcp',
    namespace,
    routeVariables: [],
    exposed,
    pointer,
    declared,
  };
  const { feeds, finish } = planInputs(compilation, side, target);
  const inputs = finish();
  const strange = inputs.filter(
    ({ name }) => !declared.some(({ parameter }) => parameter.name === name),
  );
  for (const { name } of strange) {
    const known = [TYPED, ...others].map((each) => `{{${each}}}`).join(', ');
    compilation.report(
      'COMPLETIONS_INVALID',
      pointerOf(pointer, 'with'),
      `The call needs a value for "${name}", and there are only ${known}. Give it one under with.`,
    );
  }
  if (strange.length > 0) return undefined;
  const step = compileCall(compilation, target, target.operation.name, feeds);
  return {
    kind: 'call',
    narrows: names.has(TYPED),
    operation: {
      id: target.id,
      inputs: inputs.map((input) => ({ ...input, required: false })),
      steps: [step],
      answer: {
        kind: 'project',
        project({ steps }) {
          const answer = steps[step.name];
          return answer === undefined ? null : (selected.select(answer) as Json | undefined);
        },
      },
    },
  };
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
