import type { OutboundPlan } from '../plan/outbound.ts';
import type { SendOptions, UpstreamClient, UpstreamResponse } from '../plan/plan.ts';
import { abortSignalOf } from '../runtime/cancellation.ts';
import {
  createClientCredentials,
  discoverTokenEndpoint,
  sendWithToken,
  type TokenSource,
} from './client-credentials.ts';
import { createDigestSession, type DigestSession } from './digest-session.ts';
import type { FetchJson } from './fetch-json.ts';
import { discard, isReplayable, type Request } from './repeat.ts';
import { createSessionClient } from './session.ts';
import type { SessionOptions } from './session-keeper.ts';

type Send = (authorization: string | undefined) => Promise<UpstreamResponse>;
type Authorize = (request: Request, send: Send, signal?: AbortSignal) => Promise<UpstreamResponse>;

export interface AuthorizingOptions {
  readonly fetchJson?: FetchJson;
  /** Told what came while requests were authorized and must never be shown. */
  readonly learn?: SessionOptions['learn'];
  /** Sessions that several gateways share. */
  readonly grants?: SessionOptions['shared'];
  readonly now?: () => number;
}

type WorkedOut = Extract<OutboundPlan, { type: 'digest' | 'oauth2' }>;

/**
 * A client that works out the credentials of digest, oauth2 and sessions: tokens, challenges and
 * sessions are kept for as long as it lives. A request that is turned down for an old one is sent
 * once more, unless its body is a stream, which can be read only once.
 */
export function createAuthorizingClient(
  client: UpstreamClient,
  options: AuthorizingOptions = {},
): UpstreamClient {
  const { learn = () => {}, now = Date.now } = options;
  const kept = new WeakMap<WorkedOut, Authorize>();
  const sessions = createSessionClient({ send, learn, now, shared: options.grants });

  function authorizeWith(plan: WorkedOut): Authorize {
    const known = kept.get(plan);
    if (known !== undefined) return known;
    const authorize = plan.type === 'digest' ? byDigest(plan) : byToken(plan, options.fetchJson);
    kept.set(plan, authorize);
    return authorize;
  }

  function send(request: Request, how: SendOptions): Promise<UpstreamResponse> {
    if (request.credential === undefined) return client.send(request, how);
    const { credential, ...bare } = request;
    if (credential.type === 'session' || credential.type === 'session-end')
      return sessions.send(credential, bare as Request, how);
    const sendWith: Send = (authorization) =>
      client.send(withAuthorization(bare as Request, authorization), how);
    return authorizeWith(credential)(request, sendWith, how.signal && abortSignalOf(how.signal));
  }

  return { close: () => client.close(), send };
}

function byToken(
  plan: Extract<OutboundPlan, { type: 'oauth2' }>,
  fetchJson: FetchJson | undefined,
): Authorize {
  const { from, clientId, clientSecret, scopes, audience, resource } = plan;
  const fetching = fetchJson === undefined ? {} : { fetchJson };
  const source: TokenSource = createClientCredentials({
    tokenEndpoint:
      'issuer' in from ? discoverTokenEndpoint(from.issuer, fetching) : from.tokenEndpoint,
    clientId,
    clientSecret: clientSecret(),
    scopes,
    ...(audience === undefined ? {} : { audience }),
    ...(resource === undefined ? {} : { resource }),
    ...fetching,
  });
  return (request, send, signal) =>
    sendWithToken(
      source,
      (token) => send(`Bearer ${token}`),
      (answer) => isTurnedDown(request, answer),
      signal,
    );
}

function byDigest({ username, password }: Extract<OutboundPlan, { type: 'digest' }>): Authorize {
  const sessions = new Map<string, DigestSession>();
  return async function authorize(request, send) {
    const { origin, method, path: uri, body } = request;
    let session = sessions.get(origin);
    if (session === undefined) {
      session = createDigestSession(username, password());
      sessions.set(origin, session);
    }
    const signed = { method, uri, body: isReplayable(body) ? body : undefined };
    const first = session.authorize(signed);
    const answer = await send(first);
    const challenge = answer.status === 401 ? challengeOf(answer) : undefined;
    if (challenge === undefined || !session.challenged(challenge, first)) return answer;
    if (!isTurnedDown(request, answer)) return answer;
    return send(session.authorize(signed));
  };
}

/** Whether the request is worth sending again; its first answer is let go of then. */
function isTurnedDown({ body }: Request, answer: UpstreamResponse): boolean {
  if (answer.status !== 401 || !isReplayable(body)) return false;
  discard(answer);
  return true;
}

function challengeOf({ headers }: UpstreamResponse): string | undefined {
  const challenges = headers.filter(
    (_, at) => at % 2 === 1 && headers[at - 1] === 'www-authenticate',
  );
  return challenges.length === 0 ? undefined : challenges.join(', ');
}

function withAuthorization(request: Request, authorization: string | undefined): Request {
  const headers = request.headers.filter(
    (_, at) => request.headers[at - (at % 2)] !== 'authorization',
  );
  if (authorization !== undefined) headers.push('authorization', authorization);
  return { ...request, headers } as Request;
}
