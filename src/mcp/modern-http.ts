import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpHttpHandler, ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';
import { isRecord } from '../json.ts';
import type { Caching } from './caching.ts';
import type { Caller } from './conversation.ts';
import { requireClaim } from './eras.ts';
import type { McpEvent, McpEvents } from './events.ts';
import { sendEndless, sendResponse } from './exchange.ts';
import type { ModernServerOptions } from './modern-server.ts';
import { createParamHeaderCheck } from './param-headers.ts';
import { RpcError, type RpcId, SERVER_ERROR } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';
import { wantAll } from './wanting.ts';

/** Answers the POSTs of one era. Another can take its place without the core noticing. */
export interface McpAdapter {
  /**
   * Answers a POST whose body has been read, and resolves when the answer has gone.
   * @throws RpcError for a request that is refused before anything ran
   */
  post(req: IncomingMessage, body: unknown, res: ServerResponse, caller: Caller): Promise<void>;
  /** Ends the streams on which clients wait to hear something, each with its result. */
  endListening(): void;
  /** Ends all that runs. */
  close(): Promise<void>;
}

export interface ModernOptions extends Caching {
  /** Clients that listen at once; 1,000 when absent. */
  readonly maxListening?: number;
}

/** The revisions without a handshake: each request stands for itself, and nothing is kept. */
export function createModernAdapter(core: ToolCore, options: ModernOptions): McpAdapter {
  const { maxListening: maxSubscriptions = 1_000 } = options;
  const told = new WeakMap<Request, ModernServerOptions>();
  const checkParams = createParamHeaderCheck((name) => core.named(name));
  let opened: Promise<Handlers> | undefined;

  /** Loads the SDK, which a gateway listens sooner without. */
  async function open(): Promise<Handlers> {
    const { createMcpHandler } = await import('@modelcontextprotocol/server');
    const { createModernServer } = await import('./modern-server.ts');
    // Two of them, since one can only end all that it has at once.
    const create = () =>
      createMcpHandler(
        ({ requestInfo }) =>
          createModernServer(core, (requestInfo && told.get(requestInfo)) ?? nobody(options)),
        { legacy: 'reject', bus: busOf(core.events), maxSubscriptions },
      );
    return { calls: create(), listening: create() };
  }

  async function post(
    req: IncomingMessage,
    body: unknown,
    res: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    requireClaim(body);
    const message = isRecord(body) ? body : {};
    const { id, method, params } = message as { id?: RpcId; method?: unknown; params?: unknown };
    const isListening = method === 'subscriptions/listen';
    if (method === 'tools/call') checkParams({ id, params }, req.headers);
    opened ??= open();
    const { calls, listening } = await opened;
    const left = new AbortController();
    const leave = (): void => left.abort();
    res.once('close', leave);
    if (res.destroyed) return;
    const request = webRequest(req, left.signal);
    told.set(request, { ...options, caller, streams: acceptsEvents(req), method });
    const drop = isListening ? wantAll(core.events, params) : nothing;
    try {
      const handler = isListening ? listening : calls;
      const response = await handler.fetch(request, { parsedBody: body });
      // The SDK's word for an answer that was cut off; where the caller is still there, it was us.
      if (response.status === 499 && !res.destroyed) throw cutOff(id);
      await (isListening ? sendEndless : sendResponse)(res, response);
    } finally {
      res.off('close', leave);
      drop();
    }
  }

  return {
    post,
    endListening: () => void opened?.then(({ listening }) => listening.close()),
    close: async () => {
      const { calls, listening } = (await opened) ?? {};
      await Promise.all([listening?.close(), calls?.close()]);
    },
  };
}

interface Handlers {
  readonly calls: McpHttpHandler;
  readonly listening: McpHttpHandler;
}

const nobody = (options: Caching): ModernServerOptions => ({
  ...options,
  caller: {},
  streams: false,
});

export const cutOff = (id: RpcId | undefined): RpcError =>
  new RpcError(SERVER_ERROR, 'The gateway is shutting down.', { id, status: 503 });

const nothing = (): void => {};

/** What the SDK looks at. The length and coding of the body are none of it: the body was read. */
function webRequest({ headers }: IncomingMessage, signal: AbortSignal): Request {
  const seen = new Headers({ 'content-type': 'application/json' });
  for (const name of SEEN) {
    const value = headers[name];
    if (typeof value === 'string') seen.set(name, value);
  }
  return new Request('http://gateway/mcp', { method: 'POST', headers: seen, signal });
}

const SEEN = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];

/** Progress and log messages are left out for a client that takes nothing but JSON. */
const acceptsEvents = ({ headers }: IncomingMessage): boolean =>
  (headers.accept ?? '').toLowerCase().includes('text/event-stream');

const busOf = (events: McpEvents): ServerEventBus => ({
  publish: nothing,
  subscribe: (listener) => events.listen((event) => listener(asServerEvent(event))),
});

function asServerEvent(event: McpEvent): ServerEvent {
  switch (event.kind) {
    case 'resourceUpdated':
      return { kind: 'resource_updated', uri: event.uri };
    case 'toolsChanged':
      return { kind: 'tools_list_changed' };
    case 'promptsChanged':
      return { kind: 'prompts_list_changed' };
    case 'resourcesChanged':
      return { kind: 'resources_list_changed' };
  }
}
