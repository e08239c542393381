import { GatewayError } from '../errors.ts';
import type { Asking, AskStep, Dialogue, ProgressPoint, Question } from '../plan/dialogue.ts';
import type {
  CallStep,
  ChainLink,
  Json,
  OperationPlan,
  Outcome,
  Scope,
  ScriptStep,
  StepPlan,
  UpstreamResponse,
  Values,
} from '../plan/plan.ts';
import { ask, checkAskable } from './asking.ts';
import {
  type CallContext,
  discard,
  isEmpty,
  isSuccess,
  ofAnswer,
  readBody,
  send,
  stepRejected,
} from './calling.ts';
import { abortSignalOf } from './cancellation.ts';
import { keeping } from './keeping.ts';
import {
  beginCall,
  type OpenScope,
  outcomeOfCall,
  project,
  scopeOf,
  singleCall,
} from './single.ts';

export interface ExecutionContext extends CallContext {
  /** True when the whole answer is wanted in memory (MCP); false when it may stream (REST). */
  readonly hold: boolean;
  /** Runs steps of type script. */
  readonly scripts?: ScriptRunner | undefined;
  /** Told when the run starts, when each step is done, and when all is. */
  readonly progress?: (point: ProgressPoint) => void;
  /** Nobody can be asked without it. */
  readonly dialogue?: Dialogue;
}

export interface ScriptRunner {
  run(script: ScriptStep['script'], context: Json, signal?: AbortSignal): Promise<Json | undefined>;
}

/**
 * Runs one exposed operation for one caller; `values` have passed `acceptInputs`.
 * An upstream 4xx or 5xx of a simple call is an answer, not a failure: mappings apply to 2xx only.
 * @throws GatewayError
 */
