import { randomUUID } from 'node:crypto';
import { readBody, readQuery, refuse } from './koyeb-check.ts';
import { logRoutes } from './koyeb-logs.ts';
import { createPlatform, type Platform } from './koyeb-platform.ts';
import { deploymentRoutes, serviceRoutes } from './koyeb-services.ts';
import { BODIES } from './koyeb-shapes.ts';
import { appRoutes, domainRoutes, secretRoutes } from './koyeb-things.ts';
import {
  type Call,
  type Host,
  type Route,
  type Routes,
  type Service,
  startService,
} from './service.ts';

export const EMAIL = 'ada@example.com';
export const PASSWORD = 'kö/yeb+pass word=1';

export interface Koyeb {
  readonly service: Service;
  readonly platform: Platform;
  readonly rules: {
    password: string;
    /** Milliseconds that a session lives. */
    life: number;
    /** Calls that are still answered; then each is refused with 429 until it is set again. */
    budget: number;
    /** Milliseconds before a login is answered. */
    slow: number;
  };
  /** Every token and key that was ever given out. */
  readonly given: readonly string[];
  readonly seen: { loginsAtOnce: number };
  /** A key of the organization, which does not end. */
  createKey(): string;
  /** A session that lasts until it is ended. */
  createSession(): string;
  /** Lets time go by, on its own clock. */
  pass(milliseconds: number): void;
}

interface Token {
  readonly user: string;
  readonly organization: string;
  readonly ends: number;
  readonly isKey: boolean;
}

/** Koyeb, as its published description has it: it refuses what that does not allow. */
export async function startKoyeb(host: Host): Promise<Koyeb> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const tokens = new Map<string, Token>();
  const given: string[] = [];
  const seen = { loginsAtOnce: 0 };
  const rules = {
    password: PASSWORD,
    life: 3_600_000,
    budget: Number.POSITIVE_INFINITY,
    slow: 0,
  };
  const platform = createPlatform(now);

  function issue(of: Partial<Token> = {}): string {
    const id = `${of.isKey ? 'key' : 'ses'}-${randomUUID()}`;
    const token = { user: EMAIL, organization: 'org-1', ends: now() + rules.life, isKey: false };
    tokens.set(id, { ...token, ...of });
    given.push(id);
    return id;
  }

  function reply(id: string): object {
    const { ends, organization, user } = tokens.get(id) as Token;
    const token = { id, user_id: user, organization_id: organization };
    return { body: { token: { ...token, expires_at: new Date(ends).toISOString() } } };
  }

  function shown({ headers }: Call): string {
    const [, id = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
    const token = tokens.get(id);
    if (token === undefined || token.ends <= now()) {
      refuse(401, 'unauthorized', 'Token is invalid, or has expired.');
    }
    return id;
  }

  function ofSession(call: Call): string {
    const id = shown(call);
    if (tokens.get(id)?.isKey) refuse(403, 'forbidden', 'This needs a session, not an API key.');
    return id;
  }

  let loggingIn = 0;
  async function login(call: Call) {
    readQuery(call, {});
    const { email, password } = readBody(call, BODIES.login);
    loggingIn += 1;
    seen.loginsAtOnce = Math.max(seen.loginsAtOnce, loggingIn);
    if (rules.slow > 0) await new Promise((resolve) => setTimeout(resolve, rules.slow));
    loggingIn -= 1;
    if (email !== EMAIL || password !== rules.password) {
      refuse(401, 'wrong_credentials', 'Email or password is wrong.');
    }
    return reply(issue());
  }

  const open: Routes = { 'POST /v1/account/login': login };
  const closed: Routes = {
    'DELETE /v1/account/logout': (call) => {
      tokens.delete(ofSession(call));
      return { body: {} };
    },
    'PUT /v1/account/refresh': (call) => {
      const id = ofSession(call);
      const { user, organization } = tokens.get(id) as Token;
      tokens.delete(id);
      return reply(issue({ user, organization }));
    },
    'POST /v1/account/session': (call) => {
      shown(call);
      return reply(issue({ organization: '' }));
    },
    ...appRoutes(platform),
    ...serviceRoutes(platform),
    ...deploymentRoutes(platform),
    ...domainRoutes(platform),
    ...secretRoutes(platform),
    ...logRoutes(platform),
  };
  const limited =
    (route: Route): Route =>
    (call) => {
      if (rules.budget > 0) {
        rules.budget -= 1;
        return route(call);
      }
      const body = { status: 429, code: 'too_many_requests', message: 'Too many requests.' };
      return { status: 429, headers: { 'retry-after': '7' }, body };
    };
  const guarded =
    (route: Route): Route =>
    (call) => {
      shown(call);
      return route(call);
    };
  const service = await startService(
    host,
    Object.fromEntries([
      ...Object.entries(open).map(([at, route]) => [at, limited(route)]),
      ...Object.entries(closed).map(([at, route]) => [at, limited(guarded(route))]),
    ]),
    () => ({
      status: 404,
      body: { status: 404, code: 'not_found', message: 'No such operation.' },
    }),
  );
  return {
    ...{ service, platform, rules, given, seen },
    createKey: () => issue({ isKey: true, ends: Number.POSITIVE_INFINITY }),
    createSession: () => issue({ ends: Number.POSITIVE_INFINITY }),
    pass(milliseconds) {
      ahead += milliseconds;
    },
  };
}
