import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { capability, whole } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

const binds = [{ namespace: 'env', keys: { SECRET: 'SECRET' } }];
const environment = { SECRET: 'hunter2' };
const operations = { list: { route: 'GET /items', output: [...whole] } };

test('oauth2: one token serves many callers, and is renewed when it is refused', async (t) => {
  let issued = 0;
  let good = '';
  const forms: string[] = [];
  const upstream = await startUpstream(t, {
    'POST /token': (request, response) => {
      forms.push(`${request.headers.authorization} ${request.body}`);
      issued += 1;
      good = `token-${issued}`;
      response.setHeader('content-type', 'application/json');
      setTimeout(
        () =>
          response.end(
            JSON.stringify({ access_token: good, expires_in: 3600, token_type: 'Bearer' }),
          ),
        20,
      );
    },
    'GET /items': (request, response) => {
      response.statusCode = request.headers.authorization === `Bearer ${good}` ? 200 : 401;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: response.statusCode }));
    },
  });
  const authentication = {
    type: 'oauth2',
    tokenEndpoint: `${upstream.origin}/token`,
    clientId: 'me',
    clientSecret: '{{SECRET}}',
    scopes: ['read'],
  };
  const { rest } = await startGateway(
    t,
    capability({ operations, binds, consumes: { authentication } }),
    {
      upstream: upstream.origin,
      environment,
    },
  );
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async () => (await fetch(`${rest}/items`)).status),
  );
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(issued, 1);
  const basic = Buffer.from('me:hunter2').toString('base64');
  assert.deepEqual(forms, [`Basic ${basic} grant_type=client_credentials&scope=read`]);
  good = 'revoked';
  assert.equal((await fetch(`${rest}/items`)).status, 200);
  assert.equal(issued, 2);
});

test('digest: the challenge is answered once, and kept for the next request', async (t) => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  let challenges = 0;
  const upstream = await startUpstream(t, (request, response) => {
    const given = request.headers.authorization ?? '';
    const field = (name: string): string =>
      new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(given)?.[1] ?? '';
    const expected = md5(
      [
        md5('u:things:hunter2'),
        field('nonce'),
        field('nc'),
        field('cnonce'),
        'auth',
        md5(`${request.method}:${request.url}`),
      ].join(':'),
    );
    const isRight = field('nonce') === 'n1' && field('response') === expected;
    response.statusCode = isRight ? 200 : 401;
    if (!isRight) {
      challenges += 1;
      response.setHeader('www-authenticate', 'Digest realm="things", nonce="n1", qop="auth"');
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ nc: field('nc') }));
  });
  const serve = (password: string) =>
    startGateway(
      t,
      capability({
        operations,
        binds,
        consumes: { authentication: { type: 'digest', username: 'u', password } },
      }),
      { upstream: upstream.origin, environment },
    );
  const { rest } = await serve('{{SECRET}}');
  for (const nc of ['00000001', '00000002', '00000003'])
    assert.deepEqual(await (await fetch(`${rest}/items`)).json(), { nc });
  assert.equal(challenges, 1);
  const wrong = await serve('wrong');
  assert.equal((await fetch(`${wrong.rest}/items`)).status, 401);
  assert.equal(challenges, 3);
});

test('a token that cannot be had is a failure of the consumed API, without its secret', async (t) => {
  const upstream = await startUpstream(t, {
    'POST /token': { status: 401, body: { error: 'invalid_client' } },
  });
  const authentication = {
    type: 'oauth2',
    tokenEndpoint: `${upstream.origin}/token`,
    clientId: 'me',
    clientSecret: '{{SECRET}}',
  };
  const { rest } = await startGateway(
    t,
    capability({ operations, binds, consumes: { authentication } }),
    {
      upstream: upstream.origin,
      environment,
    },
  );
  const response = await fetch(`${rest}/items`);
  const text = await response.text();
  assert.equal(response.status, 502);
  assert.match(text, /gave no access token/);
  assert.ok(!text.includes('hunter2'));
});
