import type { McpPrompt } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import type { AnswerPlan, OperationPlan, StepPlan } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import type { TargetIndex } from './link.ts';
import type { StepReferences } from './step-references.ts';
import { compileSteps, type WrittenStep } from './steps.ts';

/** What is run for a prompt before its messages are made: its steps, or its call as the one step. */
export function compilePromptSteps(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  prompt: McpPrompt,
  pointer: string,
  useSteps: (references: StepReferences, steps: readonly StepPlan[]) => void,
): OperationPlan | undefined {
  const { name, call, steps, arguments: args = [] } = prompt;
  if (call !== undefined && steps !== undefined) {
    compilation.report(
      'PROMPT_INVALID',
      pointerOf(pointer, 'call'),
      `The prompt "${name}" has both a call and steps. Make the call one of the steps.`,
      { at: 'key' },
    );
    return undefined;
  }
  const declared = args.map(({ name, description, required = true }, index) => ({
    parameter: {
      name,
      type: 'string',
      required,
      ...(description === undefined ? {} : { description }),
    },
    pointer: pointerOf(pointer, 'arguments', index),
  }));
  const exposed = { name, steps: steps ?? [stepOf(prompt)] };
  const ran: Ran = {
    side: { face: 'mcp', namespace, routeVariables: [], exposed, pointer, declared },
    outputs: { pointer },
    description: undefined,
  };
  const compiled = compileSteps(compilation, targets, ran, (_names, planned, references) => {
    useSteps(references, planned);
    return ALL_STEPS;
  });
  if (compiled === undefined) return undefined;
  const { plan } = compiled;
  return lacksInputs(compilation, prompt, plan, pointer) ? undefined : plan;
}

const ALL_STEPS: AnswerPlan = {
  kind: 'project',
  project: ({ steps }) => ({ ...steps }) as never,
};

/** A call by itself is a step with the name of what it calls. */
function stepOf({ call, with: given }: McpPrompt): WrittenStep {
  const { operation, with: inner } =
    typeof call === 'object' ? call : { operation: call as string, with: undefined };
  const both = { ...given, ...inner };
  return {
    type: 'call',
    name: operation.slice(operation.lastIndexOf('.') + 1),
    call: operation,
    ...(Object.keys(both).length === 0 ? {} : { with: both }),
  };
}

/** Who gets a prompt gives its arguments and nothing else, so every input has to be one of them. */
function lacksInputs(
  compilation: Compilation,
  { name: prompt, arguments: args = [], steps }: McpPrompt,
  { inputs }: OperationPlan,
  pointer: string,
): boolean {
  const others = inputs.filter(({ name }) => !args.some((argument) => argument.name === name));
  const at = pointerOf(pointer, steps === undefined ? 'call' : 'steps');
  for (const { name } of others) {
    compilation.report(
      'PROMPT_INVALID',
      at,
      `The prompt "${prompt}" needs a value for "${name}", which no argument of it has. Declare it under arguments, or give it a value under with.`,
    );
  }
  return others.length > 0;
}
