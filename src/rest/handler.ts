import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError, toGatewayError } from '../errors.ts';
import type { AnswerReaders, Outcome, RoutePlan, UpstreamClient, Values } from '../plan/plan.ts';
import { type ExecutionContext, execute, type ScriptRunner } from '../runtime/execute.ts';
import { beginCall, outcomeOfCall, scopeOf, singleCall } from '../runtime/single.ts';
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
  const single = singleCall(operation);
  const way = single === undefined ? 'steps' : 'single';

  /** Promises are what a small request costs most of, so there is one, of the exchange. */
  return function handleRoute(request, response, query, segments) {
    const caller = watchCaller(response);
    readInputs(request, query, segments, run, fail);

    function run(values: Values): void {
      try {
        call(values);
      } catch (thrown) {
        fail(thrown);
      }
    }

    function call(values: Values): void {
      const context: ExecutionContext = {
        upstream,
        scripts,
        readers,
        signal: caller,
        hold: false,
        headers: callerHeaders(request, forwardHeaders),
      };
      if (single === undefined) {
        execute(operation, values, context).then(answer).catch(fail);
        return;
      }
      const scope = scopeOf(operation, values);
      beginCall(operation, single, scope, context).then((answered) => {
        try {
          const outcome = outcomeOfCall(operation, single, scope, context, answered);
          if (outcome instanceof Promise) outcome.then(answer).catch(fail);
          else answer(outcome)?.catch(fail);
        } catch (thrown) {
          fail(thrown);
        }
      }, fail);
    }

    function answer(outcome: Outcome): Promise<void> | undefined {
      if (ANSWERS.hasSubscribers) ANSWERS.publish(answered(route, way, outcome));
      return sendOutcome(response, outcome);
    }

    function fail(thrown: unknown): void {
      const error = toGatewayError(thrown);
      // A caller who left before there was an answer is no failure, and hears of none.
      if (error.code === 'CANCELLED' || (response.destroyed && !response.headersSent)) return;
      onFailure(error, request);
      sendProblem(response, error, mask);
    }
  };
}

/** Which way an answer went through the gateway; for who wants to be sure of it. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  /** `single`: one call, without the machinery that runs several steps. */
  readonly way: 'single' | 'steps';
  /** `bytes` and `stream`: of the consumed API, unread. */
  readonly body: 'bytes' | 'stream' | 'value';
}

/** The channel of `node:diagnostics_channel` that is told `Answered` of each answer of a route. */
export const ANSWERS_CHANNEL = 'naftiko:rest:answer';
const ANSWERS = channel(ANSWERS_CHANNEL);

function answered({ method, path }: RoutePlan, way: Answered['way'], outcome: Outcome): Answered {
  if (outcome.kind === 'value') return { method, path, way, body: 'value' };
  const isWhole = Buffer.isBuffer(outcome.response.body);
  return { method, path, way, body: isWhole ? 'bytes' : 'stream' };
}

const NO_HEADERS: readonly string[] = [];

function callerHeaders(request: IncomingMessage, names: readonly string[]): readonly string[] {
  if (names.length === 0) return NO_HEADERS;
  return names.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [name, Array.isArray(value) ? value.join(', ') : value];
  });
}
