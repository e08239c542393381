import { randomUUID } from 'node:crypto';
import { createJwtIssuer } from './jwt.ts';
import {
  type Answer,
  type Call,
  type Host,
  Refusal,
  type Route,
  type Routes,
  type Service,
  startService,
} from './service.ts';

export const PARTNER = { clientId: 'partner-7', clientSecret: 'cs/6+x=and "more"' } as const;
export const PERSON = { email: 'ada@example.com', password: 'pä ss+word/9' } as const;

export interface CloudAlly {
  readonly service: Service;
  readonly rules: {
    clientSecret: string;
    password: string;
    /** Milliseconds that an access token lives. */
    life: number;
    /** Calls that are still answered; then each is refused with 429 until it is set again. */
    budget: number;
    /** Milliseconds before a login is answered. */
    slow: number;
    /** The login of partners wants email and password, and the pair in headers of every call. */
    asksForPerson: boolean;
  };
  readonly seen: { atOnce: number; readonly given: string[]; readonly restores: unknown[] };
  /** A token that lives for an hour. */
  createKey(): string;
  /** Lets time go by, on its own clock. */
  pass(milliseconds: number): void;
  /** Ends every token, as a restart with new keys does. */
  forgetKeys(): void;
}

type Scope = 'partner' | 'user';

/** CloudAlly, as its description has it and as clients in use know it: it refuses what that does not allow. */
export async function startCloudAlly(host: Host): Promise<CloudAlly> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const issuer = createJwtIssuer(now);
  const renewals = new Map<string, Scope>();
  const seen = { atOnce: 0, given: [] as string[], restores: [] as unknown[] };
  const rules: CloudAlly['rules'] = {
    clientSecret: PARTNER.clientSecret,
    password: PERSON.password,
    life: 3_600_000,
    budget: Number.POSITIVE_INFINITY,
    slow: 0,
    asksForPerson: false,
  };

  function issue(scope: Scope, life = rules.life): string {
    const exp = (now() + life) / 1000;
    const token = issuer.sign({ sub: PARTNER.clientId, scope, jti: randomUUID(), exp });
    seen.given.push(token);
    return token;
  }

  function granted(scope: Scope): Answer {
    const refreshToken = randomUUID();
    renewals.set(refreshToken, scope);
    seen.given.push(refreshToken);
    const expiresIn = Math.floor(rules.life / 1000);
    const accessToken = issue(scope);
    return { body: { accessToken, tokenType: 'Bearer', refreshToken, expiresIn } };
  }

  let loggingIn = 0;
  const asLogin =
    (login: (call: Call) => Answer): Route =>
    async (call) => {
      loggingIn += 1;
      seen.atOnce = Math.max(seen.atOnce, loggingIn);
      if (rules.slow > 0) await new Promise((resolve) => setTimeout(resolve, rules.slow));
      loggingIn -= 1;
      return login(call);
    };

  const showsPair = ({ headers }: Call): boolean =>
    headers['client-id'] === PARTNER.clientId && headers['client-secret'] === rules.clientSecret;

  const open: Routes = {
    'POST /auth': asLogin((call) => {
      const { email, password } = readBody(call, ['email', 'password']);
      if (!/^\S+@\S+$/.test(email as string)) refuse(call, 400, 'email must be an email address');
      if (email !== PERSON.email || password !== rules.password)
        refuse(call, 401, 'Bad credentials');
      return granted('user');
    }),
    'POST /auth/partner': asLogin((call) => {
      if (rules.asksForPerson) {
        const { email, password } = readBody(call, ['email', 'password']);
        const isKnown = email === PERSON.email && password === rules.password;
        return isKnown && showsPair(call)
          ? granted('partner')
          : refuse(call, 401, 'Bad credentials');
      }
      const { clientId, clientSecret } = readBody(call, ['clientId', 'clientSecret']);
      const isKnown = clientId === PARTNER.clientId && clientSecret === rules.clientSecret;
      return isKnown ? granted('partner') : refuse(call, 401, 'Bad credentials');
    }),
    // One time each.
    'POST /auth/refresh': asLogin((call) => {
      const { refreshToken } = readBody(call, ['refreshToken']);
      const scope = renewals.get(refreshToken as string);
      renewals.delete(refreshToken as string);
      return scope === undefined ? refuse(call, 401, 'Unknown refresh token') : granted(scope);
    }),
  };

  function guarded(route: Route, scopes: readonly Scope[]): Route {
    return (call) => {
      const [, token = ''] = /^Bearer (\S+)$/.exec(call.headers.authorization ?? '') ?? [];
      const claims = token === '' ? undefined : issuer.read(token);
      if (claims === undefined) refuse(call, 401, 'Full authentication is required');
      if (!scopes.includes(claims?.scope as Scope)) refuse(call, 403, 'Access is denied');
      if (rules.asksForPerson && !showsPair(call)) refuse(call, 401, 'Unknown client');
      return route(call);
    };
  }

  const limited =
    (route: Route): Route =>
    (call) => {
      if (rules.budget <= 0) {
        const body = errorOf(call, 429, 'Too many requests');
        return { status: 429, headers: { 'retry-after': '30' }, body };
      }
      rules.budget -= 1;
      return route(call);
    };

  const partnerOnly = Object.entries(partnerRoutes()).map(
    ([at, route]) => [at, guarded(route, ['partner'])] as const,
  );
  const forBoth = Object.entries(backupRoutes(seen.restores)).map(
    ([at, route]) => [at, guarded(route, ['partner', 'user'])] as const,
  );
  const all = [...Object.entries(open), ...partnerOnly, ...forBoth];
  const service = await startService(
    host,
    Object.fromEntries(all.map(([at, route]) => [at, limited(route)])),
    (call) => refuse(call, 404, 'No such operation'),
  );
  return {
    ...{ service, rules, seen },
    createKey: () => issue('partner', 3_600_000),
    pass(milliseconds) {
      ahead += milliseconds;
    },
    forgetKeys() {
      issuer.rotate();
      renewals.clear();
    },
  };
}

