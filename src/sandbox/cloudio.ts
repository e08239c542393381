import { randomUUID } from 'node:crypto';
import { type DataSource, invalid, object, post, query, type Row } from './cloudio-rows.ts';
import { createJwtIssuer } from './jwt.ts';
import {
  type Answer,
  type Call,
  type Host,
  Refusal,
  type Routes,
  type Service,
  startService,
} from './service.ts';

export interface CloudioOptions {
  /** Seconds that a session lives; 3600. */
  readonly sessionLife?: number;
  /** Answers a wrong password with 200 and `status: ERROR`, as some of its kin do. */
  readonly politeRefusal?: boolean;
}

export interface Cloudio {
  readonly api: Service;
  /** Rows of a data source, as they are kept. */
  rows(dataSource: string): readonly Row[];
  /** What workflows were told to keep. */
  readonly kept: ReadonlyMap<string, unknown>;
  changePassword(password: string): void;
  /** Ends all sessions. */
  forgetSessions(): void;
  /** Every secret that was given out or chosen, and what is made of them. */
  secrets(): readonly string[];
}

/** A password that no Latin-1 holds, and that a URL and a header would mangle. */
export const SERVICE_ACCOUNT = { username: 'steve', password: 'pa:ss wörd&日本' };

/** A strict sandbox of the REST API of CloudIO: two data sources, `Employees` and `Sites`. */
export async function startCloudio(host: Host, options: CloudioOptions = {}): Promise<Cloudio> {
  const { sessionLife = 3600, politeRefusal = false } = options;
  const jwt = createJwtIssuer(Date.now);
  const secrets = new Set<string>();
  let password = '';
  const changePassword = (next: string): void => {
    password = next;
    secrets.add(next);
    secrets.add(Buffer.from(`${SERVICE_ACCOUNT.username}:${next}`).toString('base64'));
  };
  changePassword(SERVICE_ACCOUNT.password);
  const sources: Readonly<Record<string, DataSource>> = {
    Employees: { rows: new Map(), made: 0 },
    Sites: { rows: new Map(), made: 0 },
  };
  const kept = new Map<string, unknown>();

  function authenticate(call: Call): Answer {
    jsonBody(call);
    const [kind, shown = ''] = (call.headers.authorization ?? '').split(' ');
    if (kind !== 'Token') throw denied(401, 'Authentication required');
    const { username } = SERVICE_ACCOUNT;
    if (shown !== Buffer.from(`${username}:${password}`, 'utf8').toString('base64')) {
      const message = 'Access Denied - Invalid username and/or password!';
      const refusal = denied(403, message);
      throw politeRefusal ? new Refusal({ ...refusal.answer, status: 200 }) : refusal;
    }
    const [sessionId, csrf] = [randomUUID(), randomUUID()];
    const exp = Math.floor(Date.now() / 1000) + sessionLife;
    const token = jwt.sign({ session: sessionId, csrf, org_uid: 'cloudio', exp });
    for (const secret of [csrf, token]) secrets.add(secret);
    const who = { userName: username, displayName: 'Steve', emailAddress: 'name@cloudio.io' };
    return { body: { orgUid: 'cloudio', sessionId, ...who, csrf, jwt: token, status: 'OK' } };
  }

  /** What every call but the first needs: the token in its header, its csrf in the query. */
  function needSession(call: Call): void {
    const [kind, token = ''] = (call.headers.authorization ?? '').split(' ');
    const claims = kind === 'Bearer' ? jwt.read(token) : undefined;
    if (claims === undefined) throw denied(401, 'The session is not valid');
    if (call.query.get('csrf') !== claims.csrf) throw denied(403, 'The csrf token is not valid');
  }

  function sourceOf(name: unknown): DataSource {
    const source = sources[String(name)];
    if (source === undefined) throw invalid(`Unknown data source ${String(name)}`);
    return source;
  }

  function api(call: Call): Answer {
    needSession(call);
    const aliases = Object.entries(jsonBody(call));
    if (aliases.length === 0) throw invalid('The request names no data source');
    const data = aliases.map(([alias, written]) => {
      const { ds, query: asked, data: rows } = object(written, alias);
      const source = sourceOf(ds);
      if ((asked === undefined) === (rows === undefined)) throw invalid(`${alias}: query or data`);
      if (rows !== undefined)
        return [alias, { data: post(source, rows, new Date().toISOString()) }];
      const found = query(source, asked);
      return [alias, { data: found, queryElapsed: 1, rowsFetched: found.length }];
    });
    return { body: { status: 'OK', data: Object.fromEntries(data) } };
  }

  const workflow =
    (run: (key: string, value: unknown) => unknown, scope: 'wfUid' | 'wfInstUid') =>
    (call: Call): Answer => {
      needSession(call);
      const body = jsonBody(call);
      for (const name of [scope, 'key']) {
        if (typeof body[name] !== 'string') throw invalid(`${name} is required`);
      }
      const value = run(`${scope} ${body[scope]} ${body.key}`, body.value);
      return { body: { status: 'OK', value } };
    };
  const put = (key: string, value: unknown): unknown => {
    kept.set(key, value);
    return value;
  };
  const get = (key: string): unknown => kept.get(key) ?? null;
  const increment = (key: string): unknown => put(key, Number(kept.get(key) ?? 0) + 1);

  const routes: Routes = {
    'POST /v1/auth': authenticate,
    'POST /v1/api': api,
    'POST /v1/wf/put': workflow(put, 'wfUid'),
    'POST /v1/wf/get': workflow(get, 'wfUid'),
    'POST /v1/wf/incrementAndGet': workflow(increment, 'wfUid'),
    'POST /v1/wf/instancePut': workflow(put, 'wfInstUid'),
    'POST /v1/wf/instanceGet': workflow(get, 'wfInstUid'),
    'POST /v1/wf/instanceIncrementAndGet': workflow(increment, 'wfInstUid'),
  };
  return {
    api: await startService(host, routes, () => denied(404, 'No such service').answer),
    rows: (name) => [...(sources[name]?.rows.values() ?? [])],
    kept,
    changePassword,
    forgetSessions: () => jwt.rotate(),
    secrets: () => [...secrets],
  };
}

/** @throws Refusal 400 for what is no JSON object of its type */
function jsonBody({ headers, body }: Call): Readonly<Record<string, unknown>> {
  if (!/^application\/json\b/.test(headers['content-type'] ?? ''))
    throw invalid('JSON is expected');
  try {
    return object(JSON.parse(body), 'The body');
  } catch (thrown) {
    throw thrown instanceof Refusal ? thrown : invalid('The body is not valid JSON');
  }
}

const denied = (code: number, message: string): Refusal =>
  new Refusal({ status: code, body: { code, status: 'ERROR', title: 'Access Denied', message } });
