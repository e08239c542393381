import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { AccessOptions } from '../../src/access/check.ts';
import { metadataUrls } from '../../src/access/discovery.ts';
import type { OAuth2Plan } from '../../src/access/plan.ts';
import {
  audiencesOf,
  metadataPath,
  metadataUrl,
  resourceAt,
  resourceMetadata,
} from '../../src/access/resource-metadata.ts';
import { type Closer, closedOrigin, type Handler } from '../support/upstream.ts';
import { RESOURCE, startIssuer, type TestIssuer } from './issuer.ts';
import { basic, serveBehind } from './serving.ts';

const planOf = (issuer: string, changes: Partial<OAuth2Plan> = {}): OAuth2Plan => ({
  type: 'oauth2',
  issuer,
  resource: RESOURCE,
  audience: RESOURCE,
  scopes: ['read'],
  validation: 'jwks',
  ...changes,
});

async function serve(
  t: Closer,
  issuer: TestIssuer,
  options: AccessOptions = {},
  changes: Partial<OAuth2Plan> = {},
) {
  const ask = await serveBehind(t, planOf(issuer.uri, changes), options);
  return (token: string) => ask({ headers: { authorization: `Bearer ${token}` } });
}

describe('oauth2 by JWKS', () => {
  test('a request without a token is told what to bring', async (t) => {
    const issuer = await startIssuer(t);
    const ask = await serveBehind(t, planOf(issuer.uri, { scopes: ['read', 'write'] }), {
      at: { audiences: [RESOURCE], metadataUrl: metadataUrl(RESOURCE), scopes: [] },
    });
    for (const headers of [{}, { authorization: basic('a:b') }]) {
      const reply = await ask({ headers });
      assert.equal(reply.status, 401);
      assert.equal(reply.code, 'UNAUTHENTICATED');
      assert.deepEqual(reply.challenges, [
        'Bearer realm="naftiko", scope="read write", resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1"',
      ]);
    }
    assert.equal(issuer.server.requests.length, 0);
  });

  test('what begins as a bearer token and is none is malformed', async (t) => {
    const issuer = await startIssuer(t);
    const ask = await serveBehind(t, planOf(issuer.uri));
    for (const authorization of ['Bearer', 'bearer  ', 'Bearer a b', 'Bearer a,b', 'Bearer =a']) {
      const reply = await ask({ headers: { authorization } });
      assert.deepEqual([reply.status, reply.code], [400, 'REQUEST_INVALID'], authorization);
      assert.match(reply.challenges.join(), /^Bearer realm="naftiko", error="invalid_request"/);
    }
    assert.equal(issuer.server.requests.length, 0);
  });

  test('right tokens of every algorithm come in', async (t) => {
    const issuer = await startIssuer(t);
    const send = await serve(t, issuer, { cooldownMs: 0 });
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
      await issuer.rotate(algorithm, algorithm);
      assert.equal((await send(await issuer.token())).status, 200, algorithm);
    }
    const now = Math.floor(Date.now() / 1000);
    const fine: [Readonly<Record<string, unknown>>, object?][] = [
      [{ aud: ['other', RESOURCE] }],
      [{ scope: undefined, scp: 'read' }],
      [{ scope: undefined, scp: ['x', 'read'] }],
      [{ scope: 'x', scp: ['read'] }],
      [{ exp: now - 20 }],
      [{ nbf: now + 20 }],
      [{ iat: now + 5 }],
      [{}, { typ: 'JWT' }],
      [{}, { typ: 'at+jwt' }],
      [{}, { typ: 'application/at+jwt' }],
    ];
    for (const [claims, header] of fine)
      assert.equal(
        (await send(await issuer.token(claims, header))).status,
        200,
        JSON.stringify(claims),
      );
  });

  test('each flaw is refused in its own words', async (t) => {
    const issuer = await startIssuer(t);
    await issuer.rotate('one');
    const send = await serve(t, issuer);
    const now = Math.floor(Date.now() / 1000);
    const right = await issuer.token();
    const [head = '', body = '', signature = ''] = right.split('.');
    const secret = new TextEncoder().encode(JSON.stringify(issuer.keys[0]).padEnd(64));
    const claims = { iss: issuer.uri, aud: RESOURCE, exp: now + 300, scope: 'read' };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const flaws: [string, RegExp][] = [
      [await issuer.token({ exp: now - 60 }), /It has expired\./],
      [await issuer.token({ exp: undefined }), /It has no expiry\./],
      [await issuer.token({ exp: 'soon' }), /Its expiry cannot be read\./],
      [await issuer.token({ nbf: now + 60 }), /It is not valid yet\./],
      [await issuer.token({ iss: 'https://evil.example' }), /It is of another issuer\./],
      [await issuer.token({ iss: undefined }), /It is of another issuer\./],
      [await issuer.token({ aud: 'https://api.example/v2' }), /It is for another audience\./],
      [await issuer.token({ aud: undefined }), /It is for another audience\./],
      [await issuer.token({}, { typ: 'logout+jwt' }), /It is no access token\./],
      [new UnsecuredJWT(claims).encode(), /It is signed in a way that is not accepted\./],
      [
        await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret),
        /It is signed in a way that is not accepted\./,
      ],
      [`${head}.${encode({ ...claims, scope: 'admin' })}.${signature}`, /Its signature is wrong\./],
      [`${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`, /Its signature is wrong\./],
      [
        `${encode({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 })}.${body}.${signature}`,
        /no JSON Web Token/,
      ],
      [`${head}.${body}.`, /Its signature is wrong\.|no JSON Web Token/],
      ['abc', /It is no JSON Web Token that can be read\./],
      ['a.b.c', /It is no JSON Web Token that can be read\./],
      [right.repeat(50), /It is no JSON Web Token that can be read\./],
    ];
    for (const [token, pattern] of flaws) {
      const reply = await send(token);
      assert.equal(reply.status, 401, pattern.source);
      assert.match(reply.message, pattern);
      assert.match(
        reply.challenges.join(),
        /^Bearer realm="naftiko", error="invalid_token", error_description="It/,
      );
    }
    assert.equal((await send(right)).status, 200);
  });

  test('a token of another key pair under a published name is refused', async (t) => {
    const [issuer, other] = [await startIssuer(t), await startIssuer(t)];
    await issuer.rotate('one');
    await other.rotate('one');
    const send = await serve(t, issuer);
    const reply = await send(await other.token({ iss: issuer.uri }));
    assert.equal(reply.status, 401);
    assert.match(reply.message, /Its signature is wrong/);
  });

  test('a token without a scope is forbidden and told which', async (t) => {
    const issuer = await startIssuer(t);
    await issuer.rotate('one');
    const send = await serve(t, issuer, {}, { scopes: ['read', 'admin', 'write'] });
    for (const scope of ['read write', 'readadmin', '', undefined]) {
      const reply = await send(await issuer.token({ scope }));
      assert.equal(reply.status, 403);
      assert.equal(reply.code, 'SCOPE_INSUFFICIENT');
      assert.match(reply.message, /lacks the scope (?:read )?admin/);
      assert.deepEqual(reply.challenges, [
        'Bearer realm="naftiko", error="insufficient_scope", scope="read admin write"',
      ]);
    }
  });

  test('keys are kept, fetched again for a new key, and not for every made-up one', async (t) => {
    const issuer = await startIssuer(t);
    let now = Date.now();
    const send = await serve(t, issuer, { now: () => now });
    await issuer.rotate('one');
    const first = await issuer.token();
    const replies = await Promise.all([1, 2, 3, 4].map(() => send(first)));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(issuer.asked('/keys'), 1);
    await issuer.rotate('two');
    const second = await issuer.token();
    const early = await send(second);
    assert.match(early.message, /signed with a key that the issuer does not publish/);
    assert.equal(issuer.asked('/keys'), 1);
    now += 30_000;
    assert.equal((await send(second)).status, 200);
    assert.equal(issuer.asked('/keys'), 2);
    for (let turn = 0; turn < 5; turn++) {
      const unknown = await issuer.token({}, { kid: `made-up-${turn}` });
      assert.equal((await send(unknown)).status, 401);
    }
    assert.equal(issuer.asked('/keys'), 2);
    issuer.keys = issuer.keys.slice(1);
    now += 100_000;
    assert.equal((await send(await issuer.token({ exp: now / 1000 + 60 }))).status, 200);
    assert.equal(issuer.asked('/keys'), 2);
    now += 600_000;
    const fresh = { exp: Math.floor(now / 1000) + 60 };
    assert.equal((await send(await issuer.token(fresh))).status, 200);
    assert.equal(issuer.asked('/keys'), 3);
    assert.equal((await send(first)).status, 401);
    assert.equal(issuer.asked('/.well-known/oauth-authorization-server'), 1);
  });

  test('keys that were fetched outlive the issuer; without any the check is unavailable', async (t) => {
    let down = true;
    const keys: Handler = (_, response) => {
      response.statusCode = down ? 500 : 200;
      response.end(JSON.stringify({ keys: issuer.keys }));
    };
    const issuer: TestIssuer = await startIssuer(t, { script: { 'GET /keys': keys } });
    await issuer.rotate('one');
    let now = Date.now();
    const send = await serve(t, issuer, { now: () => now });
    const token = await issuer.token({ exp: Math.floor(now / 1000) + 3600 });
    for (let turn = 0; turn < 3; turn++) {
      const reply = await send(token);
      assert.equal(reply.status, 503);
      assert.equal(reply.code, 'AUTHENTICATION_UNAVAILABLE');
      assert.deepEqual(reply.challenges, []);
      assert.doesNotMatch(reply.message, /127\.0\.0\.1|keys/);
    }
    assert.equal(issuer.asked('/keys'), 1);
    down = false;
    now += 5000;
    assert.equal((await send(token)).status, 200);
    down = true;
    now += 700_000;
    assert.equal((await send(token)).status, 200);
    assert.equal(issuer.asked('/keys'), 3);
  });

  test('an issuer that is not there, says something else, or breaks off', async (t) => {
    const nobody = await serveBehind(t, planOf(await closedOrigin()));
    const token = { headers: { authorization: 'Bearer a.b.c' } };
    assert.equal((await nobody(token)).status, 503);
    const wrong: ((origin: string) => object)[] = [
      () => ({ issuer: 'https://other.example' }),
      () => ({ issuer: undefined }),
      () => ({ jwks_uri: undefined }),
      () => ({ jwks_uri: 'file:///etc/passwd' }),
      () => ({ jwks_uri: 7 }),
    ];
    for (const metadata of wrong) {
      const issuer = await startIssuer(t, { metadata });
      assert.equal((await (await serve(t, issuer))('a.b.c')).status, 503, String(metadata));
    }
    const bodies = ['', '[]', 'null', '{"keys": 1}', '<html>', '{'.repeat(2e6)];
    for (const body of bodies) {
      const issuer = await startIssuer(t, {
        script: { 'GET /keys': (_, response) => void response.end(body) },
      });
      assert.equal((await (await serve(t, issuer))('a.b.c')).status, 503, body.slice(0, 20));
    }
    const redirecting = await startIssuer(t, {
      script: {
        'GET /keys': (_, response) => {
          response.writeHead(302, { location: '/elsewhere' });
          response.end();
        },
      },
    });
    assert.equal((await (await serve(t, redirecting))('a.b.c')).status, 503);
    assert.equal(redirecting.asked('/elsewhere'), 0);
  });
});

