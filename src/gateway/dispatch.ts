import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { GatewayError } from '../errors.ts';
import { createGuard } from '../guard.ts';
import type { Log } from '../log.ts';
import type { McpHandler } from '../mcp/http.ts';
import type { RoutePlan } from '../plan/plan.ts';
import { compileHandler, type RestOptions } from '../rest/handler.ts';
import { sendProblem } from '../rest/problem.ts';
import { compileRoutes } from '../rest/router.ts';
import { answerOtherMethod, refuseMalformedPath, refuseUnknownPath } from '../rest/unrouted.ts';
import { createCors } from './cors.ts';
import { logRequest } from './failure-log.ts';

export interface DispatchOptions extends RestOptions {
  /** True when the listener is bound to a loopback address. */
  readonly loopback: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
  /** While true, requests are refused with 503. */
  readonly isStopping: () => boolean;
}

export type Dispatch = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Leads each request of one port to its route or endpoint. Compiled routes answer first, before
 * Express does any work on the request; MCP and what has no route go through Express.
 */
export function createDispatch(
  routes: readonly RoutePlan[],
  mcp: ReadonlyMap<string, McpHandler>,
  options: DispatchOptions,
): Dispatch {
  const { mask, log, isStopping } = options;
  const guard = createGuard(options);
  const cors = createCors(options.allowedOrigins);
  const findRoute = compileRoutes(
    routes.map((route) => {
      const { method, path } = route;
      return { method, path, target: compileHandler(route, options) };
    }),
  );
  const endpoints = new Set([...mcp.keys()].flatMap((path) => [path, `${path}/`]));
  const app = createApp(mcp, mask);

  function dispatch(request: IncomingMessage, response: ServerResponse): void {
    const refusal = guard(request);
    if (refusal !== undefined) {
      sendProblem(response, new GatewayError('FORBIDDEN_ORIGIN', refusal), mask);
      return;
    }
    if (isStopping()) {
      refuseLate(response, mask);
      return;
    }
    if (cors?.(request, response)) return;
    route(request, response);
  }

  function route(request: IncomingMessage, response: ServerResponse): void {
    const url = targetOf(request);
    if (url === '*') {
      answerOtherMethod(response, METHODS, mask);
      return;
    }
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const match = endpoints.has(path) ? NOT_OF_REST : findRoute(request.method as string, path);
    if (match.kind === 'route') {
      match.target(request, response, mark === -1 ? '' : url.slice(mark + 1), match.values);
    } else if (match.kind === 'malformed') {
      refuseMalformedPath(response, mask);
    } else if (match.kind === 'method' && !(isPostToRoot(request, path) && mcp.size > 0)) {
      answerOtherMethod(response, match.allow, mask);
    } else app(request, response);
  }

  if (!log.isLevelEnabled('debug')) return dispatch;
  return function dispatchAndLog(request, response) {
    logRequest(log, request, response);
    dispatch(request, response);
  };
}

/** For `OPTIONS *`, which asks what the server can do at all. */
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

const NOT_OF_REST = { kind: 'none' } as const;

/** MCP may be posted to the root, also beside routes that have it. */
const isPostToRoot = ({ method }: IncomingMessage, path: string): boolean =>
  path === '/' && method === 'POST';

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

function createApp(
  mcp: ReadonlyMap<string, McpHandler>,
  mask: (text: string) => string,
): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  for (const [path, handler] of mcp) {
    app.all(literalPath(path), (request, response) => handler.handle(request, response));
  }
  const all = mcp.get('/mcp');
  if (all !== undefined) app.post('/', (request, response) => all.handle(request, response));
  app.use((request, response) => refuseUnknownPath(response, request.path, mask));
  return app;
}

/** A namespace may hold characters that mean something in an Express path. */
const literalPath = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}/?$`);
