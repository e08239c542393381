import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { type RawAnswer, rpc, sendRaw } from '../support/agent.ts';
import { MACHINE, startAuthority } from '../support/authority.ts';
import { send } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { startGuarded } from './oauth-gateway.ts';

const ALL = 'items:read items:write items:admin';
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

const challengeOf = ({ headers }: RawAnswer): string => headers['www-authenticate'] ?? '';
const resultOf = ({ text }: RawAnswer): Record<string, unknown> =>
  (JSON.parse(text) as { result: Record<string, unknown> }).result;

/** Names of what a list holds. */
const namesOf = (answer: RawAnswer, what: string): readonly string[] =>
  (resultOf(answer)[what] as { name: string }[]).map(({ name }) => name);

test('each endpoint says at its well-known place who gives tokens for it', async (t) => {
  const { issuer } = await startAuthority(t);
  const { origin } = await startGuarded(t, issuer);
  const documentAt = async (path: string): Promise<unknown> => {
    const answer = await send(origin, path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers['content-type'], 'application/json');
    return answer.json();
  };
  const document = (path: string): object => ({
    resource: origin + path,
    authorization_servers: [issuer],
    scopes_supported: ALL.split(' '),
    bearer_methods_supported: ['header'],
  });
  assert.deepEqual(await documentAt(`${WELL_KNOWN}/mcp`), document('/mcp'));
  assert.deepEqual(await documentAt(`${WELL_KNOWN}/stock/mcp`), document('/stock/mcp'));
  assert.deepEqual(await documentAt(WELL_KNOWN), document('/mcp'));
  for (const path of ['/mcp', '/stock/mcp']) {
    const refused = await sendRaw(origin + path, rpc('tools/list'));
    assert.equal(refused.status, 401);
    assert.equal(
      challengeOf(refused),
      `Bearer realm="naftiko", scope="items:read", resource_metadata="${origin}${WELL_KNOWN}${path}"`,
    );
  }
});

test('an identifier that is no endpoint covers them all', async (t) => {
  const authority = await startAuthority(t);
  const { origin } = await startGuarded(t, authority.issuer, { resource: (base) => base });
  for (const path of ['', '/mcp', '/stock/mcp']) {
    const { resource } = (await send(origin, WELL_KNOWN + path)).json() as { resource: string };
    assert.equal(resource, origin, path);
  }
  // URL libraries add the slash.
  const token = await authority.token(`${origin}/`, 'items:read');
  for (const path of ['/mcp', '/stock/mcp']) {
    assert.equal((await sendRaw(origin + path, rpc('tools/list'), bearer(token))).status, 200);
  }
});

test('a token opens the endpoint it is made out to, and no other', async (t) => {
  const authority = await startAuthority(t);
  const { origin } = await startGuarded(t, authority.issuer);
  const status = async (path: string, token: string): Promise<number> =>
    (await sendRaw(origin + path, rpc('tools/list'), bearer(token))).status;
  const declared = await authority.token(`${origin}/mcp`, 'items:read');
  assert.deepEqual(
    [await status('/mcp', declared), await status('/stock/mcp', declared)],
    [200, 200],
  );
  const own = await authority.token(`${origin}/stock/mcp`, 'items:read');
  assert.deepEqual([await status('/mcp', own), await status('/stock/mcp', own)], [401, 200]);
  const other = await authority.token('https://other.example/mcp', 'items:read');
  assert.deepEqual([await status('/mcp', other), await status('/stock/mcp', other)], [401, 401]);
});

