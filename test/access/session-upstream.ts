import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { capability, whole } from '../support/capability.ts';
import {
  type Closer,
  type RecordedRequest,
  startUpstream,
  type TestUpstream,
} from '../support/upstream.ts';

export const USER = 'jörg@example.com';
export const PASSWORD = 'pa55w0rd+of/jörg';

export interface SessionApi {
  readonly upstream: TestUpstream;
  /** Asked at each request: a test turns these while the server runs. */
  readonly rules: Rules;
  readonly seen: {
    logins: number;
    refreshes: number;
    /** The most logins and refreshes at one time. */
    atOnce: number;
    /** Tokens, csrf values and refresh tokens that were given, in order. */
    readonly given: string[];
    /** Bodies of the POSTs that were acted on. */
    readonly acted: string[];
  };
  /** Ends every session, as a restart does. */
  restart(): void;
}

interface Rules {
  password: string;
  /** Milliseconds; a session that is older is refused. */
  life: number;
  /** What the login says of its life, beside the fields that are always there. */
  says: Readonly<Record<string, unknown>>;
  /** Milliseconds before a login is answered. */
  slow: number;
  /** An answer in place of a login's own. */
  login: { readonly status: number; readonly body: unknown } | undefined;
  refreshes: boolean;
  /** Statuses that the next requests are refused with, whatever they show. */
  readonly refuse: number[];
  asJwt: boolean;
}

/** An API with sessions, which takes nothing that its documentation would not. */
export async function startSessionApi(t: Closer): Promise<SessionApi> {
  const live = new Map<string, { readonly csrf: string; readonly ends: number }>();
  const renewing = new Set<string>();
  const rules: Rules = {
    password: PASSWORD,
    life: 60_000,
    says: {},
    slow: 0,
    login: undefined,
    refreshes: true,
    refuse: [],
    asJwt: false,
  };
  const seen = { logins: 0, refreshes: 0, atOnce: 0, given: [] as string[], acted: [] as string[] };
  let opening = 0;
  let count = 0;

  function open(): object {
    count += 1;
    const ends = Date.now() + rules.life;
    const claims = Buffer.from(JSON.stringify({ exp: Math.ceil(ends / 1000), n: count }));
    const token = rules.asJwt
      ? `eyJhbGciOiJub25lIn0.${claims.toString('base64url')}.c2lnbmF0dXJl`
      : `token/${count}+of=session`;
    const csrf = `csrf&${count} of session`;
    const refresh = `refresh-token-${count}`;
    live.set(token, { csrf, ends });
    renewing.add(refresh);
    seen.given.push(token, csrf, refresh);
    return { status: 'OK', user: { token }, csrf, refresh, ...rules.says };
  }

  async function counted(answer: () => void): Promise<void> {
    opening += 1;
    seen.atOnce = Math.max(seen.atOnce, opening);
    await sleep(rules.slow);
    opening -= 1;
    answer();
  }

  const fieldsOf = ({ body }: RecordedRequest) => JSON.parse(body) as Record<string, unknown>;

  function login(request: RecordedRequest, response: ServerResponse): Promise<void> {
    seen.logins += 1;
    return counted(() => {
      const { email, password } = fieldsOf(request);
      if (request.headers.authorization !== undefined) reply(response, 400, { error: 'logged in' });
      else if (rules.login !== undefined) reply(response, rules.login.status, rules.login.body);
      else if (email === USER && password === rules.password) reply(response, 200, open());
      else reply(response, 403, { error: `no ${String(password)}` });
    });
  }

  function refresh(request: RecordedRequest, response: ServerResponse): Promise<void> {
    seen.refreshes += 1;
    return counted(() => {
      const token = String(fieldsOf(request).refresh);
      if (rules.refreshes && renewing.delete(token)) reply(response, 200, open());
      else reply(response, 401, { error: `no ${token}` });
    });
  }

  function refusalOf({ url, headers }: RecordedRequest): number | undefined {
    const forced = rules.refuse.shift();
    if (forced !== undefined) return forced;
    const session = live.get(headers.authorization?.replace(/^Bearer /, '') ?? '');
    const csrf = new URL(url, 'http://x').searchParams.getAll('csrf');
    if (session === undefined || session.ends <= Date.now()) return 401;
    return csrf.length === 1 && csrf[0] === session.csrf ? undefined : 400;
  }

  const upstream = await startUpstream(t, async (request, response) => {
    const path = request.url.split('?', 1)[0];
    if (path === '/login') return login(request, response);
    if (path === '/refresh') return refresh(request, response);
    const refused = refusalOf(request);
    if (refused !== undefined) {
      return reply(response, refused, { error: `not with ${request.headers.authorization}` });
    }
    if (path === '/logout') live.delete(String(request.headers.authorization).slice(7));
    if (request.method === 'POST' && path === '/items') seen.acted.push(request.body);
    reply(response, 200, { did: `${request.method} ${path}` });
  });
  return { upstream, rules, seen, restart: () => live.clear() };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const body = (...names: string[]) => names.map((name) => ({ name, in: 'body' }));

/** A capability for it; `session` goes over what its authentication says. */
export const sessionCapability = (session: object = {}, consumes: object = {}): string =>
  capability({
    binds: [{ namespace: 'env', keys: { API_USER: 'API_USER', API_PASSWORD: 'API_PASSWORD' } }],
    operations: {
      login: { route: 'POST /login', parameters: body('email', 'password') },
      refresh: { route: 'POST /refresh', parameters: body('body') },
      logout: { route: 'POST /logout' },
      list: { route: 'GET /items', output: [...whole] },
      get: { route: 'GET /items/{id}' },
      add: { route: 'POST /items', parameters: body('text', 'more') },
    },
    consumes: {
      authentication: {
        type: 'session',
        login: 'login',
        with: { email: '{{API_USER}}', password: '{{API_PASSWORD}}' },
        values: { token: '$.user.token', csrf: '$.csrf' },
        inject: [
          { in: 'header', name: 'Authorization', value: 'Bearer {{session.token}}' },
          { in: 'query', name: 'csrf', value: '{{session.csrf}}' },
        ],
        ...session,
      },
      ...consumes,
    },
  });

export const environment = { API_USER: USER, API_PASSWORD: PASSWORD };
