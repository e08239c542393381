import { GatewayError } from '../errors.ts';
import type {
  CallStep,
  Cancellation,
  Json,
  OperationPlan,
  Outcome,
  Scope,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
  Values,
} from '../plan/plan.ts';
import { parseJson } from './json.ts';

export interface ExecutionContext {
  readonly upstream: UpstreamClient;
  readonly signal?: Cancellation;
  /** True when the whole answer is wanted in memory (MCP); false when it may stream (REST). */
  readonly hold: boolean;
  /** Caller headers that go upstream, names and values alternating, names in lower case. */
  readonly headers?: readonly string[];
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
  const { steps } = operation;
  const scope: MutableScope = { input: values, steps: Object.create(null) };
  const [only] = steps;
  if (only === undefined) return { kind: 'value', value: project(operation, scope), status: 200 };
  if (steps.length === 1) return runLast(operation, only, scope, context);
  const last = steps.length - 1;
  for (const step of steps.slice(0, last)) {
    scope.steps[step.name] = await named(step, () => runInnerStep(step, scope, context));
  }
  const step = steps[last] as CallStep;
  const outcome = await named(step, () => runLast(operation, step, scope, context));
  if (outcome.kind === 'answer' && !isSuccess(outcome.response.status)) {
    discard(outcome.response);
    throw stepRejected(step, outcome.response.status);
  }
  return outcome;
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
  scope.steps[step.name] = readBody(step, response);
  const value = project(operation, scope);
  return { kind: 'value', value, status: response.status, answered: { response, step } };
}

/** Runs one of several steps; a failure of it says which it was. */
async function named<Result>(step: CallStep, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code === 'CANCELLED') throw thrown;
    if (thrown.details.step !== undefined) throw thrown;
    const message = `The step "${step.name}" failed. ${thrown.message}`;
    throw new GatewayError(thrown.code, message, { ...thrown.details, step: step.name }, thrown);
  }
}

function discard({ body }: UpstreamResponse): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}

interface MutableScope extends Scope {
  readonly steps: Record<string, Json | undefined>;
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
const isEmpty = ({ body }: UpstreamResponse): boolean => Buffer.isBuffer(body) && body.length === 0;

function project(operation: OperationPlan, scope: Scope): Json | undefined {
  return operation.answer.kind === 'project' ? operation.answer.project(scope) : undefined;
}

function send(
  step: CallStep,
  scope: Scope,
  context: ExecutionContext,
  hold: boolean,
): Promise<UpstreamResponse> {
  const request = withCallerHeaders(step.build(scope), context.headers);
  const { signal } = context;
  return context.upstream.send(
    request,
    signal === undefined
      ? { hold, redirects: step.redirects }
      : { hold, redirects: step.redirects, signal },
  );
}

/** A step whose answer only later steps see: anything but a 2xx with a usable body ends the chain. */
async function runInnerStep(
  step: CallStep,
  scope: Scope,
  context: ExecutionContext,
): Promise<Json | undefined> {
  const response = await send(step, scope, context, true);
  if (!isSuccess(response.status)) throw stepRejected(step, response.status);
  return isEmpty(response) ? undefined : readBody(step, response);
}

/** Statuses of an inner step that the caller can act on; any other becomes 502. */
const ACTIONABLE = new Set([400, 401, 403, 404, 409, 410, 422, 429]);

function stepRejected(step: CallStep, status: number): GatewayError {
  return new GatewayError(
    'UPSTREAM_REJECTED',
    `The step "${step.name}" was answered with status ${status} by ${step.target}.`,
    { step: step.name, upstreamStatus: status, status: ACTIONABLE.has(status) ? status : 502 },
  );
}

function readBody(step: CallStep, response: UpstreamResponse): Json {
  const text = (response.body as Buffer).toString('utf8');
  if (step.format === 'text') return text;
  const value = parseJson(text);
  if (value === undefined) {
    throw new GatewayError(
      'UPSTREAM_UNUSABLE',
      `${step.target} should answer JSON, but its answer (${mediaTypeOf(response)}) is not JSON.`,
      { upstreamStatus: response.status },
    );
  }
  return value;
}

function mediaTypeOf({ headers }: UpstreamResponse): string {
  const index = headers.findIndex((name, at) => at % 2 === 0 && name === 'content-type');
  return index === -1
    ? 'without a content type'
    : (headers[index + 1] as string).replace(/;.*/s, '');
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
