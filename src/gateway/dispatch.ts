import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CheckAccess } from '../access/request.ts';
import { GatewayError } from '../errors.ts';
import { createGuard } from '../guard.ts';
import type { Log } from '../log.ts';
import type { ForwardPlan, RoutePlan } from '../plan/plan.ts';
import { byDepth, compileForwarder } from '../rest/forward.ts';
import { compileHandler, type HandleRoute, type RestOptions } from '../rest/handler.ts';
import { sendProblem } from '../rest/problem.ts';
import { compileRoutes } from '../rest/router.ts';
import { answerOtherMethod, refuseMalformedPath } from '../rest/unrouted.ts';
import { type AccessOptions, refuseAsProblem, refuseAsRpc, whenAllowed } from './access.ts';
import { type Answer, createApp } from './app.ts';
import { createCors } from './cors.ts';
import type { McpEndpoint } from './endpoints.ts';
import { logRequest } from './failure-log.ts';

export interface DispatchOptions extends RestOptions {
  /** True when the listener is bound to a loopback address. */
  readonly loopback: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
  /** While true, requests are refused with 503. */
  readonly isStopping: () => boolean;
  readonly around?: Around | undefined;
}

/** Answers what has been led to a route or a forward; `matched` is what of the path was its own to say. */
export type Handle<Matched> = (
  request: IncomingMessage,
  response: ServerResponse,
  query: string,
  matched: Matched,
) => void;

/**
 * The place for what watches, bounds or delays requests of routes and forwards. Asked once for each of
 * them, at load: it hands back the function itself where it has nothing to do there, so that nothing
 * is paid for what is not used. What it is given checks the caller, runs the operation and answers,
 * failures too; the response's `close` tells when that is over. Two more places are decided at load:
 * a `check` of `guarded.ts` decides who comes in and knows the caller, and the `upstream` client that
 * all operations send through is where answers of consumed APIs are kept.
 */
export type Around = <Matched>(
  handle: Handle<Matched>,
  plan: RoutePlan | ForwardPlan,
) => Handle<Matched>;

/** A route or forward, and who may take it. */
export interface Guarded<Plan> {
  readonly plan: Plan;
  readonly check: CheckAccess | undefined;
  /** A query parameter that holds the credential. */
  readonly ownKey?: string;
  /** A header that never goes upstream, in lower case, whatever headers are handed on. */
  readonly ownHeader?: string;
}

/** Answers what it knows and says true; false leaves a request to others. */
export interface Declining {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether it knows the path. */
  readonly knows: (path: string) => boolean;
  readonly check: CheckAccess | undefined;
}

/** All that one port serves. */
export interface Served {
  readonly routes: readonly Guarded<RoutePlan>[];
  readonly forwards: readonly Guarded<ForwardPlan>[];
  readonly mcp: ReadonlyMap<string, McpEndpoint>;
  /** JSON texts that anybody may read, by path. */
  readonly documents: ReadonlyMap<string, string>;
  readonly skills?: Declining;
  readonly control?: Declining;
}

export interface Dispatch {
  (request: IncomingMessage, response: ServerResponse): void;
  /** Whether the body of a request is handed on as it comes, whatever its size. */
  readonly isForwarded: (request: IncomingMessage) => boolean;
}

/**
 * Leads each request of one port to its route or endpoint. Compiled routes answer first, before
 * Express does any work on the request, and so do endpoints of MCP; all else goes through Express.
 */
