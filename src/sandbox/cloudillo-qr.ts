import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  type Account,
  loginOf,
  maybeAccount,
  needAccount,
  notFound,
  ok,
  refused,
  secretOf,
  type World,
} from './cloudillo-world.ts';
import { integerQuery, jsonObject } from './extract.ts';
import type { Routes } from './service.ts';

interface QrLogin {
  readonly secret: string;
  readonly ends: number;
  answer: 'approved' | 'denied' | undefined;
  by: Account | undefined;
  readonly decided: EventEmitter;
}

const LIFE_MS = 300_000;
const LONGEST_POLL_S = 30;

/** Logging in by a code that another device approves, and what a login page begins with. */
export function qrRoutes(world: World): Routes {
  const logins = new Map<string, QrLogin>();
  const isReal = world.mode === 'real';

  function begin(): { readonly sessionId: string; readonly secret: string } {
    // No secret: whoever sees the QR code has it.
    const sessionId = `session_${randomBytes(12).toString('base64url')}`;
    const secret = secretOf(world);
    const ends = world.now() + LIFE_MS;
    logins.set(sessionId, {
      secret,
      ends,
      answer: undefined,
      by: undefined,
      decided: new EventEmitter(),
    });
    return { sessionId, secret };
  }

  function find(sessionId: string | undefined): QrLogin {
    const login = logins.get(String(sessionId));
    if (login === undefined) throw notFound();
    return login;
  }

  return {
    'POST /api/auth/login-init': (call) => {
      world.limit();
      const account = maybeAccount(world, call);
      if (account !== undefined)
        return ok(world, { status: 'authenticated', login: loginOf(world, account) });
      const webAuthn = isReal
        ? null
        : { challenge: secretOf(world), rpId: 'example.com', allowCredentials: [] };
      return ok(world, { status: 'unauthenticated', qrLogin: begin(), webAuthn });
    },
    'POST /api/auth/qr-login/init': () => {
      world.limit();
      return ok(world, begin(), isReal ? 201 : 200);
    },
    'GET /api/auth/qr-login/{session_id}/status': async (call) => {
      world.limit();
      const shown = call.headers['x-qr-secret'];
      if (shown === undefined)
        throw refused(401, 'E-AUTH-UNAUTH', 'The x-qr-secret header is missing');
      const sessionId = String(call.params.session_id);
      const login = find(sessionId);
      if (login.secret !== shown) throw notFound();
      const wait = Math.min(integerQuery(call, 'timeout', 15), LONGEST_POLL_S) * 1000;
      if (login.answer === undefined && wait > 0) await decisionOf(login, wait, call.gone);
      if (call.gone.aborted) return {};
      if (login.answer === undefined && world.now() < login.ends)
        return ok(world, { status: 'pending' });
      // Said once: whoever asks again is told that there is no such login.
      logins.delete(sessionId);
      if (login.answer === 'approved' && login.by !== undefined)
        return ok(world, { status: 'approved', login: loginOf(world, login.by) });
      return ok(world, { status: login.answer ?? 'expired' });
    },
    'GET /api/auth/qr-login/{session_id}/details': (call) => {
      const { idTag, name } = needAccount(world, call);
      const sessionId = String(call.params.session_id);
      find(sessionId);
      const seen = { userAgent: call.headers['user-agent'] ?? null, ipAddress: '127.0.0.1' };
      return ok(world, isReal ? seen : { sessionId, idTag, name });
    },
    'POST /api/auth/qr-login/{session_id}/respond': (call) => {
      const account = needAccount(world, call);
      const { approved } = jsonObject(call, { approved: 'boolean' });
      const login = find(call.params.session_id);
      if (login.answer !== undefined)
        throw refused(400, 'E-VAL-INVALID', 'This login was answered already');
      login.answer = approved === true ? 'approved' : 'denied';
      login.by = account;
      login.decided.emit('decided');
      return ok(world, { status: login.answer });
    },
  };
}

/** Resolves when it is decided, when the time is over, or when nobody waits any more. */
async function decisionOf({ decided }: QrLogin, wait: number, gone: AbortSignal): Promise<void> {
  const until = new AbortController();
  const end = (): void => until.abort();
  const timer = setTimeout(end, wait);
  gone.addEventListener('abort', end, { once: true });
  await once(decided, 'decided', { signal: until.signal }).catch(() => {});
  clearTimeout(timer);
  gone.removeEventListener('abort', end);
}
