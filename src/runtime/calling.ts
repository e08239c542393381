import { type ErrorDetails, GatewayError } from '../errors.ts';
import { headerOf } from '../flat-headers.ts';
import type {
  AnswerReaders,
  CallStep,
  Cancellation,
  Json,
  Scope,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from '../plan/plan.ts';
import { abortSignalOf } from './cancellation.ts';
import { collect } from './collect.ts';

/** What a call of a consumed operation takes along. */
export interface CallContext {
  readonly upstream: UpstreamClient;
  readonly signal?: Cancellation;
  /** Caller headers that go upstream, names and values alternating, names in lower case. */
  readonly headers?: readonly string[];
  /** Told how many values of an answer that need not end have been collected. */
  readonly onItems?: ((count: number) => void) | undefined;
  /** Reads large answers beside what runs here; without it they are read in place. */
  readonly readers?: AnswerReaders | undefined;
}

export function send(
  step: CallStep,
  scope: Scope,
  context: CallContext,
  hold: boolean,
): Promise<UpstreamResponse> {
  const request = withCallerHeaders(step.build(scope), context.headers);
  const { upstream, signal } = context;
  const { redirects, stream } = step;
  if (stream === undefined) {
    const options = signal === undefined ? { hold, redirects } : { hold, redirects, signal };
    return upstream.send(request, options);
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

export function stepRejected(step: CallStep, status: number): GatewayError {
  return new GatewayError(
    'UPSTREAM_REJECTED',
    `The step "${step.name}" was answered with status ${status} by ${step.target}.`,
    { step: step.name, upstreamStatus: status, status: ACTIONABLE.has(status) ? status : 502 },
  );
}

export function readBody(
  step: CallStep,
  response: UpstreamResponse,
  { readers, signal }: CallContext,
): Json | Promise<Json> {
  const { headers, status } = response;
  const body = response.body as Buffer;
  const contentType = headerOf(headers, 'content-type');
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

/** Reading and shaping an answer that is not what the file says fails with a plain error. */
export function ofAnswer(
  thrown: unknown,
  about = '',
  details: ErrorDetails = {},
): GatewayError | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'Error') return undefined;
  return new GatewayError('UPSTREAM_UNUSABLE', about + thrown.message, details);
}

export function discard({ body }: UpstreamResponse): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;
export const isEmpty = ({ body }: UpstreamResponse): boolean =>
  Buffer.isBuffer(body) && body.length === 0;
