import { randomBytes } from 'node:crypto';
import { createJwtIssuer, type JwtIssuer } from './jwt.ts';
import { type Answer, type Call, Refusal } from './service.ts';

/** `documents`: answers as the published pages show them; `real`: as server 0.8 gives them. */
export type CloudilloMode = 'documents' | 'real';

export interface Account {
  readonly tnId: number;
  readonly idTag: string;
  readonly email: string;
  readonly name: string;
  password: string;
  /** The code that was mailed; undefined once it is verified. */
  code: string | undefined;
  readonly refs: Set<string>;
  readonly keys: ApiKey[];
  readonly passkeys: Passkey[];
}

export interface ApiKey {
  readonly id: number;
  readonly secret: string;
  name: unknown;
  scope: unknown;
  expiresAt: unknown;
  readonly createdAt: number;
  lastUsedAt: number | undefined;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** SPKI DER in base64url. */
  readonly publicKey: string;
  readonly createdAt: number;
}

/** Everything a sandbox of Cloudillo knows. */
export interface World {
  readonly mode: CloudilloMode;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly accounts: Map<string, Account>;
  readonly jwt: JwtIssuer;
  /** Seconds. */
  readonly tokenLife: number;
  /** Tokens that were logged out. */
  readonly ended: Set<string>;
  /** Every secret that was given out or mailed. */
  readonly secrets: Set<string>;
  /** Counts a call of those that are limited. @throws Refusal 429 */
  readonly limit: () => void;
}

export interface WorldOptions {
  readonly mode: CloudilloMode;
  readonly now: () => number;
  readonly tokenLife: number;
  readonly limit: () => void;
}

export function createWorld({ mode, now, tokenLife, limit }: WorldOptions): World {
  return {
    mode,
    now,
    tokenLife,
    limit,
    accounts: new Map(),
    jwt: createJwtIssuer(now),
    ended: new Set(),
    secrets: new Set(),
  };
}

/** The account of the credential, which has to be there and good. @throws Refusal 403 without, 401 for a bad one */
export function needAccount(world: World, call: Call): Account {
  const { authorization } = call.headers;
  if (authorization === undefined || !authorization.startsWith('Bearer '))
    throw refused(403, 'E-AUTH-NOPERM', 'You have no permission to access this resource');
  const account = accountOf(world, authorization.slice('Bearer '.length));
  if (account === undefined) {
    const isKey = authorization.startsWith('Bearer cl_');
    throw isKey
      ? refused(403, 'E-AUTH-NOPERM', 'Invalid API key')
      : refused(401, 'E-AUTH-UNAUTH', 'Authentication required or invalid token');
  }
  return account;
}

/** As `needAccount`, where nobody has to be logged in: a bad credential counts as none. */
export function maybeAccount(world: World, call: Call): Account | undefined {
  const [kind, token] = (call.headers.authorization ?? '').split(' ');
  return kind === 'Bearer' && token !== undefined ? accountOf(world, token) : undefined;
}

export function accountOf(world: World, token: string): Account | undefined {
  for (const account of world.accounts.values()) {
    const key = account.keys.find(({ secret }) => secret === token);
    if (key === undefined) continue;
    key.lastUsedAt = seconds(world);
    return account;
  }
  const claims = token.split('.').length === 3 ? world.jwt.read(token) : undefined;
  if (claims === undefined || world.ended.has(String(claims.jti))) return undefined;
  return world.accounts.get(String(claims.sub));
}

export const seconds = ({ now }: World): number => Math.floor(now() / 1000);
export const isoTime = (world: World, at = seconds(world)): string =>
  new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** A secret that is remembered, so that a test can look for it. */
export function secretOf(world: World, prefix = '', bytes = 32): string {
  const secret = prefix + randomBytes(bytes).toString('base64url');
  world.secrets.add(secret);
  return secret;
}

export function tokenFor(world: World, { idTag }: Account, more: object = {}): string {
  const iat = seconds(world);
  const token = world.jwt.sign({
    iss: idTag,
    sub: idTag,
    r: 'public,follower,supporter,contributor,moderator,leader',
    iat,
    exp: iat + world.tokenLife,
    jti: randomBytes(9).toString('base64url'),
    ...more,
  });
  world.secrets.add(token);
  return token;
}

/** What every way of logging in answers. */
export function loginOf(world: World, account: Account): object {
  const { tnId, idTag, name } = account;
  const token = tokenFor(world, account);
  const common = { tnId, idTag, name, token, profilePic: '' };
  if (world.mode === 'real') return { ...common, roles: ['leader', 'SADM'], settings: [] };
  return {
    ...common,
    profilePic: 'b1~abc123',
    roles: ['user'],
    settings: [
      ['theme', 'dark'],
      ['lang', 'en'],
    ],
    swEncryptionKey: secretOf(world),
  };
}

/** A success in its envelope; `since` is the document that shows the operation. */
export function ok(
  world: World,
  data: unknown,
  status = 200,
  since: 'new' | 'old' = 'new',
): Answer {
  const reqId = randomBytes(4).toString('hex');
  const isOld = world.mode === 'documents' && since === 'old';
  const body = isOld
    ? { data, time: seconds(world), reqId: `req_${reqId}` }
    : world.mode === 'real'
      ? { data, time: isoTime(world), reqId }
      : { data, time: isoTime(world) };
  return { status, body };
}

export function refused(
  status: number,
  code: string,
  message: string,
  more: Pick<Answer, 'headers'> & { readonly details?: object } = {},
): Refusal {
  const { details, headers = {} } = more;
  const error = details === undefined ? { code, message } : { code, message, details };
  return new Refusal({
    status,
    headers: { 'cache-control': 'no-store', ...headers },
    body: { error },
  });
}

export const notFound = (): Refusal => refused(404, 'E-CORE-NOTFOUND', 'Resource not found');