describe('discovery', () => {
  test('looks where the specifications say, and where others put it', () => {
    assert.deepEqual(metadataUrls('https://id.example/tenant/'), [
      'https://id.example/.well-known/oauth-authorization-server/tenant',
      'https://id.example/.well-known/openid-configuration/tenant',
      'https://id.example/tenant/.well-known/openid-configuration',
      'https://id.example/tenant/.well-known/oauth-authorization-server',
    ]);
    assert.deepEqual(metadataUrls('https://id.example'), [
      'https://id.example/.well-known/oauth-authorization-server',
      'https://id.example/.well-known/openid-configuration',
    ]);
  });

  test('finds the metadata of an issuer with a path at any of them', async (t) => {
    for (const well of metadataUrls('http://x/realms/one').map((url) => url.slice(8))) {
      const issuer = await startIssuer(t, { path: '/realms/one', well });
      await issuer.rotate('one');
      const send = await serve(t, issuer);
      assert.equal((await send(await issuer.token())).status, 200, well);
      assert.equal(issuer.asked(well), 1);
    }
  });

  test('forgives one slash at the end of the issuer', async (t) => {
    const issuer = await startIssuer(t, { metadata: (origin) => ({ issuer: `${origin}/` }) });
    await issuer.rotate('one');
    const send = await serve(t, issuer);
    assert.equal((await send(await issuer.token({ iss: `${issuer.uri}/` }))).status, 200);
    assert.equal((await send(await issuer.token())).status, 200);
    assert.equal((await send(await issuer.token({ iss: `${issuer.uri}//` }))).status, 401);
  });
});

