import type { Question } from '../plan/dialogue.ts';
import type {
  Json,
  JsonSchema,
  OperationPlan,
  Scope,
  StepPlan,
  ToolPlan,
  UpstreamRequest,
  Values,
} from '../plan/plan.ts';
import type { Mask } from '../secrets.ts';
import { plain, plainLines } from './plain.ts';
import { httpText, needsSession, requestText, shownRequest } from './request-text.ts';
import {
  type DescribedStep,
  describeSteps,
  linksOf,
  runsOf,
  stepText,
  valueText,
} from './steps.ts';

/** What a call of a tool would do. */
export interface DryRun {
  readonly runs: 'mock' | 'call' | 'steps';
  readonly steps: readonly DryStep[];
  readonly mappings?: readonly { readonly targetName: string; readonly value: Json }[];
  readonly outputSchema?: JsonSchema;
  /** Of a mock, which answers without asking anybody. */
  readonly value?: Json;
}

type DryStep = DescribedStep & {
  /** As it would be sent; a part that an earlier step gives stands as its path, `{$.step.field}`. */
  readonly request?: UpstreamRequest;
  /** True when no earlier step has a part in it. */
  readonly exact?: boolean;
  /** What a script would see. */
  readonly context?: Json;
  /** What a client would be asked. */
  readonly question?: Question;
  /** Why there is no request to show. */
  readonly why?: string;
};

/**
 * Nothing is sent and no script is run.
 * @throws GatewayError INPUT_INVALID when an input cannot be placed in a request
 */
export function dryRun({ operation, definition }: ToolPlan, input: Values): DryRun {
  const { answer } = operation;
  const { outputSchema } = definition;
  const described = describeSteps(operation);
  const mappings = answer.kind === 'project' ? answer.mappings : undefined;
  return {
    runs: runsOf(operation),
    steps: linksOf(operation).map(({ step }, at) => ({
      ...(described[at] as DescribedStep),
      ...drawn(step, input),
    })),
    ...(mappings === undefined ? {} : { mappings }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...mockValue(operation, input),
  };
}

function mockValue(operation: OperationPlan, input: Values): Pick<DryRun, 'value'> {
  const { answer } = operation;
  return runsOf(operation) === 'mock' && answer.kind === 'project'
    ? { value: answer.project({ input, steps: {} }) ?? null }
    : {};
}

function drawn(
  step: StepPlan,
  input: Values,
): Pick<DryStep, 'request' | 'exact' | 'context' | 'question' | 'why'> {
  const symbols = new Set<string>();
  const scope: Scope = {
    input,
    steps: {},
    symbol(path) {
      symbols.add(`{${path}}`);
      return `{${path}}`;
    },
  };
  if (step.kind === 'lookup') return {};
  if (step.kind === 'ask') return { question: step.question(scope) };
  if (step.kind === 'script') return { context: step.context(scope) };
  try {
    const request = step.build(scope);
    const path = [...symbols].reduce(readable, request.path);
    return { request: { ...request, path }, exact: symbols.size === 0 };
  } catch (thrown) {
    if (symbols.size === 0) throw thrown;
    return { why: `What it sends depends on earlier answers: ${(thrown as Error).message}` };
  }
}

/** A path with what stands for an answer as it is written, not encoded. */
function readable(path: string, symbol: string): string {
  const strict = encodeURIComponent(symbol).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return path.replaceAll(strict, symbol).replaceAll(encodeURIComponent(symbol), symbol);
}

/** For people: requests as HTTP, those that are known already as curl as well. */
export function dryRunText({ runs, steps, mappings = [], value }: DryRun, mask: Mask): string {
  if (runs === 'mock') return plainLines(mask(JSON.stringify(value, undefined, 2)));
  const [only] = steps;
  if (runs === 'call' && only?.request !== undefined) return requestText(only.request, mask);
  const answer = mappings.map(
    ({ targetName, value: from }) => `\n${targetName}: ${valueText(from)}`,
  );
  return [
    ...steps.map((step) => dryStepText(step, mask)),
    ...(answer.length === 0 ? [] : [plainLines(mask(`# answer${answer.join('')}`))]),
  ].join('\n\n');
}

function dryStepText(step: DryStep, mask: Mask): string {
  const { stage, name, after, request, exact, context, why } = step;
  const waits = after.length === 0 ? '' : `, after ${after.join(' and ')}`;
  const heading = plain(mask(`# ${stage}  ${name}${waits}: ${stepText(step)}`));
  const below =
    request !== undefined
      ? exact === true
        ? requestText(request, mask)
        : httpText(request, mask)
      : context !== undefined
        ? plainLines(mask(JSON.stringify(context, undefined, 2)))
        : why && plainLines(mask(why));
  return below === undefined ? heading : `${heading}\n${below}`;
}

/** The same as data for programs, with requests as they go over the wire. */
export const dryRunData = ({ steps, ...rest }: DryRun): object => ({
  ...rest,
  steps: steps.map(({ request, ...step }) => ({
    ...step,
    ...(request === undefined ? {} : { request: shownRequest(request) }),
  })),
});

/** Whether any part of a request stands for what an earlier step gives. */
export const hasSymbols = ({ steps }: DryRun): boolean =>
  steps.some(({ exact, context }) => exact === false || context !== undefined);

/** Whether a request shows a session, which no dry run opens. */
export const hasSessions = ({ steps }: DryRun): boolean =>
  steps.some(({ request }) => request !== undefined && needsSession(request));
