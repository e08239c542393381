import { invalid, noPermission, ok, refused, unauthorized } from './cloudillo-answers.ts';
import {
  holderOf,
  loginOf,
  maybeAccount,
  needAccount,
  ROLES,
  tokenFor,
} from './cloudillo-credentials.ts';
import { type Account, seconds, type World } from './cloudillo-world.ts';
import type { Call, Routes } from './service.ts';

/** Tokens for what one has already, and the key of push notifications. */
export function tokenRoutes(world: World): Routes {
  const isReal = world.mode === 'real';
  return {
    'GET /api/auth/login-token': (call) => {
      world.limit();
      if (isReal) {
        const account = maybeAccount(world, call);
        return ok(world, account === undefined ? null : loginOf(world, account));
      }
      const token = tokenFor(world, needAccount(world, call));
      return ok(world, { token, expiresAt: seconds(world) + world.tokenLife });
    },
    'GET /api/auth/access-token': (call) => {
      const scope = call.query.get('scope') ?? undefined;
      const account = exchanged(world, call);
      if (account === undefined) throw unauthorized();
      const token = tokenFor(world, account, scope === undefined ? {} : { scope });
      const expiresAt = seconds(world) + world.tokenLife;
      return ok(world, isReal ? { token } : { token, expiresAt, scope: scope ?? 'read:files' });
    },
    'GET /api/auth/proxy-token': (call) => {
      const account = needAccount(world, call);
      const target = call.query.get(isReal ? 'idTag' : 'target');
      if (isReal) {
        // Made by the server of the other identity, which knows little of this one.
        const isOther = target !== null && target !== account.idTag;
        if (isOther && target.endsWith('.invalid'))
          throw refused(500, 'E-NET-ERROR', 'Internal server error');
        const foreign = { iss: target, sub: account.idTag, r: 'public' };
        const token = tokenFor(world, account, isOther ? foreign : { sub: account.idTag });
        return ok(world, { token, roles: isOther ? ['public'] : ROLES });
      }
      const token = tokenFor(world, account, target === null ? {} : { aud: target });
      return ok(world, { token, expiresAt: seconds(world) + world.tokenLife });
    },
    'GET /api/auth/vapid': (call) => {
      needAccount(world, call);
      if (isReal) return { body: { vapidPublicKey: 'BNxwfD-real' } };
      return ok(world, { publicKey: 'BNxwfD-documented' });
    },
  };
}

/** Whose token an exchange gives: that of what the query shows, else of who is logged in. */
function exchanged(world: World, call: Call): Account | undefined {
  const [key, token, ref] = ['apiKey', 'token', 'refId'].map((name) => call.query.get(name));
  if (world.mode === 'real') {
    // One that a server signed for another, and never one that somebody logged in with.
    if (token != null) throw refused(500, 'E-CORE-PARSE', 'Internal server error');
    if (ref != null) throw invalid('Invalid or expired share link');
    const holder = key == null ? undefined : holderOf(world, key);
    if (key != null && holder === undefined) throw noPermission();
    return holder?.account ?? maybeAccount(world, call);
  }
  const shown = key ?? token;
  if (shown != null) return holderOf(world, shown)?.account;
  if (ref != null) return [...world.accounts.values()].find(({ refs }) => refs.has(ref));
  const idTag = call.query.get('idTag');
  if (world.mode === 'documents' && idTag !== null) {
    const account = world.accounts.get(idTag);
    return account?.password === call.query.get('password') ? account : undefined;
  }
  return maybeAccount(world, call);
}