test('each flaw of a token has its status and its challenge', async (t) => {
  const authority = await startAuthority(t);
  const { mcp, upstream } = await startGuarded(t, authority.issuer);
  const right = { aud: mcp, scope: 'items:read' };
  const token = await authority.signed(right);
  assert.equal((await sendRaw(mcp, rpc('tools/list'), bearer(token))).status, 200);
  const call = rpc('tools/call', { name: 'get-items' });
  const expired = Math.floor(Date.now() / 1000) - 60;
  const unsigned = new UnsecuredJWT({ ...right, iss: authority.issuer, exp: 4e9 }).encode();
  const flaws: readonly (readonly [string, RegExp])[] = [
    [await authority.signed({ ...right, exp: expired }), /It has expired/],
    [await authority.signed({ ...right, iss: 'https://evil.example' }), /of another issuer/],
    [await authority.signed({ ...right, aud: 'https://evil.example' }), /for another audience/],
    [unsigned, /signed in a way that is not accepted/],
  ];
  for (const [flawed, why] of flaws) {
    const refused = await sendRaw(mcp, call, bearer(flawed));
    assert.equal(refused.status, 401);
    assert.match(challengeOf(refused), /error="invalid_token".*scope="items:read".*metadata="http/);
    assert.match(challengeOf(refused), why);
  }
  const malformed: readonly (readonly [string, Record<string, string>])[] = [
    [mcp, { authorization: 'Bearer' }],
    [mcp, { authorization: `Bearer ${token} ${token}` }],
    [mcp, { authorization: 'Bearer a,b' }],
    [`${mcp}?access_token=${token}`, {}],
    [`${mcp}?access_token=${token}`, bearer(token)],
  ];
  for (const [url, headers] of malformed) {
    const refused = await sendRaw(url, call, headers);
    assert.equal(refused.status, 400, JSON.stringify(headers));
    assert.match(challengeOf(refused), /error="invalid_request", error_description=".*metadata="h/);
    assert.ok(!refused.text.includes(token) && !challengeOf(refused).includes(token));
  }
  const short = await sendRaw(mcp, call, bearer(await authority.signed({ aud: mcp, scope: 'x' })));
  assert.equal(short.status, 403);
  assert.match(challengeOf(short), /error="insufficient_scope", scope="items:read"/);
  assert.equal(upstream.requests.length, 0);
});

test('callers see and use what their scopes let them, in both eras', async (t) => {
  const authority = await startAuthority(t);
  const { mcp, upstream } = await startGuarded(t, authority.issuer);
  const small = bearer(await authority.token(mcp, 'items:read items:admin'));
  const large = bearer(await authority.token(mcp, ALL));
  const ask = (method: string, params: object, token: object, name?: string) => [
    sendRaw(mcp, rpc(method, params), { ...token }),
    sendRaw(mcp, modern(method, params), { ...token, ...modernHeaders(method, name) }),
  ];
  const lists = [
    ['tools/list', 'tools', ['get-items'], ['get-items', 'drop-items']],
    ['resources/list', 'resources', ['open', 'shut'], ['open', 'shut']],
    ['prompts/list', 'prompts', [], ['drop']],
  ] as const;
  for (const [method, what, few, all] of lists) {
    for (const answer of await Promise.all(ask(method, {}, small)))
      assert.deepEqual(namesOf(answer, what), few);
    for (const answer of await Promise.all(ask(method, {}, large)))
      assert.deepEqual(namesOf(answer, what), all);
  }
  const [, list] = await Promise.all(ask('tools/list', {}, small));
  const { cacheScope, ttlMs } = resultOf(list as RawAnswer);
  assert.deepEqual([cacheScope, ttlMs], ['private', 0]);
  const [, whole] = await Promise.all(ask('tools/list', {}, large));
  assert.equal(resultOf(whole as RawAnswer).ttlMs, 60_000);

  const beyond = [
    ['tools/call', { name: 'drop-items' }, 'drop-items'],
    ['prompts/get', { name: 'drop' }, 'drop'],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'drop' } }, undefined],
  ] as const;
  for (const [method, params, name] of beyond) {
    for (const refused of await Promise.all(ask(method, params, small, name))) {
      assert.equal(refused.status, 403, method);
      const challenge = challengeOf(refused);
      assert.match(challenge, /^Bearer realm="naftiko", error="insufficient_scope"/);
      assert.match(challenge, /resource_metadata="http:.*\/mcp"$/);
      const scope = /scope="([^"]*)"/.exec(challenge)?.[1]?.split(' ');
      assert.deepEqual(new Set(scope), new Set(ALL.split(' ')));
      const { id, error } = JSON.parse(refused.text) as { id: number; error: { message: string } };
      assert.deepEqual([id, error.message], [1, 'The access token lacks the scope items:write.']);
    }
  }
  const shut = { uri: 'stock://shut' };
  const tiny = bearer(await authority.token(mcp, 'items:read'));
  for (const refused of await Promise.all(ask('resources/read', shut, tiny, shut.uri)))
    assert.equal(refused.status, 403);
  const listen = { notifications: { resourceSubscriptions: [shut.uri] } };
  const [, deaf] = await Promise.all(ask('subscriptions/listen', listen, tiny));
  assert.equal(deaf?.status, 403);
  assert.equal(upstream.requests.length, 0);

  for (const done of await Promise.all(
    ask('tools/call', { name: 'drop-items' }, large, 'drop-items'),
  ))
    assert.match(done.text, /gone/);
  assert.equal(upstream.requests.length, 2);
});

