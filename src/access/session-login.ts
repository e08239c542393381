import { GatewayError, toGatewayError } from '../errors.ts';
import { headerOf } from '../flat-headers.ts';
import type { SessionAnswer, SessionCall, SessionPlan } from '../plan/outbound.ts';
import type { Json, SendOptions, UpstreamResponse, Values } from '../plan/plan.ts';
import type { Request } from './repeat.ts';

/** A session that an API has given. */
export interface Grant {
  readonly values: Values;
  /** What requests are sent with: a header's value, or a pair. */
  readonly shown: readonly {
    readonly in: 'header' | 'query' | 'cookie';
    readonly name: string;
    readonly text: string;
  }[];
  /** Milliseconds since 1970; infinite where nothing says it. */
  readonly expires: number;
  /** From then on another one is asked for. */
  readonly renewal: number;
}

export interface Asking {
  readonly plan: SessionPlan;
  readonly call: SessionCall;
  /** Values of the session that is renewed; none for a login. */
  readonly known: Values;
  readonly send: (request: Request, how: SendOptions) => Promise<UpstreamResponse>;
  readonly now: () => number;
}

/** Callers wait for it before their own call begins, and give up after a minute. */
const PATIENCE_MS = 20_000;
const EARLY_MS = 10_000;
/** Where the file does not say it, a session is renewed when this part of its life is left. */
const EARLY_PART = 1 / 5;

/**
 * Calls what logs in, or renews, and reads the session out of its answer.
 * @throws GatewayError UPSTREAM_LOGIN_FAILED, or that of a call that had no answer
 */
export async function askForSession(asking: Asking): Promise<Grant> {
  const { plan, call, known, now } = asking;
  const asked = now();
  const response = await ask(asking);
  const answer = read(call, response);
  const missing = call.success.find(({ isMet }) => safely(() => isMet(answer)) !== true);
  if (missing !== undefined)
    throw failed(call, response, `what it says at ${missing.path} is not what success looks like`);
  const values = pickValues(call, answer, response, known);
  const shown = plan.inject.map(({ in: place, name, write }) => {
    const text = write({ input: values, steps: {} }, (why) => {
      throw failed(call, response, `what it gave cannot be sent as ${place} ${name}: it ${why}`);
    });
    return { in: place, name, text };
  });
  const said = safely(() => call.expires?.(answer, values, asked));
  // A time that is past already is none to go by.
  const life = said === undefined || said <= asked ? Number.POSITIVE_INFINITY : said - asked;
  const early = Math.min(plan.renewEarly ?? Math.min(EARLY_MS, life * EARLY_PART), life / 2);
  return { values, shown, expires: asked + life, renewal: asked + life - early };
}

async function ask({ call, known, send }: Asking): Promise<UpstreamResponse> {
  const { step } = call;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let response: UpstreamResponse;
  try {
    const request = step.build({ input: known, steps: {} });
    response = await send(request, { hold: true, redirects: step.redirects, signal });
  } catch (thrown) {
    throw unanswered(call, toGatewayError(thrown), signal.aborted);
  }
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  throw failed(call, response, HINTS[status] ?? 'it did not let the gateway in');
}

const CREDENTIALS = 'check the credentials that the file gives it';

const HINTS: Readonly<Record<number, string>> = {
  400: CREDENTIALS,
  401: CREDENTIALS,
  403: CREDENTIALS,
  422: CREDENTIALS,
  429: 'it was asked too often',
};

function unanswered(call: SessionCall, error: GatewayError, isLate: boolean): GatewayError {
  const about = `Logging in with ${call.step.target} failed`;
  if (isLate) {
    const message = `${about}: there was no answer within ${PATIENCE_MS / 1000} s.`;
    return new GatewayError('UPSTREAM_TIMEOUT', message, {}, error);
  }
  const code = error.code === 'INPUT_INVALID' ? 'UPSTREAM_LOGIN_FAILED' : error.code;
  return new GatewayError(code, `${about}. ${error.message}`, {}, error.cause ?? error);
}

function failed(call: SessionCall, { status }: UpstreamResponse, why: string): GatewayError {
  return new GatewayError(
    'UPSTREAM_LOGIN_FAILED',
    `Logging in with ${call.step.target} failed, which answered with status ${status}: ${why}.`,
    { upstreamStatus: status },
  );
}

/** What cannot be read has no values in its body, and may have them in its headers. */
function read({ step }: SessionCall, { body, headers }: UpstreamResponse): SessionAnswer {
  const tree = safely(() => step.read(body as Buffer, headerOf(headers, 'content-type')));
  return { body: (body as Buffer).length === 0 ? undefined : tree, headers };
}

function pickValues(
  call: SessionCall,
  answer: SessionAnswer,
  response: UpstreamResponse,
  known: Values,
): Values {
  const values: Record<string, unknown> = Object.assign(Object.create(null), known);
  let isNew = false;
  for (const { name, from, pick } of call.values) {
    const value = safely(() => pick(answer));
    if (value !== undefined && value !== null && value !== '') {
      values[name] = value;
      isNew = true;
    } else if (values[name] === undefined) {
      throw failed(call, response, `there is no "${name}" ${from}`);
    }
  }
  if (isNew) return values;
  throw failed(call, response, 'it gave nothing of a new session');
}

/** Reading what an API says may fail in ways that only mean that it is not there. */
function safely<Result extends Json | number | undefined>(get: () => Result): Result | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