const errorOf = (call: Call, status: number, message: string): object => ({
  status,
  error: { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status],
  message,
  path: call.path,
});

function refuse(call: Call, status: number, message: string): never {
  throw new Refusal({ status, body: errorOf(call, status, message) });
}

/** An object of texts, with all that is needed and nothing else. */
function readBody(call: Call, needed: readonly string[]): Readonly<Record<string, unknown>> {
  const body = readObject(call);
  for (const name of needed) {
    if (typeof body[name] !== 'string' || body[name] === '')
      refuse(call, 400, `${name} must not be empty`);
  }
  const unknown = Object.keys(body).find((name) => !needed.includes(name));
  return unknown === undefined ? body : refuse(call, 400, `${unknown} is not known`);
}

function readObject(call: Call): Readonly<Record<string, unknown>> {
  if (!/^application\/json\b/i.test(call.headers['content-type'] ?? '')) {
    refuse(call, 415, 'The content type is not supported');
  }
  let body: unknown;
  try {
    body = JSON.parse(call.body);
  } catch {
    refuse(call, 400, 'The body is not JSON');
  }
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject
    ? (body as Readonly<Record<string, unknown>>)
    : refuse(call, 400, 'The body is no object');
}

const named = (kind: string, count: number, more: object = {}) =>
  Array.from({ length: count }, (_, at) => ({
    id: `${kind}-${at + 1}`,
    status: 'ACTIVE',
    ...more,
  }));

const USERS = named('user', 5, { region: 'EU_F' });
const TASKS = named('task', 3, { source: 'SHAREPOINT_MULTI', userId: 'user-1' });
const RESELLERS = named('reseller', 2);

/** A page of a list; the next one is asked for with the token of the one before. */
const paged =
  (all: readonly object[]): Route =>
  (call) => {
    for (const name of call.query.keys()) {
      if (!['page', 'pageSize', 'nextPageToken'].includes(name))
        refuse(call, 400, `${name} is not known`);
    }
    const [page = 1, size = 50] = ['page', 'pageSize'].map((name) => {
      const text = call.query.get(name);
      if (text === null) return undefined;
      return /^[1-9]\d*$/.test(text) ? Number(text) : refuse(call, 400, `${name} is no number`);
    });
    const token = call.query.get('nextPageToken');
    if (page > 1 && token !== `after-${page - 1}`)
      refuse(call, 400, 'nextPageToken does not fit the page');
    const totalPages = Math.ceil(all.length / size);
    const data = all.slice((page - 1) * size, page * size);
    const nextPageToken = page < totalPages ? `after-${page}` : null;
    return { body: { page, totalPages, total: all.length, nextPageToken, data } };
  };

const one =
  (all: readonly { readonly id: string }[], by: string): Route =>
  (call) => {
    const found = all.find(({ id }) => id === call.params[by]);
    return found === undefined
      ? refuse(call, 404, `There is no ${call.params[by]}`)
      : { body: found };
  };

const partnerRoutes = (): Routes => ({
  'GET /v1/partners': () => ({ body: { partnerID: PARTNER.clientId, name: 'Ada Backups' } }),
  'GET /v1/partners/billing': paged([{ month: '2026-01', amount: 1234.5, currency: 'EUR' }]),
  'GET /v1/partners/status': paged(TASKS.map(({ id, status }) => ({ id, status }))),
  'GET /v1/partners/tasks': paged(TASKS),
  'GET /v1/partners/users': paged(USERS),
  'GET /v1/partners/resellers': paged(RESELLERS),
  'GET /v1/partners/resellers/{resellerId}': one(RESELLERS, 'resellerId'),
});

const backupRoutes = (restores: unknown[]): Routes => ({
  'GET /v1/backup-tasks': paged(TASKS),
  'GET /v1/backup-tasks/{taskId}': one(TASKS, 'taskId'),
  'POST /v1/restore': (call) => {
    const wanted = readObject(call);
    if (!TASKS.some(({ id }) => id === wanted.taskId)) refuse(call, 400, 'taskId names no task');
    restores.push(wanted);
    return { status: 201, body: { jobId: `job-${restores.length}`, status: 'QUEUED' } };
  },
  'GET /v1/restore/{jobId}': (call) => {
    const job = Number(/^job-(\d+)$/.exec(call.params.jobId ?? '')?.[1]);
    if (restores[job - 1] === undefined) refuse(call, 404, `There is no ${call.params.jobId}`);
    return { body: { jobId: call.params.jobId, status: 'RUNNING', progress: 40 } };
  },
});
