import { randomBytes } from 'node:crypto';
import { noPermission, unauthorized } from './cloudillo-answers.ts';
import { type Account, seconds, secretOf, type World } from './cloudillo-world.ts';
import type { Call } from './service.ts';

/** The account of the credential, which has to be there and good. @throws Refusal 403 without, 401 for a bad one */
export function needAccount(world: World, call: Call): Account {
  const { authorization } = call.headers;
  if (authorization === undefined || !authorization.startsWith('Bearer ')) throw noPermission();
  const token = authorization.slice('Bearer '.length).trim();
  const found = holderOf(world, token);
  if (found === undefined) throw token.startsWith('cl_') ? noPermission() : unauthorized();
  if (found.scope !== undefined) throw noPermission();
  return found.account;
}

/** As `needAccount`, where nobody has to be logged in: a bad credential counts as none. */
export function maybeAccount(world: World, call: Call): Account | undefined {
  const [kind, token] = (call.headers.authorization ?? '').split(' ');
  const found = kind === 'Bearer' && token !== undefined ? holderOf(world, token) : undefined;
  return found?.scope === undefined ? found?.account : undefined;
}

export interface Holder {
  readonly account: Account;
  /** What the credential is good for, which on the real server is nothing of what is here. */
  readonly scope: string | undefined;
}

/** Whose a token or an API key is; undefined for a bad one. */
export function holderOf(world: World, token: string): Holder | undefined {
  const isReal = world.mode === 'real';
  const scopeOf = (scope: unknown): string | undefined =>
    isReal && typeof scope === 'string' && scope.trim() !== '' ? scope : undefined;
  for (const account of world.accounts.values()) {
    const key = account.keys.find(({ secret }) => secret === token);
    if (key === undefined) continue;
    if (isReal && Number(key.expiresAt ?? Number.POSITIVE_INFINITY) < seconds(world))
      return undefined;
    key.lastUsedAt = seconds(world);
    return { account, scope: scopeOf(key.scope) };
  }
  const claims = token.split('.').length === 3 ? world.jwt.read(token) : undefined;
  if (claims === undefined || world.ended.has(String(claims.jti))) return undefined;
  const account = world.accounts.get(String(claims.sub ?? claims.iss));
  return account === undefined ? undefined : { account, scope: scopeOf(claims.scope) };
}

export const ROLES = ['public', 'follower', 'supporter', 'contributor', 'moderator', 'leader'];

export function tokenFor(world: World, { idTag }: Account, more: object = {}): string {
  const iat = seconds(world);
  const exp = iat + world.tokenLife;
  const token = world.jwt.sign(
    // The real one says no more, so that two of one second are the same.
    world.mode === 'real'
      ? { iss: idTag, r: ROLES.join(), exp, ...more }
      : { iss: idTag, sub: idTag, iat, exp, jti: randomBytes(9).toString('base64url'), ...more },
  );
  world.secrets.add(token);
  return token;
}

/** What every way of logging in answers. */
export function loginOf(world: World, account: Account): object {
  const { tnId, idTag, name } = account;
  const token = tokenFor(world, account);
  const swEncryptionKey = secretOf(world);
  const common = { tnId, idTag, name, token, profilePic: '', swEncryptionKey };
  if (world.mode === 'real') return { ...common, roles: [...ROLES, 'SADM'], settings: [] };
  return {
    ...common,
    profilePic: 'b1~abc123',
    roles: ['user'],
    settings: [
      ['theme', 'dark'],
      ['lang', 'en'],
    ],
  };
}
