import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { invalid, notFound, ok, unauthorized } from './cloudillo-answers.ts';
import { loginOf, maybeAccount, needAccount } from './cloudillo-credentials.ts';
import { type Account, secretOf, type World } from './cloudillo-world.ts';
import { integerQuery, jsonObject } from './extract.ts';
import type { Call, Routes } from './service.ts';

interface QrLogin {
  readonly secret: string;
  /** Of who wants to be logged in. */
  readonly userAgent: string | null;
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

  function begin({ headers }: Call): { readonly sessionId: string; readonly secret: string } {
    // No secret: whoever sees the QR code has it.
    const sessionId = randomBytes(16).toString('base64url');
    const secret = secretOf(world);
    const ends = world.now() + LIFE_MS;
    logins.set(sessionId, {
      secret,
      userAgent: headers['user-agent'] ?? null,
      ends,
      answer: undefined,
      by: undefined,
      decided: new EventEmitter(),
    });
    return { sessionId, secret };
  }

  function find(sessionId: string | undefined, state: 'any' | 'going on' = 'any'): QrLogin {
    const login = logins.get(String(sessionId));
    if (login === undefined) throw notFound();
    if (state === 'going on' && world.now() >= login.ends) throw notFound();
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
      const masked = isReal ? { maskedEmail: 'm***@a***.com' } : {};
      return ok(world, { status: 'unauthenticated', qrLogin: begin(call), webAuthn, ...masked });
    },
    'POST /api/auth/qr-login/init': (call) => {
      world.limit();
      return ok(world, begin(call), isReal ? 201 : 200);
    },
    'GET /api/auth/qr-login/{session_id}/status': async (call) => {
      world.limit();
      const shown = call.headers['x-qr-secret'];
      if (shown === undefined) throw unauthorized();
      const sessionId = String(call.params.session_id);
      const login = find(sessionId);
      if (login.secret !== shown) throw notFound();
      const wait = Math.min(integerQuery(call, 'timeout', 15), LONGEST_POLL_S) * 1000;
      if (login.answer === undefined && wait > 0) await decisionOf(login, wait, call.gone);
      if (call.gone.aborted) return {};
      const isOver = world.now() >= login.ends;
      if (login.answer === undefined && !isOver) return ok(world, { status: 'pending' });
      // Said once: whoever asks again is told that there is no such login.
      logins.delete(sessionId);
      if (isOver || login.answer === undefined) return ok(world, { status: 'expired' });
      if (login.answer === 'denied' || login.by === undefined)
        return ok(world, { status: 'denied' });
      return ok(world, { status: 'approved', login: loginOf(world, login.by) });
    },
    'GET /api/auth/qr-login/{session_id}/details': (call) => {
      const { idTag, name } = needAccount(world, call);
      const sessionId = String(call.params.session_id);
      const { userAgent } = find(sessionId, 'going on');
      return ok(world, isReal ? { userAgent, ipAddress: '127.0.0.1' } : { sessionId, idTag, name });
    },
    'POST /api/auth/qr-login/{session_id}/respond': (call) => {
      const account = needAccount(world, call);
      const { approved } = jsonObject(call, { approved: 'boolean' });
      const login = find(call.params.session_id, 'going on');
      if (login.answer !== undefined) throw invalid('Session already responded');
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
