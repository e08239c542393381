import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { inputNameOf } from '../expression/reference.ts';
import type { Value } from '../expression/template.ts';
import { isUnlisted } from '../format/format.ts';
import { outputJsonSchema } from '../format/output-schema.ts';
import { isWholePayload } from '../format/output-shape.ts';
import type { AnswerPlan, CallStep, JsonSchema, RawFormat } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import { compileData } from './data.ts';
import { compileOutputs, givenBy, projected, shaped } from './output-values.ts';
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
  step: Pick<CallStep, 'name' | 'format'>,
  inputOf: (name: string, pointer: string) => Value | undefined,
): CompiledAnswer {
  const { outputParameters = [] } = outputs;
  const pointer = pointerOf(outputs.pointer, 'outputParameters');
  const isBinary = step.format === 'binary';
  if (isBinary || isHandedOn(outputParameters, step.format)) {
    if (isBinary) reportBinary(compilation, outputParameters, pointer);
    return { answer: { kind: 'identity' }, outputSchema: undefined };
  }
  const { name } = step;
  if (isWholePayload(outputParameters)) {
    return { answer: projected(givenBy(name)), outputSchema: undefined };
  }
  const roots = rootsOf(side);
  const shape = compileOutputs(
    compilation,
    outputParameters,
    pointer,
    (written, at) =>
      compileData(written, at, (text, place) => {
        const input = inputOf(inputNameOf(text, roots) ?? '', place);
        if (input !== undefined) return input;
        return compileText(compilation, text, place, {
          before: (tag) => inputOf(tag, place) ?? inputOf(inputNameOf(tag, roots) ?? '', place),
          unknown: 'neither an input of this operation nor a bind of this file gives it.',
        });
      }),
    { unlisted: isUnlisted(step.format) },
  );
  return {
    answer: shaped(givenBy(name), shape),
    outputSchema: outputJsonSchema(outputParameters),
  };
}

/** Formats whose whole payload is its bytes; that of any other is made JSON. */
const PASSED: ReadonlySet<RawFormat> = new Set(['json', 'text', 'binary']);

/** Whether nothing is asked of the bytes of an answer, so that they are handed on unread. */
export const isHandedOn = (parameters: readonly OutputParameter[], format: RawFormat): boolean =>
  parameters.length === 0 || (isWholePayload(parameters) && PASSED.has(format));

function reportBinary(
  compilation: Compilation,
  parameters: readonly OutputParameter[],
  pointer: string,
): void {
  if (isHandedOn(parameters, 'binary')) return;
  compilation.report(
    'KEY_UNKNOWN',
    pointer,
    'An answer of format binary has no parts that outputs could name; its bytes are handed on as they are. Leave the outputs out, or correct outputRawFormat.',
    { at: 'key' },
  );
}
