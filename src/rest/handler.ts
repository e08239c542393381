import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Outcome, RoutePlan, UpstreamClient } from '../plan/plan.ts';
import { type ExecutionContext, execute } from '../runtime/execute.ts';
import { endToEndHeaders } from '../upstream/headers.ts';
import { compileInputReader } from './input.ts';
import { sendProblem } from './problem.ts';

export interface RestOptions {
  readonly upstream: UpstreamClient;
  /** Largest request body, in bytes. */
  readonly bodyLimit: number;
  /** Caller headers, in lower case, that go upstream as they come. */
  readonly forwardHeaders: readonly string[];
  readonly mask: (text: string) => string;
  /** Told of every failure, for the log. */
  readonly onFailure: (error: GatewayError, request: IncomingMessage) => void;
}

/** Answers a request whose route is known; never throws. */
export type HandleRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
  variables: readonly string[],
  values: readonly string[],
) => void;

export function compileHandler(route: RoutePlan, options: RestOptions): HandleRoute {
  const { operation } = route;
  const reader = compileInputReader(operation, options.bodyLimit);
  const { upstream } = options;

  const run = async (
    request: IncomingMessage,
    response: ServerResponse,
    query: string,
    variables: readonly string[],
    segments: readonly string[],
  ): Promise<void> => {
    const caller = new AbortController();
    const onClose = (): void => {
      if (!response.writableFinished) caller.abort();
    };
    response.on('close', onClose);
    try {
      const read = reader.read(request, query, variables, segments);
      const values = reader.needsBody ? await read : (read as Awaited<typeof read>);
      const context: ExecutionContext = {
        upstream,
        signal: caller.signal,
        hold: false,
        headers: callerHeaders(request, options.forwardHeaders),
      };
      const outcome = await execute(operation, values, context);
      if (outcome.kind === 'value') sendValue(response, outcome);
      else await sendAnswer(request, response, outcome);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.code === 'CANCELLED' || response.destroyed) return;
      options.onFailure(error, request);
      sendProblem(response, error, options.mask);
    }
  };
  return function handleRoute(request, response, query, variables, segments) {
    void run(request, response, query, variables, segments);
  };
}

const NO_HEADERS: readonly string[] = [];

function callerHeaders(request: IncomingMessage, names: readonly string[]): readonly string[] {
  if (names.length === 0) return NO_HEADERS;
  return names.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [name, Array.isArray(value) ? value.join(', ') : value];
  });
}

function sendValue(response: ServerResponse, outcome: Outcome & { kind: 'value' }): void {
  const body = JSON.stringify(outcome.value ?? null);
  response.writeHead(outcome.status, [
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
  ]);
  response.end(body);
}

/** Statuses whose answer has no body (RFC 9110). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { response: answer, step }: Outcome & { kind: 'answer' },
): Promise<void> {
  const headers = endToEndHeaders(answer.headers, { setCookie: step.setCookie });
  const { body, status } = answer;
  const isHead = request.method === 'HEAD';
  if (Buffer.isBuffer(body)) {
    if (!BODILESS.has(status) && !(isHead && body.length === 0)) setLength(headers, body.length);
    response.writeHead(status, headers);
    response.end(isHead || BODILESS.has(status) ? undefined : body);
    return;
  }
  response.writeHead(status, headers);
  if (isHead) {
    body.destroy();
    response.end();
    return;
  }
  response.flushHeaders();
  await new Promise<void>((resolve) => {
    // A failure half-way breaks the caller's connection off too: a cut answer must not look whole.
    pipeline(body, response, () => resolve());
  });
}

function setLength(headers: string[], length: number): void {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-length');
  if (at === -1) headers.push('content-length', String(length));
  else headers[at + 1] = String(length);
}
