import { type ErrorDetails, GatewayError } from '../errors.ts';
import type {
  CallStep,
  Cancellation,
  ChainLink,
  Json,
  OperationPlan,
  Outcome,
  ReadingPlan,
  Scope,
  ScriptStep,
  StepPlan,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
  Values,
} from '../plan/plan.ts';

import { abortSignalOf } from './cancellation.ts';
import { collect } from './collect.ts';

export interface ExecutionContext {
  readonly upstream: UpstreamClient;
  readonly signal?: Cancellation;
  /** True when the whole answer is wanted in memory (MCP); false when it may stream (REST). */
  readonly hold: boolean;
  /** Told how many values of an answer that need not end have been collected. */
  readonly onItems?: ((count: number) => void) | undefined;
  /** Caller headers that go upstream, names and values alternating, names in lower case. */
  readonly headers?: readonly string[];
  /** Runs steps of type script. */
  readonly scripts?: ScriptRunner | undefined;
  /** Reads large answers beside what runs here; without it they are read in place. */
  readonly readers?: AnswerReaders | undefined;
}

export interface AnswerReaders {
  /** Answers of up to so many bytes are better read in place. */
  readonly threshold: number;
  read(
    reading: ReadingPlan,
    bytes: Buffer,
    contentType: string | undefined,
    signal?: AbortSignal,
  ): Promise<Json>;
}

export interface ScriptRunner {
  run(script: ScriptStep['script'], context: Json, signal?: AbortSignal): Promise<Json | undefined>;
}

/**
 * Runs one exposed operation for one caller; `values` have passed `acceptInputs`.
 * An upstream 4xx or 5xx of a simple call is an answer, not a failure: mappings apply to 2xx only.
 * @throws GatewayError
 */
export async function execute(
  operation: OperationPlan,
  values: Values,
  context: ExecutionContext,
): Promise<Outcome> {
  const { steps, chain } = operation;
  const scope: MutableScope = { input: values, steps: Object.create(null) };
  const [only] = steps;
  if (chain !== undefined) return runChain(operation, chain, scope, context);
  if (only === undefined) return { kind: 'value', value: project(operation, scope), status: 200 };
  if (steps.length === 1) return runLast(operation, only, scope, context);
  return runChain(operation, inFileOrder(steps), scope, context);
}

const inFileOrder = (steps: readonly CallStep[]): readonly ChainLink[] =>
  steps.map((step, at) => ({ step, after: at === 0 ? [] : [at - 1] }));

