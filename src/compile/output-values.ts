import type { OutputParameter } from '../document/document.ts';
import { compileJsonPath } from '../expression/jsonpath.ts';
import type { Value } from '../expression/template.ts';
import { compileOutputTree, type ShapeOutput } from '../format/output.ts';
import type { OutputOptions } from '../format/output-source.ts';
import type { AnswerPlan, Json, Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

/** Output parameters that shape what steps were mapped to, or that say a mock's values. */
export function compileOutputs(
  compilation: Compilation,
  parameters: readonly OutputParameter[],
  pointer: string,
  value: (written: unknown, pointer: string) => Value | undefined,
  options: Pick<OutputOptions, 'mock' | 'unlisted'> = {},
): ShapeOutput {
  return compileOutputTree(parameters, {
    pointer,
    compilePath: (path) => compileJsonPath(path),
    compileValue: value,
    report: (code, at, message) => compilation.report(code, at, message),
    ...options,
  });
}

type Read = (scope: Scope) => Json | undefined;
type Projected = Extract<AnswerPlan, { kind: 'project' }>;

/** What the step of this name gave. */
export const givenBy =
  (name: string): Read =>
  ({ steps }) =>
    steps[name];

export const giveNothing: Read = () => undefined;

/** An answer of all that is read. */
export const projected = (read: Read): Projected => ({
  kind: 'project',
  project: (scope) => read(scope) ?? null,
});

/** An answer of what is read, shaped. */
export const shaped = (read: Read, shape: ShapeOutput): Projected => ({
  kind: 'project',
  project: (scope) => shape(read(scope) ?? null, scope),
});
