import type { SessionEndPlan, SessionPlan } from '../plan/outbound.ts';
import type { SendOptions, UpstreamResponse } from '../plan/plan.ts';
import { abortSignalOf } from '../runtime/cancellation.ts';
import { createFruitless } from './fruitless.ts';
import { discard, isReplayable, type Request } from './repeat.ts';
import { createSessionKeeper, type SessionKeeper, type SessionOptions } from './session-keeper.ts';
import type { Grant } from './session-login.ts';
import { withSession } from './session-request.ts';

export interface SessionClient {
  /** @param request without its credential */
  send(
    plan: SessionPlan | SessionEndPlan,
    request: Request,
    how: SendOptions,
  ): Promise<UpstreamResponse>;
}

/** What may be done twice with the effect of once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** A status that means the session alone may fail this often in a row before renewing is given up. */
const PATIENT = 3;
const MOST_DROPPED = 1000;

/**
 * Shows requests by sessions. One that is refused is sent once more with another session, where that
 * does no harm; what comes then is the answer.
 */
export function createSessionClient(options: SessionOptions): SessionClient {
  const { now, send } = options;
  const sessions = new WeakMap<SessionPlan, ReturnType<typeof openSession>>();

  function sessionOf(plan: SessionPlan): ReturnType<typeof openSession> {
    let session = sessions.get(plan);
    if (session === undefined) {
      session = openSession(plan, createSessionKeeper(plan, options));
      sessions.set(plan, session);
    }
    return session;
  }

  function openSession(plan: SessionPlan, keeper: SessionKeeper) {
    const fruitless = createFruitless(now);
    /** The session that was dropped for a refusal of a kind that is not repeated. */
    const dropped = new Map<string, Grant>();

    async function call(request: Request, how: SendOptions): Promise<UpstreamResponse> {
      const signal = how.signal && abortSignalOf(how.signal);
      const grant = await keeper.get(signal);
      const answer = await send(withSession(request, grant), how);
      const { status } = answer;
      const rule = plan.renewOn.get(status);
      const kind = kindOf(request);
      if (rule === undefined) {
        fruitless.helped(kind);
        dropped.delete(kind);
        return answer;
      }
      const limit = status === 401 ? PATIENT : 1;
      if (fruitless.isHopeless(kind)) return answer;
      if (!mayRepeat(request, rule.beforeActing)) {
        const before = dropped.get(kind);
        if (before !== undefined && before !== grant) fruitless.note(kind, limit);
        if (dropped.size >= MOST_DROPPED) dropped.clear();
        dropped.set(kind, grant);
        if (!fruitless.isHopeless(kind)) keeper.drop(grant);
        return answer;
      }
      discard(answer);
      const next = await keeper.renew(grant, signal);
      const again = await send(withSession(request, next), how);
      if (plan.renewOn.has(again.status)) fruitless.note(kind, limit);
      else fruitless.helped(kind);
      return again;
    }

    /** Nobody logs in to log out, and a session that is refused has ended as well. */
    async function end(request: Request, how: SendOptions): Promise<UpstreamResponse> {
      const grant = keeper.peek();
      const answer = await send(grant === undefined ? request : withSession(request, grant), how);
      const { status } = answer;
      if ((status >= 200 && status < 300) || plan.renewOn.has(status)) keeper.forget();
      return answer;
    }

    return { call, end };
  }

  return {
    send: (plan, request, how) =>
      plan.type === 'session'
        ? sessionOf(plan).call(request, how)
        : sessionOf(plan.session).end(request, how),
  };
}

const kindOf = ({ method, origin, path }: Request): string =>
  `${method} ${origin}${path.split('?', 1)[0]}`;

const mayRepeat = ({ method, body, once }: Request, beforeActing: boolean): boolean =>
  isReplayable(body) && (beforeActing || (IDEMPOTENT.has(method) && once !== true));
