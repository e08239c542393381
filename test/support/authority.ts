import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
// @ts-expect-error the package comes without types
import { Provider } from 'oidc-provider';
import type { Closer } from './upstream.ts';

/** A whole authorization server of one test, where whoever comes is ann and agrees to everything. */
export interface Authority {
  readonly issuer: string;
  /** A token of the machine client for a resource, by client credentials. */
  token(resource: string, scope: string): Promise<string>;
  /** A token signed with the server's own key, right in all that `changes` leaves alone. */
  signed(changes: Readonly<Record<string, unknown>>): Promise<string>;
  /** Goes through login and consent as a browser does; gives the query of the redirect. */
  authorize(url: URL): Promise<URLSearchParams>;
  /** Scopes of the authorization requests so far. */
  readonly asked: readonly string[];
}

const SCOPES = 'items:read items:write items:admin';
/** A public client with a redirect, registered by hand. */
export const AGENT = { client_id: 'agent', redirect: 'http://127.0.0.1:9/callback' } as const;
export const MACHINE = { id: 'machine', secret: 'a secret that is long enough to be one' } as const;

export async function startAuthority(
  t: Closer,
  format: 'jwt' | 'opaque' = 'jwt',
): Promise<Authority> {
  const asked: string[] = [];
  let handle = (_: IncomingMessage, response: ServerResponse): void => void response.end();
  const server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    if (server.listening) await once(server, 'close');
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(issuer, await settings(format, privateKey));
  const answer = provider.callback();
  handle = (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/auth') asked.push(url.searchParams.get('scope') ?? '');
    if (!url.pathname.startsWith('/interaction/')) return answer(request, response);
    const login = { login: { accountId: 'ann' } };
    provider.interactionFinished(request, response, login).catch((error: Error) => {
      response.statusCode = 500;
      response.end(error.message);
    });
  };
  return {
    issuer,
    asked,
    authorize,
    token: (resource, scope) => machineToken(issuer, resource, scope),
    signed: (changes) => sign(issuer, privateKey, changes),
  };
}

async function settings(format: 'jwt' | 'opaque', key: CryptoKey): Promise<object> {
  return {
    clients: [
      {
        client_id: AGENT.client_id,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [AGENT.redirect],
        id_token_signed_response_alg: 'ES256',
      },
      {
        client_id: MACHINE.id,
        client_secret: MACHINE.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    cookies: { keys: ['only for this test'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: SCOPES,
          audience: resource,
          accessTokenFormat: format,
          accessTokenTTL: 600,
          ...(format === 'jwt' ? { jwt: { sign: { alg: 'ES256' } } } : {}),
        }),
      },
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    jwks: { keys: [{ ...(await exportJWK(key)), alg: 'ES256', use: 'sig', kid: 'one' }] },
    loadExistingGrant: agree,
    scopes: SCOPES.split(' '),
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      Grant: 600,
      Interaction: 600,
      Session: 600,
    },
  };
}

/** Grants whatever is asked for. */
async function agree(context: {
  oidc: {
    provider: {
      Grant: new (of: object) => Record<'addResourceScope' | 'addOIDCScope', Add> & Saved;
    };
    client: { clientId: string };
    session: { accountId: string };
    params: { scope?: string };
    resourceServers: Readonly<Record<string, unknown>>;
  };
}): Promise<unknown> {
  const { provider, client, session, params, resourceServers } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope ?? '');
  for (const resource of Object.keys(resourceServers)) {
    grant.addResourceScope(resource, params.scope ?? '');
  }
  await grant.save();
  return grant;
}

type Add = (...texts: string[]) => void;
interface Saved {
  save(): Promise<void>;
}

async function machineToken(issuer: string, resource: string, scope: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${MACHINE.id}:${encodeURIComponent(MACHINE.secret)}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }).toString(),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${response.status}`);
  return token;
}

function sign(
  issuer: string,
  key: CryptoKey,
  changes: Readonly<Record<string, unknown>>,
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'ann', client_id: 'agent', exp: seconds + 300, ...changes };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key);
}

async function authorize(url: URL): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  let at = url;
  for (let hop = 0; hop < 10; hop += 1) {
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const each of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${at} answered ${response.status}`);
    at = new URL(location, at);
    if (at.href.startsWith(AGENT.redirect)) return at.searchParams;
  }
  throw new Error('The authorization server leads round in circles.');
}
