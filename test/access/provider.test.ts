import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
// @ts-expect-error the package comes without types
import { Provider } from 'oidc-provider';
import {
  createClientCredentials,
  discoverTokenEndpoint,
} from '../../src/access/client-credentials.ts';
import type { OAuth2Plan } from '../../src/access/plan.ts';
import type { Closer } from '../support/upstream.ts';
import { serveBehind } from './serving.ts';

const RESOURCE = 'https://api.example/v1';
const CLIENT = { clientId: 'gate way', clientSecret: 'p:ss/w%rd+long enough to be one' };

/** A whole authorization server, mounted under a path, that gives tokens to one client. */
async function startProvider(t: Closer, format: 'jwt' | 'opaque'): Promise<string> {
  let handle: RequestListener = (_, response) => response.end();
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (!url.startsWith('/realm')) {
      response.statusCode = 404;
      response.end();
      return;
    }
    Object.assign(request, { originalUrl: url });
    request.url = url.slice('/realm'.length);
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    if (server.listening) await once(server, 'close');
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    clientAuthMethods: ['client_secret_basic'],
    cookies: { keys: ['only for this test'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'read write',
          audience: RESOURCE,
          accessTokenFormat: format,
          accessTokenTTL: 600,
          ...(format === 'jwt' ? { jwt: { sign: { alg: 'ES256' } } } : {}),
        }),
      },
    },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'one' }] },
    scopes: ['read', 'write'],
    ttl: { ClientCredentials: 600 },
  });
  handle = provider.callback();
  return issuer;
}

const planOf = (issuer: string, validation: OAuth2Plan['validation']): OAuth2Plan => ({
  type: 'oauth2',
  issuer,
  resource: RESOURCE,
  audience: RESOURCE,
  scopes: ['read'],
  validation,
  client: { id: CLIENT.clientId, secret: () => CLIENT.clientSecret },
});

describe('with a real authorization server', () => {
  for (const [format, validation] of [
    ['jwt', 'jwks'],
    ['opaque', 'introspection'],
  ] as const) {
    test(`a token that one side fetches opens the other, by ${validation}`, async (t) => {
      const issuer = await startProvider(t, format);
      const ask = await serveBehind(t, planOf(issuer, validation));
      const statusFor = async (scopes: readonly string[]) => {
        const source = createClientCredentials({
          ...CLIENT,
          tokenEndpoint: discoverTokenEndpoint(issuer),
          scopes,
          resource: RESOURCE,
        });
        const token = await source.token();
        assert.equal(token.split('.').length === 3, format === 'jwt');
        return (await ask({ headers: { authorization: `Bearer ${token}` } })).status;
      };
      assert.equal(await statusFor(['read', 'write']), 200);
      assert.equal(await statusFor(['write']), 403);
      const madeUp = { headers: { authorization: 'Bearer made-up' } };
      assert.equal((await ask(madeUp)).status, 401);
      const stranger = createClientCredentials({
        clientId: CLIENT.clientId,
        clientSecret: 'wrong',
        tokenEndpoint: discoverTokenEndpoint(issuer),
      });
      await assert.rejects(stranger.token(), {
        code: 'UPSTREAM_REJECTED',
        message: /invalid_client/,
      });
    });
  }
});