describe('oauth2 by introspection', () => {
  const client = { id: 'gate way', secret: () => 'p:ss/w%rd' };
  const changes = { validation: 'introspection', client } as const;

  async function introspecting(t: Closer, answer: object, status = 200) {
    const issuer = await startIssuer(t, {
      script: {
        'POST /introspect': (_, response) => {
          response.statusCode = status;
          response.end(JSON.stringify(answer));
        },
      },
    });
    return { issuer, send: await serve(t, issuer, {}, changes) };
  }

  test('asks about each token, as a client', async (t) => {
    const active = { active: true, aud: RESOURCE, scope: 'read' };
    const { issuer, send } = await introspecting(t, active);
    assert.equal((await send('opaque+/=')).status, 200);
    assert.equal((await send('opaque+/=')).status, 200);
    const asked = issuer.server.requests.filter(({ url }) => url === '/introspect');
    assert.equal(asked.length, 2);
    assert.equal(asked[0]?.body, 'token=opaque%2B%2F%3D&token_type_hint=access_token');
    assert.equal(asked[0]?.headers.authorization, basic('gate+way:p%3Ass%2Fw%25rd'));
    assert.equal(asked[0]?.headers['content-type'], 'application/x-www-form-urlencoded');
  });

  test('only what is active and meant for this end comes in', async (t) => {
    const now = Math.floor(Date.now() / 1000);
    const right = { active: true, aud: ['x', RESOURCE], scope: 'read', exp: now + 60, nbf: now };
    const cases: [object, number, number?][] = [
      [right, 200],
      [{ ...right, exp: now - 5 }, 200],
      [{ active: false }, 401],
      [{ ...right, active: 'true' }, 401],
      [{ ...right, active: undefined }, 401],
      [{ ...right, aud: undefined }, 401],
      [{ ...right, aud: 'other' }, 401],
      [{ ...right, iss: 'https://other.example' }, 401],
      [{ ...right, exp: now - 60 }, 401],
      [{ ...right, exp: 'x' }, 401],
      [{ ...right, nbf: now + 60 }, 401],
      [{ ...right, scope: 'write' }, 403],
      [right, 503, 401],
      [right, 503, 500],
    ];
    for (const [answer, expected, status] of cases) {
      const { send } = await introspecting(t, answer, status);
      assert.equal((await send('opaque')).status, expected, JSON.stringify([answer, status]));
    }
  });

  test('an issuer without an introspection endpoint makes the check unavailable', async (t) => {
    const issuer = await startIssuer(t, {
      metadata: () => ({ introspection_endpoint: undefined }),
    });
    const send = await serve(t, issuer, {}, changes);
    assert.equal((await send('opaque')).status, 503);
  });
});

