import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { isUnlisted } from '../format/format.ts';
import { isWholePayload } from '../format/output-shape.ts';
import type { AnswerPlan, Json, Scope, StepPlan } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import type { PlacedMapping } from './mapped-feeds.ts';
import { compileMappings } from './mappings.ts';
import { isHandedOn } from './output.ts';
import { compileOutputs, projected, shaped } from './output-values.ts';
import { type StepReferences, splitPath } from './step-references.ts';

/** Makes the answer of steps, by what may be named once all of them have run. */
export type AnswerOf = (
  names: readonly string[],
  steps: readonly StepPlan[],
  references: StepReferences,
  mappings: readonly PlacedMapping[],
) => AnswerPlan;

/** What the steps were mapped to, else what the last of them gave; shaped by declared outputs. */
export function compileAnswer(
  compilation: Compilation,
  { side, outputs }: Ran,
  names: readonly string[],
  steps: readonly StepPlan[],
  references: StepReferences,
  mappings: readonly PlacedMapping[],
): AnswerPlan {
  const { outputParameters = [] } = outputs;
  const last = steps.at(-1);
  const lastName = names.at(-1) as string;
  const unlisted = steps.some((step) => step.kind === 'call' && isUnlisted(step.format));
  const isWhole = outputParameters.length === 0 || isWholePayload(outputParameters);
  const fedStepsOnly = mappings.length === 0 && (side.exposed.mappings as unknown[])?.length > 0;
  if (side.exposed.mappings === undefined || fedStepsOnly) {
    if (last?.kind === 'call' && isHandedOn(outputParameters, last.format)) {
      return { kind: 'identity' };
    }
    const namesSteps = outputParameters.some(({ mapping, value }) =>
      [mapping, value].some((path) => typeof path === 'string' && splitPath(path, names)),
    );
    const read = namesSteps
      ? allSteps(names, references)
      : (references.step(lastName, side.pointer) as (scope: Scope) => Json | undefined);
    return shapedAnswer(compilation, outputs, isWhole, read, references, unlisted);
  }
  const declared: readonly OutputParameter[] = isWhole ? [] : outputParameters;
  const map = compileMappings(compilation, mappings, declared, references);
  const answer = shapedAnswer(compilation, outputs, isWhole, map, references, unlisted);
  const shown = mappings.map(({ mapping }) => mapping as { targetName: string; value: Json });
  return { ...answer, status: 200, mappings: shown };
}

const giveAll = ({ steps }: Scope): Json => steps as Json;

/** Outputs may name the steps themselves, as mappings do. */
function allSteps(
  names: readonly string[],
  references: StepReferences,
): (scope: Scope) => Json | undefined {
  for (const name of names) references.step(name, '');
  return giveAll;
}

function shapedAnswer(
  compilation: Compilation,
  { outputParameters = [], pointer }: Ran['outputs'],
  isWhole: boolean,
  read: (scope: Scope) => Json | undefined,
  references: StepReferences,
  unlisted: boolean,
): Extract<AnswerPlan, { kind: 'project' }> {
  if (isWhole) return projected(read);
  const shape = compileOutputs(
    compilation,
    outputParameters,
    pointerOf(pointer, 'outputParameters'),
    (written, at) => references.value(written, at),
    { unlisted },
  );
  return shaped(read, shape);
}