export function execute(
  operation: OperationPlan,
  values: Values,
  context: Omit<ExecutionContext, 'dialogue'>,
): Promise<Outcome> {
  const single = context.progress === undefined ? singleCall(operation) : undefined;
  if (single === undefined) return executeSteps(operation, values, context);
  const scope = scopeOf(operation, values);
  try {
    return beginCall(operation, single, scope, context).then((response) =>
      outcomeOfCall(operation, single, scope, context, response),
    );
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

async function executeSteps(
  operation: OperationPlan,
  values: Values,
  context: Omit<ExecutionContext, 'dialogue'>,
): Promise<Outcome> {
  const outcome = await converse(operation, values, context);
  if (outcome.kind === 'ask') throw new TypeError('A run asked without a dialogue.');
  return outcome;
}

/**
 * The same where the caller's client may be asked: it stops with all questions that can be put by
 * then, when nothing runs any more, and goes on when it is run again with the answers.
 * @throws GatewayError
 */
export async function converse(
  operation: OperationPlan,
  values: Values,
  context: ExecutionContext,
): Promise<Outcome | Asking> {
  const { steps, chain } = operation;
  const scope: OpenScope = { input: values, steps: Object.create(null) };
  const links = chain ?? (steps.length > 1 ? inFileOrder(steps) : undefined);
  if (chain !== undefined) checkAskable(chain, context.dialogue);
  const advance = advancing(context, links?.length ?? steps.length);
  const outcome =
    links === undefined
      ? await runSingle(operation, scope, context, advance)
      : await runChain(operation, links, scope, context, advance);
  if (outcome.kind !== 'ask') advance('completed');
  return outcome;
}

/** Tells how far a run is, where somebody wants to hear it. Steps of earlier rounds are behind it. */
function advancing(
  { progress, dialogue }: ExecutionContext,
  steps: number,
): (message: string) => void {
  if (progress === undefined) return () => {};
  const total = steps + 1;
  let done = Object.keys(dialogue?.earlier ?? {}).length;
  if (done === 0) progress({ done, total, message: 'started' });
  return function advance(message) {
    done += 1;
    progress({ done, total, message });
  };
}

async function runSingle(
  operation: OperationPlan,
  scope: OpenScope,
  context: ExecutionContext,
  advance: (message: string) => void,
): Promise<Outcome> {
  const [only] = operation.steps;
  if (only === undefined) {
    const value = project(operation, scope);
    return { kind: 'value', value, status: 200, ...keeping(operation, scope).gathered() };
  }
  const response = await beginCall(operation, only, scope, context);
  const outcome = await outcomeOfCall(operation, only, scope, context, response);
  advance(only.name);
  return outcome;
}

const inFileOrder = (steps: readonly CallStep[]): readonly ChainLink[] =>
  steps.map((step, at) => ({ step, after: at === 0 ? [] : [at - 1] }));

/**
 * Each step starts when those it waits for are done; those that wait for an answer of the client
 * stay for another round. The first failure ends all others.
 */
async function runChain(
  operation: OperationPlan,
  chain: readonly ChainLink[],
  scope: OpenScope,
  context: ExecutionContext,
  advance: (message: string) => void,
): Promise<Outcome | Asking> {
  const { dialogue } = context;
  const earlier: Record<string, Json | undefined> = Object.create(null);
  const questions: Record<string, Question> = Object.create(null);
  const failing = new AbortController();
  const signal =
    context.signal === undefined
      ? failing.signal
      : AbortSignal.any([abortSignalOf(context.signal), failing.signal]);
  const inner: ExecutionContext = { ...context, signal };
  const last = chain.at(-1)?.step;
  const handsOn = operation.answer.kind === 'identity';
  const kept = keeping(operation, scope, dialogue?.held);
  const asks = chain.some(({ step }) => step.kind === 'ask');
  let answered: { readonly response: UpstreamResponse; readonly step: CallStep } | undefined;
  let failure: unknown;

  async function run(step: Exclude<StepPlan, AskStep>): Promise<void> {
    if (step.kind === 'lookup') scope.steps[step.name] = step.find(scope);
    else if (step.kind === 'script') scope.steps[step.name] = await runScript(step, scope, inner);
    else {
      const isAnswer = step === last;
      const response = await send(step, scope, inner, context.hold || !(isAnswer && handsOn));
      if (!isSuccess(response.status)) {
        discard(response);
        throw stepRejected(step, response.status);
      }
      if (isAnswer) answered = { response, step };
      if (isAnswer && handsOn) return;
      if (isEmpty(response) || kept.take(step, response)) return;
      const value = await readBody(step, response, inner);
      scope.steps[step.name] = step.augment?.(value, scope) ?? value;
    }
  }

  /** Whether the step is done; one that is not has asked, or waits for one that has. */
  async function take(step: StepPlan): Promise<boolean> {
    if (dialogue !== undefined && Object.hasOwn(dialogue.earlier, step.name)) {
      if (kept.isBytes(step)) kept.resume(step);
      else scope.steps[step.name] = dialogue.earlier[step.name];
    } else {
      if (step.kind === 'ask') {
        const asked = ask(step, scope, dialogue);
        if ('question' in asked) {
          questions[step.name] = asked.question;
          return false;
        }
        scope.steps[step.name] = asked.value;
      } else await run(step);
      advance(step.name);
    }
    if (asks) earlier[step.name] = kept.isBytes(step) ? undefined : scope.steps[step.name];
    return true;
  }

  const started: Promise<boolean>[] = [];
  for (const { step, after } of chain) {
    const before = after.map((at) => started[at] as Promise<boolean>);
    started.push(
      Promise.all(before).then((done) => {
        if (failing.signal.aborted) throw failure;
        return done.every(Boolean) && named(step, () => take(step));
      }),
    );
  }
  await Promise.all(
    started.map((each) =>
      each.catch((thrown) => {
        if (failing.signal.aborted) return;
        failure = thrown;
        failing.abort();
      }),
    ),
  );
  if (failing.signal.aborted) {
    if (answered !== undefined) discard(answered.response);
    throw failure;
  }
  if (Object.keys(questions).length > 0)
    return { kind: 'ask', questions, earlier, held: kept.held };
  if (handsOn && answered !== undefined) return { kind: 'answer', ...answered };
  const { status = statusOf(answered?.response) } =
    operation.answer.kind === 'project' ? operation.answer : {};
  return { kind: 'value', value: project(operation, scope), status, ...kept.gathered() };
}

/** A value has a body, whatever the last call had. */
const statusOf = (response: UpstreamResponse | undefined): number =>
  response === undefined || response.status === 204 || response.status === 205
    ? 200
    : response.status;

async function runScript(
  step: ScriptStep,
  scope: Scope,
  { scripts, signal }: ExecutionContext,
): Promise<Json | undefined> {
  if (scripts === undefined) {
    throw new GatewayError('INTERNAL', 'Scripts are not run here.', { step: step.name });
  }
  return scripts.run(step.script, step.context(scope), signal && abortSignalOf(signal));
}

/** Runs one of several steps; a failure of it says which it was. */
async function named<Result>(step: StepPlan, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    const failure = thrown instanceof GatewayError ? thrown : ofAnswer(thrown);
    if (failure === undefined || failure.code === 'CANCELLED') throw thrown;
    if (failure.details.step !== undefined) throw failure;
    const message = `The step "${step.name}" failed. ${failure.message}`;
    throw new GatewayError(failure.code, message, { ...failure.details, step: step.name }, thrown);
  }
}