export function createDispatch(served: Served, options: DispatchOptions): Dispatch {
  const { mcp, documents, skills, control } = served;
  const { mask, log, isStopping, onFailure, around = alone } = options;
  const guard = createGuard(options);
  const cors = createCors(options.allowedOrigins);
  const asProblem = { refuse: refuseAsProblem(mask), onFailure };
  const asRpc = { refuse: refuseAsRpc(mask), onFailure };
  const findRoute = compileRoutes(
    served.routes.map(({ plan, check, ownHeader }) => {
      const { method, path } = plan;
      const forwardHeaders = options.forwardHeaders.filter((name) => name !== ownHeader);
      const handle = compileHandler(plan, { ...options, forwardHeaders });
      return { method, path, target: { handle: around(admitting(check, handle), plan), check } };
    }),
  );
  const forwarders = [...served.forwards]
    .sort((one, other) => byDepth(one.plan, other.plan))
    .map(({ plan, check, ownKey }) => {
      const own = ownKey === undefined ? options : { ...options, ownKey };
      const { rest, handle } = compileForwarder(plan, own);
      return { rest, handle: around(admitting(check, handle), plan) };
    });
  const answers = new Map(
    Array.from(mcp, ([path, endpoint]) => [path, answering(endpoint, asRpc)] as const),
  );
  const endpoints = new Map(
    [...answers].flatMap(([path, answer]) =>
      [path, `${path}/`].map((each) => [each, answer] as const),
    ),
  );
  const atRoot = answers.get('/mcp');
  const app = createApp(answers, mask);

  function admitting<Matched>(
    check: CheckAccess | undefined,
    handle: Handle<Matched>,
  ): Handle<Matched> {
    if (check === undefined) return handle;
    return (request, response, query, matched) =>
      whenAllowed(check, request, response, asProblem, () =>
        handle(request, response, query, matched),
      );
  }

  function dispatch(request: IncomingMessage, response: ServerResponse): void {
    const refusal = guard(request);
    if (refusal !== undefined) {
      sendProblem(response, new GatewayError('FORBIDDEN_ORIGIN', refusal), mask);
      return;
    }
    const stopping = isStopping();
    if (stopping && control?.knows(pathOf(request)) !== true) {
      refuseLate(response, mask);
      return;
    }
    if (cors?.(request, response)) return;
    if (stopping) decline(control as Declining, request, response);
    else route(request, response);
  }

  function route(request: IncomingMessage, response: ServerResponse): void {
    const url = targetOf(request);
    if (url === '*') {
      answerOtherMethod(response, METHODS, mask);
      return;
    }
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = mark === -1 ? '' : url.slice(mark + 1);
    const endpoint = endpoints.get(path);
    if (endpoint !== undefined) {
      endpoint(request, response);
      return;
    }
    const match = findRoute(request.method as string, path);
    if (match.kind === 'route') {
      match.target.handle(request, response, query, match.values);
    } else if (match.kind === 'malformed') {
      refuseMalformedPath(response, mask);
    } else if (atRoot !== undefined && isPostToRoot(request, path)) {
      atRoot(request, response);
    } else unrouted(request, response, path, query, match.kind === 'method' ? match.allow : []);
  }

  function unrouted(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
    allow: readonly string[],
  ): void {
    const document = documents.get(path);
    const below = forwarders.flatMap((forwarder) => {
      const rest = forwarder.rest(path);
      return rest === undefined ? [] : [{ ...forwarder, rest }];
    })[0];
    if (document !== undefined && isRead(request)) sendDocument(response, document);
    else if (skills?.knows(path)) decline(skills, request, response);
    else if (control?.knows(path)) decline(control, request, response);
    else if (below !== undefined) below.handle(request, response, query, below.rest);
    else if (allow.length > 0) {
      whenAllowed(checkOf(path, allow), request, response, asProblem, () =>
        answerOtherMethod(response, allow, mask),
      );
    } else app(request, response);
  }

  /** Which methods a path has is told to those only who may call one of them. */
  function checkOf(path: string, allow: readonly string[]): CheckAccess | undefined {
    const targets = allow.flatMap(
      (method): { handle: HandleRoute; check: CheckAccess | undefined }[] => {
        const match = findRoute(method, path);
        return match.kind === 'route' ? [match.target] : [];
      },
    );
    return targets.some(({ check }) => check === undefined) ? undefined : targets[0]?.check;
  }

  function decline(to: Declining, request: IncomingMessage, response: ServerResponse): void {
    whenAllowed(to.check, request, response, asProblem, () => {
      if (!to.handle(request, response)) app(request, response);
    });
  }

  function dispatchAndLog(request: IncomingMessage, response: ServerResponse): void {
    logRequest(log, request, response);
    dispatch(request, response);
  }

  return Object.assign(log.isLevelEnabled('debug') ? dispatchAndLog : dispatch, {
    isForwarded(request: IncomingMessage): boolean {
      if (forwarders.length === 0) return false;
      const path = pathOf(request);
      return (
        !endpoints.has(path) &&
        findRoute(request.method as string, path).kind !== 'route' &&
        forwarders.some((forwarder) => forwarder.rest(path) !== undefined)
      );
    },
  });
}

/** For `OPTIONS *`, which asks what the server can do at all. */
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

const alone: Around = (handle) => handle;

/** MCP may be posted to the root, also beside routes that have it. */
const isPostToRoot = ({ method }: IncomingMessage, path: string): boolean =>
  path === '/' && method === 'POST';

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const pathOf = (request: IncomingMessage): string => targetOf(request).split('?', 1)[0] as string;

/** Path and query. A client may name a whole URL (RFC 9112 section 3.2.2): the path of it counts. */
function targetOf(request: IncomingMessage): string {
  const url = request.url as string;
  if (url.startsWith('/') || url === '*') return url;
  const path = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
  request.url = path.startsWith('/') ? path : `/${path}`;
  return request.url;
}

function refuseLate(response: ServerResponse, mask: (text: string) => string): void {
  const message = 'The gateway is shutting down. Try again shortly.';
  sendProblem(response, new GatewayError('SHUTTING_DOWN', message), mask);
}

function sendDocument(response: ServerResponse, text: string): void {
  response.writeHead(200, [
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(text)),
  ]);
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

const answering =
  ({ handler, check }: McpEndpoint, access: AccessOptions): Answer =>
  (request, response) =>
    whenAllowed(
      check,
      request,
      response,
      access,
      (caller) => void handler.handle(request, response, caller),
    );
