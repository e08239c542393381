import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { inputNameOf } from '../expression/reference.ts';
import type { Value } from '../expression/template.ts';
import { isUnlisted } from '../format/format.ts';
import { isWholePayload, outputJsonSchema } from '../format/output.ts';
import type { AnswerPlan, CallStep, InputPlan, JsonSchema, RawFormat } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import { compileData } from './data.ts';
import { compileOutputs } from './output-values.ts';
import { rootsOf } from './references.ts';
import { compileText } from './text.ts';

export interface CompiledAnswer {
  readonly answer: AnswerPlan;
  /** Of a shaped answer whose type is declared. */
  readonly outputSchema: JsonSchema | undefined;
}

/**
 * What an exposed operation answers of a simple call: the upstream's bytes, or a value that its output
 * parameters shape of them.
 */
export function compileOutput(
  compilation: Compilation,
  { side, outputs }: Pick<Ran, 'side' | 'outputs'>,
  step: CallStep,
  inputs: readonly InputPlan[],
): CompiledAnswer {
  const { outputParameters = [] } = outputs;
  const pointer = pointerOf(outputs.pointer, 'outputParameters');
  if (isHandedOn(outputParameters, step.format)) {
    if (step.format === 'binary' && outputParameters.length > 0) {
      reportBinary(compilation, outputParameters, pointer);
    }
    return { answer: { kind: 'identity' }, outputSchema: undefined };
  }
  const { name } = step;
  if (isWholePayload(outputParameters)) {
    const project = ({ steps }: Parameters<ProjectOf>[0]) => steps[name] ?? null;
    return { answer: { kind: 'project', project }, outputSchema: undefined };
  }
  const names = new Set(inputs.map((input) => input.name));
  const roots = rootsOf(side);
  const inputOf = (named: string): Value | undefined =>
    names.has(named) ? { read: ({ input }) => input[named] } : undefined;
  const shape = compileOutputs(
    compilation,
    outputParameters,
    pointer,
    (written, at) =>
      compileData(written, at, (text, place) => {
        const input = inputOf(inputNameOf(text, roots) ?? '');
        if (input !== undefined) return input;
        return compileText(compilation, text, place, {
          before: (tag) => inputOf(tag) ?? inputOf(inputNameOf(tag, roots) ?? ''),
          unknown: 'neither an input of this operation nor a bind of this file gives it.',
        });
      }),
    { unlisted: isUnlisted(step.format) },
  );
  return {
    answer: { kind: 'project', project: (scope) => shape(scope.steps[name] ?? null, scope) },
    outputSchema: outputJsonSchema(outputParameters),
  };
}

type ProjectOf = Extract<AnswerPlan, { kind: 'project' }>['project'];

/**
 * Whether the bytes of an answer are handed on unread: nothing is asked of them, or they are bytes
 * and nothing else. A whole payload in any other format than JSON and text is made JSON.
 */
export function isHandedOn(parameters: readonly OutputParameter[], format: RawFormat): boolean {
  if (parameters.length === 0 || format === 'binary') return true;
  return isWholePayload(parameters) && (format === 'json' || format === 'text');
}

function reportBinary(
  compilation: Compilation,
  parameters: readonly OutputParameter[],
  pointer: string,
): void {
  if (isWholePayload(parameters)) return;
  compilation.report(
    'KEY_UNKNOWN',
    pointer,
    'An answer of format binary has no parts that outputs could name; its bytes are handed on as they are. Leave the outputs out, or correct outputRawFormat.',
    { at: 'key' },
  );
}
