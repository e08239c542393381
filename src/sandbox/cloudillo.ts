import { createHash } from 'node:crypto';
import { accountRoutes, addAccount } from './cloudillo-accounts.ts';
import { notFound, ok, refused } from './cloudillo-answers.ts';
import { maybeAccount } from './cloudillo-credentials.ts';
import { keyRoutes } from './cloudillo-keys.ts';
import { passkeyRoutes } from './cloudillo-passkeys.ts';
import { qrRoutes } from './cloudillo-qr.ts';
import { tokenRoutes } from './cloudillo-tokens.ts';
import { type Account, type CloudilloMode, createWorld, type World } from './cloudillo-world.ts';
import { type Host, type Routes, type Service, startService } from './service.ts';

export type { Account, CloudilloMode } from './cloudillo-world.ts';

export interface CloudilloOptions {
  readonly mode?: CloudilloMode;
  /** Seconds that a token lives; 3600. */
  readonly tokenLife?: number;
  /** Logins and the like that are taken within the hour; any number when left out. */
  readonly authLimit?: number;
}

export interface Cloudillo {
  readonly mode: CloudilloMode;
  readonly api: Service;
  /** The host of the app, which resolves identities. */
  readonly app: Service;
  readonly owner: Account;
  /** The account of an identity. */
  account(idTag: string): Account;
  /** The last reference that was mailed to an account. */
  mailed(idTag: string): string;
  /** Lets time pass for the server alone. */
  pass(seconds: number): void;
  /** Refuses all tokens of before. */
  forgetTokens(): void;
  /** As a process that ends and begins anew: connections and what was in memory are gone. */
  restart(): Promise<void>;
  /** Every secret that was given out, mailed or chosen. */
  secrets(): readonly string[];
}

export const OWNER = {
  idTag: 'alice.example.com',
  password: 'correct horse 1/é',
  name: 'Alice Johnson',
};

/** A strict sandbox of the authentication API of Cloudillo, and of the host of its app. */
export async function startCloudillo(
  host: Host,
  options: CloudilloOptions = {},
): Promise<Cloudillo> {
  const { mode = 'real', tokenLife = 3600, authLimit = Number.POSITIVE_INFINITY } = options;
  let ahead = 0;
  let taken = 0;
  const limit = (): void => {
    taken += 1;
    if (taken <= authLimit) return;
    throw refused(429, 'E-RATE-LIMITED', 'Too many requests', {
      headers: { 'retry-after': '60', 'x-ratelimit-level': 'ipv4_individual' },
      details: { level: 'ipv4_individual', retryAfter: 60 },
    });
  };
  const world = createWorld({ mode, tokenLife, limit, now: () => Date.now() + ahead });
  const owner = addAccount(world, OWNER);
  let memory: Routes = qrRoutes(world);
  const inMemory: Routes = Object.fromEntries(
    Object.keys(memory).map((route) => [route, (call) => memory[route]?.(call) ?? {}]),
  );
  const routes = {
    ...accountRoutes(world),
    ...tokenRoutes(world),
    ...inMemory,
    ...passkeyRoutes(world, owner),
    ...keyRoutes(world),
    ...profileRoutes(world, owner),
  };
  const api = await startService(host, routes, () => {
    throw notFound();
  });
  const app = await startService(host, appRoutes(world, owner));
  const account = (idTag: string): Account => {
    const found = world.accounts.get(idTag);
    if (found === undefined) throw new Error(`no account ${idTag}`);
    return found;
  };
  return {
    mode,
    api,
    app,
    owner,
    account,
    mailed: (idTag) => [...account(idTag).refs].at(-1) ?? '',
    pass(seconds) {
      ahead += seconds * 1000;
    },
    forgetTokens: () => world.jwt.rotate(),
    async restart() {
      await api.stop();
      memory = qrRoutes(world);
      taken = 0;
      await api.start();
    },
    secrets: () => [...world.secrets],
  };
}

/** Who runs the server: public, and told again only when it has changed. */
function profileRoutes(world: World, { idTag, name }: Account): Routes {
  const publicKey = '-----BEGIN PUBLIC KEY-----';
  if (world.mode === 'documents') {
    const serverInfo = { version: '1.0.0', features: ['federation', 'crdt', 'rtdb'] };
    const profile = { idTag, name, publicKey, serverInfo };
    return {
      'GET /api/me': () => ok(world, profile),
      'GET /api/me/full': () => ok(world, profile),
    };
  }
  const keys = [{ keyId: '260101', publicKey: 'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE' }];
  const profile = { idTag, name, type: 'person', keys };
  const etag = `"${createHash('sha256').update(JSON.stringify(profile)).digest('hex').slice(0, 16)}"`;
  return {
    'GET /api/me': ({ headers }) =>
      headers['if-none-match'] === etag
        ? { status: 304, headers: { etag } }
        : { ...ok(world, profile), headers: { etag } },
    'GET /api/me/full': (call) => {
      const x = maybeAccount(world, call) === undefined ? {} : { x: { phone: '+36 1 234' } };
      return ok(world, { ...profile, ...x });
    },
  };
}

function appRoutes(world: World, { idTag }: Account): Routes {
  return {
    'GET /.well-known/cloudillo/id-tag': ({ query }) => {
      if (world.mode === 'real') return { body: { idTag } };
      const serverUrl = 'https://cloudillo.example.com';
      const publicKey = '-----BEGIN PUBLIC KEY-----';
      return ok(world, { idTag: query.get('idTag') ?? idTag, serverUrl, publicKey });
    },
  };
}
