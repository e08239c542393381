import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ClientCredentialsOptions,
  createClientCredentials,
  discoverTokenEndpoint,
  sendWithToken,
} from '../../src/access/client-credentials.ts';
import { createFetchJson, type FetchJson } from '../../src/access/fetch-json.ts';
import type { GatewayError } from '../../src/errors.ts';
import { type Closer, closedOrigin, type Handler, startUpstream } from '../support/upstream.ts';
import { startIssuer } from './issuer.ts';
import { basic } from './serving.ts';

const CLIENT = { clientId: 'gate way', clientSecret: 'p:ss/w%rd' };

/** A token endpoint that numbers its tokens, and a source that uses it. */
async function startTokens(
  t: Closer,
  options: Partial<ClientCredentialsOptions> = {},
  handler?: Handler,
) {
  let issued = 0;
  const number: Handler = (_, response) => {
    issued += 1;
    response.end(
      JSON.stringify({ access_token: `token-${issued}`, token_type: 'Bearer', expires_in: 100 }),
    );
  };
  const server = await startUpstream(t, handler ?? number);
  const source = createClientCredentials({
    ...CLIENT,
    tokenEndpoint: `${server.origin}/token`,
    ...options,
  });
  return { server, source };
}

const failed = (promise: Promise<unknown>): Promise<GatewayError> =>
  promise.then(
    () => assert.fail('no failure'),
    (error: GatewayError) => error,
  );

