import type { ExposedTool } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ContentPlan } from '../plan/content.ts';
import type { AnswerPlan } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import { compilePart, keptBy, type WrittenPart } from './content.ts';
import type { TargetIndex } from './link.ts';
import type { CompiledOperation } from './operation.ts';
import { giveNothing, projected } from './output-values.ts';
import { type AnswerOf, compileAnswer } from './step-answer.ts';
import { compileSteps, type WrittenStep } from './steps.ts';

/** The parts that a tool is to give, where they stand, and whether a structured answer goes with them. */
export interface WrittenContent {
  readonly parts: readonly WrittenPart[];
  readonly pointer: string;
  readonly structured: boolean;
}

export function contentOf(
  { content, outputSchema }: Pick<ExposedTool, 'content' | 'outputSchema'>,
  pointer: string,
): WrittenContent | undefined {
  if (content === undefined) return undefined;
  return {
    parts: content as readonly WrittenPart[],
    pointer: pointerOf(pointer, 'content'),
    structured: outputSchema !== undefined,
  };
}

/** An operation whose answer is made of parts; a single call is its only step, by the call's name. */
export function compileContent(
  compilation: Compilation,
  targets: TargetIndex,
  ran: Ran,
  { parts, pointer, structured }: WrittenContent,
): CompiledOperation | undefined {
  const { exposed } = ran.side;
  const isSingle = exposed.steps === undefined;
  const stepped = isSingle ? withSteps(ran) : ran;
  const { outputParameters = [] } = ran.outputs;
  const hasValue = structured || outputParameters.length > 0 || exposed.mappings !== undefined;
  let content: readonly (ContentPlan | undefined)[] = [];
  const answerOf: AnswerOf = (names, steps, references, mappings) => {
    const known = {
      tag: references.tag,
      step: (name: string) => references.step(name, pointer) ?? giveNothing,
      steps,
      inputs: ran.side.declared.map(({ parameter }) => parameter.name),
    };
    content = parts.map((part, at) =>
      compilePart(compilation, part, pointerOf(pointer, at), known),
    );
    if (!hasValue) return NO_VALUE;
    const answer = compileAnswer(compilation, stepped, names, steps, references, mappings);
    if (answer.kind === 'project') return answer;
    return projected(references.step(names.at(-1) as string, pointer) ?? giveNothing);
  };
  const compiled = compileSteps(compilation, targets, stepped, answerOf);
  const whole = content.filter((part) => part !== undefined);
  if (compiled === undefined || whole.length < content.length) return undefined;
  const { chain, ...plan } = compiled.plan;
  return {
    ...compiled,
    plan: {
      ...plan,
      keeps: keptBy(whole),
      // As with any other single call, what an upstream says of its refusal is told.
      ...(chain === undefined || (isSingle && chain.length === 1) ? {} : { chain }),
    },
    outputSchema: outputParameters.length > 0 ? compiled.outputSchema : undefined,
    content: whole,
  };
}

const NO_VALUE: AnswerPlan = { kind: 'project', project: () => undefined };

function withSteps(ran: Ran): Ran {
  const { mappings: _, call, with: given, ...exposed } = ran.side.exposed;
  const steps: readonly WrittenStep[] =
    call === undefined
      ? []
      : [
          {
            type: 'call',
            name: call.slice(call.lastIndexOf('.') + 1),
            call,
            ...(given === undefined ? {} : { with: given }),
          },
        ];
  return { ...ran, side: { ...ran.side, exposed: { ...exposed, steps } } };
}
