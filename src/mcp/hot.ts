import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCrowd } from '../crowd.ts';
import type { Caching } from './caching.ts';
import type { Caller } from './conversation.ts';
import { createEncodedLists } from './hot-lists.ts';
import { type HotRequest, readHotRequest } from './hot-request.ts';
import { HotRun, inBytes } from './hot-run.ts';
import { createParamHeaderCheck } from './param-headers.ts';
import type { PlainCall } from './plain-call.ts';
import type { Session, Sessions } from './sessions.ts';
import { createStatelessResults } from './stateless-result.ts';
import type { ToolCore } from './tools.ts';
import { wanted } from './wanted.ts';

/**
 * Answers what nearly all requests are, of either era, without a server or transport of the SDKs: calls
 * of tools that ask nothing, the list of tools, and pings. It answers as they do, or leaves it to them.
 */
export interface HotPath {
  /**
   * False for a message that is not taken, with nothing done. `ended` is called once an answer has
   * been handed over, or nobody waits for it.
   * @throws RpcError for a request that is refused
   */
  take(message: unknown, req: IncomingMessage, res: ServerResponse, caller: Caller): boolean;
  /** Ends all that runs. */
  close(): void;
  /** Requests taken so far. */
  taken(): number;
}

export interface HotOptions extends Caching {
  readonly sessions: Sessions;
  readonly ended: () => void;
  /** Told of what should never happen, to answer it in some way. */
  readonly fault: (res: ServerResponse, thrown: unknown) => void;
  /** Answers a request without a handshake that is cut off. */
  readonly cutOff: (res: ServerResponse, id: HotRequest['id']) => void;
}

/** How often those who wait on a stream are thought of, and how many times before they hear of it. */
const TICK_MS = 1_000;
const TICKS_BETWEEN_SIGNS = 15;

export function createHotPath(core: ToolCore, options: HotOptions): HotPath {
  const { sessions, ended, fault, cutOff } = options;
  const results = createStatelessResults(core, options);
  const tailInBytes = inBytes(results.tail);
  const listOf = createEncodedLists(core, results);
  const checkParams = createParamHeaderCheck((name) => core.named(name));
  const runs = createCrowd<HotRun>();
  let count = 0;
  let ticker: NodeJS.Timeout | undefined;

  function begin(run: HotRun): void {
    count += 1;
    runs.add(run);
    run.reply.session?.begin(run.reply.id, run);
    ticker ??= setInterval(tick, TICK_MS).unref();
  }

  function end(run: HotRun): void {
    runs.remove(run);
    run.reply.session?.finish(run.reply.id);
    ended();
  }

  function tick(): void {
    if (runs.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
    runs.visit((run) => run.tick(TICKS_BETWEEN_SIGNS));
  }

  function answerCall(
    run: HotRun,
    call: PlainCall,
    { params, stateless }: HotRequest,
    { account }: Caller,
  ): void {
    const args = (params.arguments ?? NO_ARGUMENTS) as Readonly<Record<string, unknown>>;
    call(params.name as string, args, { signal: run, account })
      .then((result) => {
        if ('members' in result) {
          const { members, isBytes } = result;
          const tail = isBytes ? tailInBytes : results.tail;
          run.answer(stateless ? `{${members}${tail}}` : `{${members}}`, isBytes);
        } else run.answer(JSON.stringify(stateless ? results.complete(result) : result));
      })
      .catch((thrown: unknown) => {
        run.give();
        fault(run.reply.res, thrown);
      });
  }

  function take(
    message: unknown,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): boolean {
    const request = readHotRequest(message, req.headers);
    if (request === undefined) return false;
    const { id, method, params, stateless } = request;
    const call = method === 'tools/call' ? core.plainCall(params.name as string) : undefined;
    if (method === 'tools/call' && call === undefined) return false;
    const list = method === 'tools/list' ? listOf(caller, params.cursor, stateless) : undefined;
    if (method === 'tools/list' && list === undefined) return false;
    const session = stateless ? undefined : sessionOf(req, caller);
    if (session === null || session?.isTaken(id)) return false;
    if (call !== undefined && stateless) checkParams({ id, params }, req.headers);
    const wish = wanted(req);
    const events = !stateless && wish[session === undefined ? 'single' : 'session'] === 'events';
    const run = new HotRun({ res, id, events, stateless, session }, end);
    begin(run);
    if (res.destroyed) run.leave();
    else if (list !== undefined) run.answerEncoded(list);
    else if (call !== undefined) answerCall(run, call, request, caller);
    else run.answer('{}');
    return true;
  }

  /** The session that a request names; null for one that is not open to it, or wants more than answers. */
  function sessionOf(req: IncomingMessage, caller: Caller): Session | undefined | null {
    const sessionId = req.headers['mcp-session-id'];
    if (sessionId === undefined || sessionId === '') return undefined;
    const session = sessions.find(sessionId as string, caller);
    return session === undefined || session.channel.logs() ? null : session;
  }

  return {
    take,
    close() {
      clearInterval(ticker);
      runs.visit((run) => {
        const { res, id, stateless } = run.reply;
        if (!stateless) run.cancel();
        else if (run.give()) cutOff(res, id);
      });
    },
    taken: () => count,
  };
}

const NO_ARGUMENTS = {};