/** Lets what was started in the background end. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('client credentials', () => {
  test('asks as RFC 6749 says, with the secret encoded as Basic', async (t) => {
    const { server, source } = await startTokens(t, { scopes: ['a', 'b'], audience: 'api' });
    assert.equal(await source.token(), 'token-1');
    const [request] = server.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(request?.headers.authorization, basic('gate+way:p%3Ass%2Fw%25rd'));
    assert.equal(request?.body, 'grant_type=client_credentials&scope=a+b&audience=api');
  });

  test('can send the secret in the body, and a resource', async (t) => {
    const resource = 'https://api.example/';
    const { server, source } = await startTokens(t, { secretInBody: true, resource });
    await source.token();
    const [request] = server.requests;
    assert.equal(request?.headers.authorization, undefined);
    assert.equal(
      request?.body,
      'grant_type=client_credentials&resource=https%3A%2F%2Fapi.example%2F&client_id=gate+way&client_secret=p%3Ass%2Fw%25rd',
    );
  });

  test('one request serves all who wait, and all who come while it lasts', async (t) => {
    let now = 0;
    const { server, source } = await startTokens(t, { now: () => now });
    const tokens = await Promise.all(Array.from({ length: 50 }, () => source.token()));
    assert.deepEqual([...new Set(tokens)], ['token-1']);
    now = 79_999;
    assert.equal(await source.token(), 'token-1');
    assert.equal(server.requests.length, 1);
  });

  test('renews before the end while the old one is still handed out', async (t) => {
    let now = 0;
    const { server, source } = await startTokens(t, { now: () => now });
    await source.token();
    now = 80_000;
    assert.deepEqual(await Promise.all([source.token(), source.token()]), ['token-1', 'token-1']);
    await until(() => server.requests.length === 2);
    while ((await source.token()) === 'token-1') await new Promise(setImmediate);
    assert.equal(await source.token(), 'token-2');
    now = 400_000;
    assert.equal(await source.token(), 'token-3');
    assert.equal(server.requests.length, 3);
  });

  test('an early renewal that fails costs nobody anything', async (t) => {
    let now = 0;
    let asked = 0;
    let answered = 0;
    const fetchJson: FetchJson = (url, request) =>
      createFetchJson()(url, request).finally(() => {
        answered += 1;
      });
    const { source } = await startTokens(t, { now: () => now, fetchJson }, (_, response) => {
      asked += 1;
      response.statusCode = asked === 2 ? 503 : 200;
      response.end(JSON.stringify({ access_token: `token-${asked}`, expires_in: 100 }));
    });
    assert.equal(await source.token(), 'token-1');
    now = 85_000;
    assert.equal(await source.token(), 'token-1');
    await until(() => answered === 2);
    await new Promise(setImmediate);
    assert.equal(await source.token(), 'token-1');
    now = 100_000;
    assert.equal(await source.token(), 'token-3');
  });

  test('failures are told apart, shown without secrets, and not kept', async (t) => {
    const answers: [number, unknown, string, RegExp][] = [
      [
        401,
        { error: 'invalid_client', error_description: 'p:ss' },
        'UPSTREAM_REJECTED',
        /\(401, invalid_client\)\. Check clientId and clientSecret\./,
      ],
      [400, { error: 'invalid_scope' }, 'UPSTREAM_REJECTED', /Check scopes/],
      [400, { error: '<script>' }, 'UPSTREAM_REJECTED', /no access token \(400\)\.$/],
      [302, {}, 'UPSTREAM_REJECTED', /\(302\)/],
      [503, {}, 'UPSTREAM_UNUSABLE', /\(503\)/],
      [200, {}, 'UPSTREAM_UNUSABLE', /without a bearer token/],
      [200, { access_token: 7 }, 'UPSTREAM_UNUSABLE', /without a bearer token/],
      [200, { access_token: 'a\r\nX: y' }, 'UPSTREAM_UNUSABLE', /without a bearer token/],
      [
        200,
        { access_token: 'a', token_type: 'mac' },
        'UPSTREAM_UNUSABLE',
        /without a bearer token/,
      ],
    ];
    let answer: { status: number; body: unknown } = { status: 200, body: {} };
    const { source } = await startTokens(t, {}, (_, response) => {
      response.statusCode = answer.status;
      response.end(JSON.stringify(answer.body));
    });
    for (const [status, body, code, pattern] of answers) {
      answer = { status, body };
      const errors = await Promise.all([failed(source.token()), failed(source.token())]);
      for (const error of errors) {
        assert.equal(error.code, code);
        assert.match(error.message, pattern);
        assert.doesNotMatch(error.message, /p:ss|script|127\.0\.0\.1/);
      }
    }
    answer = { status: 200, body: { access_token: 'fine' } };
    assert.equal(await source.token(), 'fine');
    const tokenEndpoint = `${await closedOrigin()}/token`;
    const nobody = createClientCredentials({ ...CLIENT, tokenEndpoint });
    assert.equal((await failed(nobody.token())).code, 'UPSTREAM_UNREACHABLE');
  });

  test('one who goes away does not take the token from the others', async (t) => {
    let release = (): void => {};
    const { server, source } = await startTokens(t, {}, async (_, response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      response.end('{"access_token":"late"}');
    });
    const leaving = new AbortController();
    const [gone, staying] = [failed(source.token(leaving.signal)), source.token()];
    leaving.abort();
    assert.equal((await gone).code, 'CANCELLED');
    await until(() => server.requests.length === 1);
    release();
    assert.equal(await staying, 'late');
    assert.equal(server.requests.length, 1);
    const away = await failed(
      createClientCredentials({ ...CLIENT, tokenEndpoint: 'http://127.0.0.1:1' }).token(
        AbortSignal.abort(),
      ),
    );
    assert.equal(away.code, 'CANCELLED');
  });

  test('a token turned down is renewed once, for all who held it, and the request repeated once', async (t) => {
    const { server, source } = await startTokens(t);
    const sent: string[] = [];
    const send = (good: string) => async (token: string) => {
      sent.push(token);
      return token === good ? 200 : 401;
    };
    const isRefused = (status: number) => status === 401;
    assert.equal(await sendWithToken(source, send('token-1'), isRefused), 200);
    const both = [1, 2, 3].map(() => sendWithToken(source, send('token-2'), isRefused));
    assert.deepEqual(await Promise.all(both), [200, 200, 200]);
    assert.equal(server.requests.length, 2);
    sent.length = 0;
    assert.equal(await sendWithToken(source, send('never'), isRefused), 401);
    assert.deepEqual(sent, ['token-2', 'token-3']);
  });

  test('the endpoint may come from the metadata of the issuer, read once', async (t) => {
    const issuer = await startIssuer(t, {
      script: {
        'POST /token': (_, response) => void response.end('{"access_token":"x","expires_in":0}'),
      },
    });
    const tokenEndpoint = discoverTokenEndpoint(issuer.uri);
    let now = 0;
    const source = createClientCredentials({ ...CLIENT, tokenEndpoint, now: () => now });
    assert.equal(await source.token(), 'x');
    now = 1e9;
    assert.equal(await source.token(), 'x');
    assert.equal(issuer.asked('/token'), 2);
    assert.equal(issuer.asked('/.well-known/oauth-authorization-server'), 1);
    const none = await startIssuer(t, { metadata: () => ({ token_endpoint: undefined }) });
    const lost = createClientCredentials({
      ...CLIENT,
      tokenEndpoint: discoverTokenEndpoint(none.uri),
    });
    const error = await failed(lost.token());
    assert.equal(error.code, 'UPSTREAM_UNREACHABLE');
    assert.match(String(error.cause), /names no token_endpoint/);
  });
});
