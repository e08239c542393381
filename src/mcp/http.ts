import type { IncomingMessage, ServerResponse } from 'node:http';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { toGatewayError } from '../errors.ts';
import { readJsonBody } from './body.ts';
import { createBodyRoom } from './body-room.ts';
import { type Channel, openChannel } from './channel.ts';
import type { Caller } from './conversation.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { claimsStateless, namesStateless } from './eras.ts';
import { answerDelete, answerGet, answerPost, type ExchangeHeaders } from './exchange.ts';
import { createModernAdapter } from './modern-http.ts';
import type { Caching } from './modern-server.ts';
import {
  INVALID_PARAMS,
  RpcError,
  rpcErrorAnswer,
  SERVER_ERROR,
  SESSION_NOT_FOUND,
} from './rpc-error.ts';
import { requireScopes } from './scopes.ts';
import { createSessions, type Session } from './sessions.ts';
import { createToolCore, type McpToolset, type ToolOptions } from './tools.ts';
import { createWatch } from './watch.ts';

export interface McpHandlerOptions extends ToolOptions, Caching {
  /** Largest request body, in bytes. 4 MiB when absent. */
  readonly maxBodyBytes?: number;
  /** Sessions kept at once; one more ends the longest unused. 1,000 when absent. */
  readonly maxSessions?: number;
  /** Clients of the era without sessions that listen at once; one more is refused. 1,000 when absent. */
  readonly maxListening?: number;
  /** What the ids of sessions begin with, where other processes have to know whose they are. */
  readonly sessionPrefix?: string;
  /** Milliseconds after which an unused session ends. 30 minutes when absent. */
  readonly sessionIdleMs?: number;
  /** The clock sessions age by, in milliseconds. */
  readonly now?: () => number;
}

export interface McpHandler {
  /** Answers one request of a caller, whatever its path. Its body must be unread. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse, caller?: Caller): Promise<void>;
  /** Refuses new requests with 503, lets running ones end for `graceMs` (0 when absent), then ends all. */
  close(graceMs?: number): Promise<void>;
  /** Open sessions. */
  sessions(): number;
  /** Requests being answered. */
  running(): number;
}

/** Bytes that large bodies may have together, at least. */
const LEAST_ROOM = 64 * 1024 * 1024;

/**
 * Streamable HTTP for clients of every revision: sessions for those that open one, single answers
 * for those that do not.
 */