test('a tool needs its scopes under each of its names', async (t) => {
  const authority = await startAuthority(t);
  const { mcp } = await startGuarded(t, authority.issuer, { toolNames: 'snake' });
  const small = bearer(await authority.token(mcp, 'items:read'));
  const large = bearer(await authority.token(mcp, ALL));
  for (const name of ['drop-items', 'drop_items']) {
    const call = rpc('tools/call', { name });
    assert.equal((await sendRaw(mcp, call, small)).status, 403, name);
    assert.match((await sendRaw(mcp, call, large)).text, /gone/);
  }
  const listed = await sendRaw(mcp, rpc('tools/list'), small);
  assert.deepEqual(namesOf(listed, 'tools'), ['get_items']);
});

test('in a batch a call beyond the scopes is an error, and the others are answered', async (t) => {
  const authority = await startAuthority(t);
  const { mcp, upstream } = await startGuarded(t, authority.issuer);
  const token = bearer(await authority.token(mcp, 'items:read'));
  const batch = [
    rpc('tools/call', { name: 'get-items' }, 1),
    rpc('tools/call', { name: 'drop-items' }, 2),
    rpc('resources/read', { uri: 'stock://shut' }, 3),
  ];
  const answer = await sendRaw(mcp, batch, token);
  assert.equal(answer.status, 200);
  const byId = new Map(
    (JSON.parse(answer.text) as { id: number; error?: { data: object } }[]).map((one) => [
      one.id,
      one,
    ]),
  );
  assert.equal(byId.get(1)?.error, undefined);
  assert.deepEqual(byId.get(2)?.error?.data, {
    code: 'SCOPE_INSUFFICIENT',
    scopes: ['items:write', 'items:admin'],
  });
  assert.deepEqual(byId.get(3)?.error?.data, {
    code: 'SCOPE_INSUFFICIENT',
    scopes: ['items:admin'],
  });
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ['GET'],
  );
});

test('a scope stands for those it includes', async (t) => {
  const authority = await startAuthority(t);
  const scopeIncludes = { 'items:admin': ['items:write'], 'items:write': ['items:read'] };
  const { mcp } = await startGuarded(t, authority.issuer, { authentication: { scopeIncludes } });
  const names = async (scope: string): Promise<readonly string[]> => {
    const token = bearer(await authority.token(mcp, scope));
    return namesOf(await sendRaw(mcp, rpc('tools/list'), token), 'tools');
  };
  assert.deepEqual(await names('items:admin'), ['get-items', 'drop-items']);
  assert.deepEqual(await names('items:write'), ['get-items']);
});

test('the token of a caller never goes upstream, whatever is forwarded', async (t) => {
  const authority = await startAuthority(t);
  const { mcp, rest, upstream } = await startGuarded(t, authority.issuer, {
    forwardHeaders: ['authorization', 'x-kept'],
  });
  const token = await authority.token(mcp, ALL);
  const ofRest = await authority.token('http://web.example', 'items:read');
  const kept = { 'x-kept': 'yes' };
  const call = { name: 'drop-items' };
  await sendRaw(mcp, rpc('tools/call', call), { ...bearer(token), ...kept });
  const headers = { ...bearer(token), ...kept, ...modernHeaders('tools/call', 'drop-items') };
  await sendRaw(mcp, modern('tools/call', call), headers);
  await sendRaw(mcp, rpc('resources/read', { uri: 'stock://shut' }), bearer(token));
  const answer = await send(rest, '/items', { headers: { ...bearer(ofRest), ...kept } });
  assert.equal(answer.status, 200);
  assert.equal(upstream.requests.length, 4);
  for (const { url, rawHeaders, body } of upstream.requests) {
    const sent = [url, ...rawHeaders, body].join('\n');
    for (const secret of [token, ofRest]) assert.ok(!sent.includes(secret), sent);
    assert.doesNotMatch(sent, /bearer|authorization/i);
  }
  assert.equal(upstream.requests.at(-1)?.headers['x-kept'], 'yes');
});

test('opaque tokens are asked about, and are bound to the resource as well', async (t) => {
  const authority = await startAuthority(t, 'opaque');
  const { mcp } = await startGuarded(t, authority.issuer, {
    authentication: {
      tokenValidation: 'introspection',
      clientId: MACHINE.id,
      clientSecret: MACHINE.secret,
    },
  });
  const token = await authority.token(mcp, 'items:read');
  assert.ok(!token.includes('.'));
  const listed = await sendRaw(mcp, rpc('tools/list'), bearer(token));
  assert.deepEqual(namesOf(listed, 'tools'), ['get-items']);
  const drop = rpc('tools/call', { name: 'drop-items' });
  assert.equal((await sendRaw(mcp, drop, bearer(token))).status, 403);
  const full = await authority.token(mcp, ALL);
  assert.equal((await sendRaw(mcp, drop, bearer(full))).status, 200);
  const other = await authority.token('https://other.example', ALL);
  assert.equal((await sendRaw(mcp, drop, bearer(other))).status, 401);
});
