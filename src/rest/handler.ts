import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError, toGatewayError } from '../errors.ts';
import type { AnswerReaders, RoutePlan, UpstreamClient } from '../plan/plan.ts';
import { type ExecutionContext, execute, type ScriptRunner } from '../runtime/execute.ts';
import { sendOutcome } from './answer.ts';
import { watchCaller } from './caller.ts';
import { compileInputReader } from './input.ts';
import { sendProblem } from './problem.ts';

export interface RestOptions {
  readonly upstream: UpstreamClient;
  /** Runs steps of type script. */
  readonly scripts?: ScriptRunner;
  /** Reads large answers. */
  readonly readers?: AnswerReaders;
  /** Largest request body, in bytes. */
  readonly bodyLimit: number;
  /** Caller headers, in lower case, that go upstream as they come. */
  readonly forwardHeaders: readonly string[];
  readonly mask: (text: string) => string;
  /** Told of every failure, for the log; also of one that cuts off an answer under way. */
  readonly onFailure: (error: GatewayError, request: IncomingMessage) => void;
}

/**
 * Answers a request whose route is known; never throws.
 * @param query without its question mark
 * @param segments the decoded values of the route's variables, in order
 */
export type HandleRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
  segments: readonly string[],
) => void;

export function compileHandler(route: RoutePlan, options: RestOptions): HandleRoute {
  const { operation } = route;
  const { upstream, scripts, readers, forwardHeaders, mask, onFailure } = options;
  const readInputs = compileInputReader(route, options.bodyLimit);

  async function run(
    request: IncomingMessage,
    response: ServerResponse,
    query: string,
    segments: readonly string[],
  ): Promise<void> {
    const caller = watchCaller(response);
    try {
      const read = readInputs(request, query, segments);
      const values = read instanceof Promise ? await read : read;
      const context: ExecutionContext = {
        upstream,
        scripts,
        readers,
        signal: caller,
        hold: false,
        headers: callerHeaders(request, forwardHeaders),
      };
      await sendOutcome(response, await execute(operation, values, context));
    } catch (thrown) {
      const error = toGatewayError(thrown);
      // A caller who left before there was an answer is no failure, and hears of none.
      if (error.code === 'CANCELLED' || (response.destroyed && !response.headersSent)) return;
      onFailure(error, request);
      sendProblem(response, error, mask);
    }
  }
  return function handleRoute(request, response, query, segments) {
    void run(request, response, query, segments);
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
