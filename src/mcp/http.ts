import type { IncomingMessage, ServerResponse } from 'node:http';
import { toGatewayError } from '../errors.ts';
import { isSmallJson, readJsonBody, takeSmallJson } from './body.ts';
import { createBodyRoom } from './body-room.ts';
import type { Caching } from './caching.ts';
import { type Channel, openChannel } from './channel.ts';
import type { Caller } from './conversation.ts';
import { createCount } from './count.ts';
import { createElsewhere, type Peers } from './elsewhere.ts';
import { claimsStateless, namesStateless } from './eras.ts';
import { answerDelete, answerGet, answerPost, type ExchangeHeaders } from './exchange.ts';
import { createHotPath } from './hot.ts';
import { createModernAdapter, cutOff } from './modern-http.ts';
import { methodNotAllowed, refuse, sessionNotFound, shuttingDown } from './refusals.ts';
import { RpcError, SERVER_ERROR } from './rpc-error.ts';
import { requireScopes } from './scopes.ts';
import { createSessionIds } from './session-ids.ts';
import { createSessions, type Session } from './sessions.ts';
import { createToolCore, type McpToolset, type ToolOptions } from './tools.ts';
import { accepts, wanted } from './wanted.ts';
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
  /** A secret that several gateways share, so that each can go on with sessions of the others. */
  readonly sessionKey?: string;
  /** Gateways on other machines that hold sessions, where they can be reached. */
  readonly peers?: Peers;
  /** Milliseconds after which an unused session ends. 30 minutes when absent. */
  readonly sessionIdleMs?: number;
  /** The clock sessions age by, in milliseconds. */
  readonly now?: () => number;
  /** False leaves every request to the SDKs: for tests that compare. */
  readonly hot?: boolean;
}

export interface McpHandler {
  /** Answers one request of a caller, whatever its path. Its body must be unread. */
  handle(req: IncomingMessage, res: ServerResponse, caller?: Caller): void;
  /** Refuses new requests with 503, lets running ones end for `graceMs` (0 when absent), then ends all. */
  close(graceMs?: number): Promise<void>;
  /** Open sessions. */
  sessions(): number;
  /** Requests being answered. */
  running(): number;
  /** Requests so far that were answered without the SDKs. */
  hot(): number;
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
  const now = options.now ?? Date.now;
  const { peers } = options;
  const ids = createSessionIds({
    prefix: options.sessionPrefix ?? '',
    server: toolset.name,
    key: options.sessionKey,
    here: peers?.here,
    now,
  });
  const sessions = createSessions(core, {
    ids,
    maxSessions: options.maxSessions ?? 1_000,
    idleMs: options.sessionIdleMs ?? 30 * 60_000,
    now,
  });
  const modern = createModernAdapter(core, options);
  const shareOf = createBodyRoom(Math.max(LEAST_ROOM, 4 * maxBodyBytes));
  const singles = new Set<Channel>();
  const running = createCount();
  const hot = createHotPath(core, {
    ...options,
    sessions,
    ended: running.less,
    fault,
    cutOff: (res, id) => refuse(res, cutOff(id)),
  });
  const takes = options.hot !== false;
  const elsewhere = peers && createElsewhere(peers, sessions, ids, running);
  let closing = false;

  function handle(req: IncomingMessage, res: ServerResponse, caller: Caller = NOBODY): void {
    const isElsewhere =
      elsewhere !== undefined &&
      !closing &&
      elsewhere.take(req, res, caller, () => answerHere(req, res, caller));
    if (!isElsewhere) answerHere(req, res, caller);
  }

  function answerHere(req: IncomingMessage, res: ServerResponse, caller: Caller): void {
    running.more();
    if (takes && !closing && req.method === 'POST' && isSmallJson(req, maxBodyBytes)) {
      const fail = (thrown: unknown): void => end(res, thrown);
      takeSmallJson(req, (message) => takeMessage(message, req, res, caller), fail);
    } else settle(answer(req, res, caller), res);
  }

  function takeMessage(
    message: unknown,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): void {
    try {
      if (!closing) {
        if (!Array.isArray(message)) requireScopes(core, message, caller);
        if (hot.take(message, req, res, caller)) return;
      }
    } catch (thrown) {
      end(res, thrown);
      return;
    }
    settle(answerBody(message, req, res, caller), res);
  }

  function settle(work: Promise<void>, res: ServerResponse): void {
    work.then(running.less, (thrown: unknown) => end(res, thrown));
  }

  function end(res: ServerResponse, thrown: unknown): void {
    fault(res, thrown);
    running.less();
  }

  function fault(res: ServerResponse, thrown: unknown): void {
    if (!(thrown instanceof RpcError)) options.onFailure?.(toGatewayError(thrown));
    refuse(res, thrown);
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
        return endSession(req, res, caller);
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
    const { handshakeOf, readEnvelope } = await import('./envelope.ts');
    const envelope = readEnvelope(body);
    const handshake = handshakeOf(envelope);
    const wants = wanted(req);
    const headers = headersOf(req);
    const inSession = ({ channel, use }: Session, sent: ExchangeHeaders): Promise<void> =>
      use(() => answerPost(channel, envelope, sent, { wants: wants.session, caller }, res));
    if (handshake !== undefined) {
      const session = await sessions.open(handshake, caller);
      if (!closing) return inSession(session, {});
      await sessions.end(session);
      throw shuttingDown();
    }
    if (headers.sessionId !== undefined) {
      return inSession(await found(headers.sessionId, caller), headers);
    }
    const single = await openChannel(core);
    singles.add(single);
    try {
      if (closing) throw shuttingDown();
      await answerPost(single, envelope, headers, { wants: wants.single, caller }, res);
    } finally {
      singles.delete(single);
      await single.server.close();
    }
  }

  async function get(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    const headers = headersOf(req);
    if (headers.sessionId === undefined) throw methodNotAllowed('POST');
    const session = await found(headers.sessionId, caller);
    if (!accepts(req, 'text/event-stream')) {
      const why = 'Not Acceptable: GET opens an event stream; accept text/event-stream.';
      throw new RpcError(SERVER_ERROR, why, { status: 406 });
    }
    await session.use(() => answerGet(session.channel, headers, res));
  }

  async function endSession(
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    const headers = headersOf(req);
    if (headers.sessionId === undefined) {
      throw new RpcError(SERVER_ERROR, 'DELETE needs the session to end in Mcp-Session-Id.');
    }
    const session = await found(headers.sessionId, caller);
    await answerDelete(session.channel, headers, res);
    if (res.statusCode < 300) await sessions.end(session);
  }

  async function found(id: string, caller: Caller): Promise<Session> {
    const session = sessions.find(id, caller) ?? (await sessions.adopt(id, caller));
    if (session === undefined) throw sessionNotFound();
    if (closing) throw shuttingDown();
    return session;
  }

  return {
    handle,
    async close(graceMs = 0) {
      closing = true;
      sessions.endListening();
      modern.endListening();
      elsewhere?.endListening();
      watch.close();
      await running.none(graceMs);
      await sessions.endAll();
      hot.close();
      await Promise.all([modern.close(), ...Array.from(singles, ({ server }) => server.close())]);
    },
    sessions: sessions.count,
    running: running.count,
    hot: hot.taken,
  };
}

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

const NOBODY: Caller = {};
