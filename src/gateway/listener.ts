import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { GatewayError } from '../errors.ts';
import { createGuard } from '../guard.ts';
import type { Log } from '../log.ts';
import { createMcpHandler, type McpHandler } from '../mcp/http.ts';
import type { ToolOptions } from '../mcp/tools.ts';
import type { RoutePlan, ToolPlan, UpstreamClient } from '../plan/plan.ts';
import { compileHandler, type HandleRoute } from '../rest/handler.ts';
import { sendProblem } from '../rest/problem.ts';
import { compileRoutes } from '../rest/router.ts';
import type { Mount } from './mount.ts';
import type { GatewayOptions } from './options.ts';

export interface ListenerContext {
  readonly upstream: UpstreamClient;
  readonly tools: ToolOptions;
  readonly mask: (text: string) => string;
  readonly log: Log;
  readonly options: GatewayOptions;
  readonly version: string;
}

/** One open port with all that is served on it. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly mount: Mount;
  /** Takes no new connections, lets running requests end for `graceMs`, then ends them. */
  stop(graceMs: number): Promise<void>;
}

/** @throws the error of `listen`, EADDRINUSE for example; nothing stays open then */
export async function openListener(
  mount: Mount,
  routes: readonly RoutePlan[],
  tools: readonly ToolPlan[],
  context: ListenerContext,
): Promise<Listener> {
  const mcp = createMcpEndpoints(mount, tools, context);
  const state = { stopping: false };
  const server = createServer(createRequestHandler(mount, routes, mcp, context, state));
  server.keepAliveTimeout = 65_000;
  server.on('clientError', answerUnreadable);
  await listen(server, mount);
  const { port } = server.address() as AddressInfo;
  return {
    host: mount.host,
    port,
    mount,
    async stop(graceMs) {
      state.stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await Promise.all([...mcp.values()].map((handler) => handler.close(graceMs)));
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}

/** `/mcp` for all tools on the port, `/<namespace>/mcp` for those of one expose. */
function createMcpEndpoints(
  mount: Mount,
  tools: readonly ToolPlan[],
  { tools: toolOptions, version }: ListenerContext,
): ReadonlyMap<string, McpHandler> {
  const endpoints = new Map<string, McpHandler>();
  const [first] = mount.mcp;
  if (first === undefined) return endpoints;
  const only = mount.mcp.length === 1;
  const all = createMcpHandler(
    {
      name: only ? first.plan.namespace : 'naftiko',
      title: only ? first.capability.label : 'Naftiko gateway',
      version,
      ...(only && first.capability.description !== undefined
        ? { instructions: first.capability.description }
        : {}),
      tools,
    },
    toolOptions,
  );
  endpoints.set('/mcp', all);
  for (const { plan, capability } of mount.mcp) {
    const path = `/${plan.namespace}/mcp`;
    if (only) endpoints.set(path, all);
    else if (!endpoints.has(path)) {
      const { description } = capability;
      endpoints.set(
        path,
        createMcpHandler(
          {
            name: plan.namespace,
            title: capability.label,
            version,
            ...(description === undefined ? {} : { instructions: description }),
            tools: plan.tools,
          },
          toolOptions,
        ),
      );
    }
  }
  return endpoints;
}

/**
 * Compiled routes answer first, before Express does any work on the request; MCP endpoints and
 * everything that has no route go through Express.
 */
function createRequestHandler(
  mount: Mount,
  routes: readonly RoutePlan[],
  mcp: ReadonlyMap<string, McpHandler>,
  context: ListenerContext,
  state: { readonly stopping: boolean },
): (request: IncomingMessage, response: ServerResponse) => void {
  const { options, mask, log } = context;
  const guard = createGuard({
    loopback: isLoopback(mount.host),
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
  });
  const findRoute = compileRoutes(routes);
  const handlers = new Map<RoutePlan, HandleRoute>();
  const restOptions = {
    upstream: context.upstream,
    bodyLimit: options.maxBody ?? 10 * 1024 * 1024,
    forwardHeaders: (options.forwardHeaders ?? []).map((name) => name.toLowerCase()),
    mask,
    onFailure: (error: GatewayError, request: IncomingMessage) =>
      logFailure(log, error, { method: request.method, path: pathOf(request.url ?? '') }),
  };
  for (const route of routes) handlers.set(route, compileHandler(route, restOptions));
  const app = createApp(mcp, mask);

  return function handleRequest(request, response) {
    const url = request.url as string;
    const refused = guard(request);
    if (refused !== undefined)
      return sendProblem(response, new GatewayError('FORBIDDEN_ORIGIN', refused), mask);
    if (state.stopping)
      return sendProblem(
        response,
        new GatewayError('SHUTTING_DOWN', 'The gateway is shutting down. Try again shortly.'),
        mask,
      );
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const match = findRoute(request.method as string, path);
    switch (match.kind) {
      case 'route':
        return (handlers.get(match.route) as HandleRoute)(
          request,
          response,
          mark === -1 ? '' : url.slice(mark + 1),
          match.variables,
          match.values,
        );
      case 'malformed':
        return sendProblem(
          response,
          new GatewayError(
            'REQUEST_INVALID',
            'The path holds a percent sign that begins no valid encoding. Write a percent sign as %25.',
          ),
          mask,
        );
      case 'method':
        // POST / may still be MCP; a path that only REST knows is answered here.
        if (!mcp.has(path)) return refuseMethod(request, response, match.allow, mask);
        break;
    }
    app(request, response);
  };
}

function refuseMethod(
  request: IncomingMessage,
  response: ServerResponse,
  allow: readonly string[],
  mask: (text: string) => string,
): void {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, ['allow', allow.join(', ')]);
    response.end();
    return;
  }
  sendProblem(
    response,
    new GatewayError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not served on this path; ${allow.join(', ')} are.`,
      { allow },
    ),
    mask,
  );
}

function createApp(
  mcp: ReadonlyMap<string, McpHandler>,
  mask: (text: string) => string,
): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  for (const [path, handler] of mcp)
    app.all(literalPath(path), (request, response) => handler.handle(request, response));
  const all = mcp.get('/mcp');
  if (all !== undefined) app.post('/', (request, response) => all.handle(request, response));
  app.use((request, response) => {
    const path = pathOf(request.url);
    sendProblem(
      response,
      new GatewayError('ROUTE_UNKNOWN', `Nothing is served at ${path.slice(0, 200)}.`),
      mask,
    );
  });
  return app;
}

/** A namespace may hold characters that mean something in an Express path. */
const literalPath = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}/?$`);

const pathOf = (url: string): string => url.split('?', 1)[0] as string;

export function logFailure(log: Log, error: GatewayError, where: object): void {
  const fields = {
    ...where,
    code: error.code,
    status: error.status,
    ...(error.cause === undefined ? {} : { cause: causeOf(error.cause) }),
  };
  if (error.status >= 500) log.warn(fields, error.message);
  else log.debug(fields, error.message);
}

function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return `${cause.name}: ${cause.message}${code === undefined ? '' : ` (${code})`}`;
}

function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: import('node:stream').Duplex,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\./.test(host);

function listen(server: Server, { host, port }: Mount): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