test('protected resource metadata', () => {
  const plan = planOf('https://id.example', { scopes: ['a'] });
  assert.deepEqual(resourceMetadata(plan), {
    resource: RESOURCE,
    authorization_servers: ['https://id.example'],
    scopes_supported: ['a'],
    bearer_methods_supported: ['header'],
  });
  assert.equal(metadataPath('https://a.example/'), '/.well-known/oauth-protected-resource');
  assert.equal(
    metadataPath('https://a.example/x/mcp'),
    '/.well-known/oauth-protected-resource/x/mcp',
  );
  assert.equal(metadataUrl('http://a:1/m'), 'http://a:1/.well-known/oauth-protected-resource/m');
});

test('the identifier of an endpoint takes the place of another of the same expose', () => {
  const paths = ['/mcp', '/x/mcp', '/y/mcp'];
  const at = (resource: string, path: string): string => resourceAt(resource, path, paths);
  assert.equal(at('https://a.example/mcp', '/mcp'), 'https://a.example/mcp');
  assert.equal(at('https://a.example/mcp', '/x/mcp'), 'https://a.example/x/mcp');
  assert.equal(at('https://a.example/x/mcp/', '/x/mcp'), 'https://a.example/x/mcp/');
  assert.equal(at('https://a.example/x/mcp', '/y/mcp'), 'https://a.example/y/mcp');
  assert.equal(at('https://a.example/gate/mcp?t=1', '/x/mcp'), 'https://a.example/gate/x/mcp?t=1');
  assert.equal(at('https://a.example', '/x/mcp'), 'https://a.example');
  assert.equal(at('https://a.example/v1', '/mcp'), 'https://a.example/v1');
});

test('a token names the resource as its client spells it, or the one audience of the author', () => {
  const plan = planOf('https://id.example', { resource: 'https://a.example' });
  const bare = ['https://a.example', 'https://a.example/'];
  assert.deepEqual(audiencesOf({ ...plan, audience: plan.resource }), bare);
  assert.deepEqual(audiencesOf({ ...plan, audience: 'api://one' }, 'https://a.example/mcp'), [
    'api://one',
  ]);
});