export function createMcpHandler(toolset: McpToolset, options: McpHandlerOptions): McpHandler {
  const core = createToolCore(toolset, options);
  const maxBodyBytes = options.maxBodyBytes ?? 4 * 1024 * 1024;
  const watch = createWatch(toolset.resources ?? [], core.resources, core.events);
  const sessions = createSessions(core, {
    prefix: options.sessionPrefix ?? '',
    maxSessions: options.maxSessions ?? 1_000,
    idleMs: options.sessionIdleMs ?? 30 * 60_000,
    now: options.now ?? Date.now,
  });
  const modern = createModernAdapter(core, options);
  const shareOf = createBodyRoom(Math.max(LEAST_ROOM, 4 * maxBodyBytes));
  const singles = new Set<Channel>();
  const running = new Set<Promise<void>>();
  let closing = false;

  async function handle(
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller = {},
  ): Promise<void> {
    const work = answer(req, res, caller).catch((thrown: unknown) => {
      if (!(thrown instanceof RpcError)) options.onFailure?.(toGatewayError(thrown));
      refuse(res, thrown);
    });
    running.add(work);
    await work.finally(() => running.delete(work));
  }

  function answer(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    if (closing) return Promise.reject(shuttingDown());
    if (req.method !== 'POST' && namesStateless(req.headers)) {
      return Promise.reject(methodNotAllowed('POST'));
    }
    switch (req.method) {
      case 'POST':
        return post(req, res, caller);
      case 'GET':
        return get(req, res, caller);
      case 'DELETE':
        return end(req, res, caller);
      default:
        return Promise.reject(methodNotAllowed('GET, POST, DELETE'));
    }
  }

  async function post(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    const share = shareOf();
    try {
      await answerBody(await readJsonBody(req, maxBodyBytes, share), req, res, caller);
    } finally {
      share.release();
    }
  }

  async function answerBody(
    body: unknown,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    // The body took its time to come, and the gateway may have begun to close meanwhile.
    if (closing) throw shuttingDown();
    if (!Array.isArray(body)) requireScopes(core, body, caller);
    if (claimsStateless(body, req.headers)) return modern.post(req, body, res, caller);
    const envelope = readEnvelope(body);
    const wants = wanted(req);
    const headers = headersOf(req);
    const inSession = ({ channel, use }: Session, sent: ExchangeHeaders): Promise<void> =>
      use(() => answerPost(channel, envelope, sent, { wants: wants.session, caller }, res));
    if (isInitialize(envelope)) return inSession(await sessions.open(caller), {});
    if (headers.sessionId !== undefined) {
      return inSession(found(headers.sessionId, caller), headers);
    }
    const single = await openChannel(core);
    singles.add(single);
    try {
      await answerPost(single, envelope, headers, { wants: wants.single, caller }, res);
    } finally {
      singles.delete(single);
      await single.server.close();
    }
  }

  async function get(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    const headers = headersOf(req);
    if (headers.sessionId === undefined) throw methodNotAllowed('POST');
    const session = found(headers.sessionId, caller);
    if (!accepts(req, 'text/event-stream')) {
      const why = 'Not Acceptable: GET opens an event stream; accept text/event-stream.';
      throw new RpcError(SERVER_ERROR, why, { status: 406 });
    }
    await session.use(() => answerGet(session.channel, headers, res));
  }

  async function end(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    const headers = headersOf(req);
    if (headers.sessionId === undefined) {
      throw new RpcError(SERVER_ERROR, 'DELETE needs the session to end in Mcp-Session-Id.');
    }
    const session = found(headers.sessionId, caller);
    await answerDelete(session.channel, headers, res);
    if (res.statusCode < 300) await sessions.end(session);
  }

  function found(id: string, caller: Caller): Session {
    const session = sessions.find(id, caller);
    if (session !== undefined) return session;
    throw new RpcError(
      SESSION_NOT_FOUND,
      'Session not found: it was ended, or was unused for too long. Send initialize to open another.',
      { status: 404 },
    );
  }

  return {
    handle,
    async close(graceMs = 0) {
      closing = true;
      sessions.endListening();
      modern.endListening();
      watch.close();
      await settled(running, graceMs);
      await sessions.endAll();
      await Promise.all([modern.close(), ...Array.from(singles, ({ server }) => server.close())]);
    },
    sessions: sessions.count,
    running: () => running.size,
  };
}

function isInitialize(envelope: Envelope): boolean {
  const [message] = envelope.messages;
  if (message === undefined || !('method' in message) || message.method !== 'initialize') {
    return false;
  }
  if (isInitializeRequest(message) && 'id' in message) return true;
  const why = 'initialize needs an id, and protocolVersion, capabilities and clientInfo in params.';
  throw new RpcError(INVALID_PARAMS, why, { id: envelope.ids[0] });
}

/**
 * How the answer goes: a client of sessions that names event streams gets one, as the protocol has
 * it; a single answer is JSON unless event streams are all that is accepted.
 */
function wanted(req: IncomingMessage): Record<'session' | 'single', 'json' | 'events'> {
  const events = accepts(req, 'text/event-stream');
  const json = accepts(req, 'application/json') || accepts(req, '*/*');
  return { session: events ? 'events' : 'json', single: events && !json ? 'events' : 'json' };
}

const accepts = (req: IncomingMessage, type: string): boolean =>
  (req.headers.accept ?? '').toLowerCase().includes(type);

function headersOf({ headers }: IncomingMessage): ExchangeHeaders {
  const single = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value || undefined;
  };
  return {
    sessionId: single('mcp-session-id'),
    protocolVersion: single('mcp-protocol-version'),
  };
}

const shuttingDown = (): RpcError =>
  new RpcError(SERVER_ERROR, 'The gateway is shutting down.', { status: 503 });

const methodNotAllowed = (allow: string): RpcError =>
  new RpcError(SERVER_ERROR, 'Method not allowed: send JSON-RPC messages with POST.', {
    status: 405,
    headers: { allow },
  });

function refuse(res: ServerResponse, thrown: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.end();
    return;
  }
  const { status = 400, headers = {} } =
    thrown instanceof RpcError ? thrown.details : { status: 500 };
  const text = rpcErrorAnswer(thrown);
  const length = Buffer.byteLength(text);
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': length,
  });
  res.end(text);
}

async function settled(running: Iterable<Promise<void>>, graceMs: number): Promise<void> {
  if (graceMs <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.all(running), grace]);
  clearTimeout(timer);
}