/** Each step starts when those it waits for are done. The first failure ends all others. */
async function runChain(
  operation: OperationPlan,
  chain: readonly ChainLink[],
  scope: MutableScope,
  context: ExecutionContext,
): Promise<Outcome> {
  const failing = new AbortController();
  const signal =
    context.signal === undefined
      ? failing.signal
      : AbortSignal.any([abortSignalOf(context.signal), failing.signal]);
  const inner: ExecutionContext = { ...context, signal };
  const last = chain.at(-1)?.step;
  const handsOn = operation.answer.kind === 'identity';
  let answered: { readonly response: UpstreamResponse; readonly step: CallStep } | undefined;
  let failure: unknown;

  async function run(step: StepPlan): Promise<void> {
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
      if (isEmpty(response)) return;
      const value = await readBody(step, response, inner);
      scope.steps[step.name] = step.augment?.(value, scope) ?? value;
    }
  }

  const started: Promise<void>[] = [];
  for (const { step, after } of chain) {
    const before = after.map((at) => started[at] as Promise<void>);
    started.push(
      Promise.all(before).then(() => {
        if (failing.signal.aborted) throw failure;
        return named(step, () => run(step));
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
  if (handsOn && answered !== undefined) return { kind: 'answer', ...answered };
  const { status = statusOf(answered?.response) } =
    operation.answer.kind === 'project' ? operation.answer : {};
  return { kind: 'value', value: project(operation, scope), status };
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

async function runLast(
  operation: OperationPlan,
  step: CallStep,
  scope: MutableScope,
  context: ExecutionContext,
): Promise<Outcome> {
  const mapped = operation.answer.kind === 'project';
  const response = await send(step, scope, context, context.hold || mapped);
  if (!mapped || !isSuccess(response.status) || isEmpty(response)) {
    return { kind: 'answer', response, step };
  }
  const read = readBody(step, response, context);
  const answer = read instanceof Promise ? await read : read;
  scope.steps[step.name] = answer;
  const shaped = project(operation, scope);
  const value = { kind: 'value', value: shaped, status: response.status } as const;
  const answered = { response, step };
  const meta = step.meta?.(answer);
  return meta === undefined ? { ...value, answered } : { ...value, answered, meta };
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

/** Reading and shaping an answer that is not what the file says fails with a plain error. */
function ofAnswer(
  thrown: unknown,
  about = '',
  details: ErrorDetails = {},
): GatewayError | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'Error') return undefined;
  return new GatewayError('UPSTREAM_UNUSABLE', about + thrown.message, details);
}

function discard({ body }: UpstreamResponse): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}

interface MutableScope extends Scope {
  readonly steps: Record<string, Json | undefined>;
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
const isEmpty = ({ body }: UpstreamResponse): boolean => Buffer.isBuffer(body) && body.length === 0;

function project({ answer }: OperationPlan, scope: Scope): Json | undefined {
  if (answer.kind !== 'project') return undefined;
  try {
    return answer.project(scope);
  } catch (thrown) {
    throw ofAnswer(thrown) ?? thrown;
  }
}

function send(
  step: CallStep,
  scope: Scope,
  context: ExecutionContext,
  hold: boolean,
): Promise<UpstreamResponse> {
  const request = withCallerHeaders(step.build(scope), context.headers);
  const { upstream, signal } = context;
  const { redirects, stream } = step;
  if (stream === undefined) {
    const options = { hold, redirects };
    return upstream.send(request, signal === undefined ? options : { ...options, signal });
  }
  // An API may not even begin to answer before it has something to say.
  const patient = { ...request, patience: hold ? stream.forMs + 1000 : STREAM_PATIENCE_MS };
  const options = { hold: false, stream: true, redirects };
  if (!hold) return upstream.send(patient, signal === undefined ? options : { ...options, signal });
  return collect((enough) => upstream.send(patient, { ...options, signal: enough }), {
    ...stream,
    onItems: context.onItems,
    signal: signal && abortSignalOf(signal),
  });
}

const STREAM_PATIENCE_MS = 3_600_000;

/** Statuses of an inner step that the caller can act on; any other becomes 502. */
const ACTIONABLE = new Set([400, 401, 403, 404, 409, 410, 422, 429]);

function stepRejected(step: CallStep, status: number): GatewayError {
  return new GatewayError(
    'UPSTREAM_REJECTED',
    `The step "${step.name}" was answered with status ${status} by ${step.target}.`,
    { step: step.name, upstreamStatus: status, status: ACTIONABLE.has(status) ? status : 502 },
  );
}

function readBody(
  step: CallStep,
  response: UpstreamResponse,
  { readers, signal }: ExecutionContext,
): Json | Promise<Json> {
  const { headers, status } = response;
  const body = response.body as Buffer;
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-type');
  const contentType = at === -1 ? undefined : headers[at + 1];
  const fail = (thrown: unknown): never => {
    const type = contentType?.replace(/;.*/s, '') ?? 'without a content type';
    const about = `${step.target} gave an answer (${type}) that cannot be used. `;
    throw ofAnswer(thrown, about, { upstreamStatus: status }) ?? thrown;
  };
  const { reading } = step;
  if (reading !== undefined && readers !== undefined && body.length > readers.threshold) {
    const until = signal && abortSignalOf(signal);
    return readers.read(reading, body, contentType, until).catch(fail);
  }
  try {
    return step.read(body, contentType);
  } catch (thrown) {
    return fail(thrown);
  }
}

/** What the file declares wins over what the caller forwards under the same name. */
function withCallerHeaders(
  request: UpstreamRequest,
  headers: readonly string[] | undefined,
): UpstreamRequest {
  if (headers === undefined || headers.length === 0) return request;
  const declared = new Set(request.headers.filter((_, at) => at % 2 === 0));
  const added: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (!declared.has(name)) added.push(name, headers[at + 1] as string);
  }
  return { ...request, headers: [...request.headers, ...added] };
}
