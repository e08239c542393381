import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGateway, type StartError } from '../../src/gateway/gateway.ts';
import { rpc, sendRaw } from '../support/agent.ts';
import { capabilityFiles, startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const BEARER = { type: 'bearer', token: 'the-token-of-callers' };
const BASIC = { type: 'basic', username: 'ann', password: 'the-password' };
const basic = { authorization: `Basic ${Buffer.from('ann:the-password').toString('base64')}` };
const bearer = { authorization: 'Bearer the-token-of-callers' };

interface Face {
  readonly type: string;
  readonly namespace: string;
  readonly authentication?: object;
  readonly transport?: string;
}

/** Faces of one operation, all on one port where they are of one type. */
function protectedBy(faces: readonly Face[], binds: readonly object[] = []): string {
  const content = (face: Face): object => {
    const name = `get-${face.namespace}`;
    switch (face.type) {
      case 'rest':
        return {
          resources: [
            {
              path: `/${face.namespace}/items`,
              operations: [{ method: 'GET', name, call: 'api.get' }],
            },
          ],
        };
      case 'mcp':
        return { tools: [{ name, description: 'Gets', call: 'api.get' }] };
      case 'skill':
        return { skills: [{ name: 'a-skill', description: 'Nothing in it' }] };
      default:
        return { management: { health: true } };
    }
  };
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    binds,
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [
            { name: 'items', path: '/items', operations: [{ name: 'get', method: 'GET' }] },
          ],
        },
      ],
      exposes: faces.map((face) => ({
        port: 8080,
        ...(face.type === 'mcp' ? { transport: 'http' } : {}),
        ...face,
        ...content(face),
      })),
    },
  });
}

const listed = rpc('tools/list');

test('REST asks for the credential before it says anything of a route', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: ['a'] } });
  const faces = [
    { type: 'rest', namespace: 'shut', authentication: BASIC },
    { type: 'rest', namespace: 'open' },
  ];
  const { rest } = await startGateway(t, protectedBy(faces), { upstream: upstream.origin });
  const refused = await send(rest, '/shut/items');
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['content-type'], 'application/problem+json');
  assert.equal(refused.headers['www-authenticate'], 'Basic realm="naftiko", charset="UTF-8"');
  assert.equal((refused.json() as { code: string }).code, 'UNAUTHENTICATED');
  for (const method of ['DELETE', 'OPTIONS']) {
    const answer = await send(rest, '/shut/items', { method });
    assert.deepEqual([answer.status, answer.headers.allow], [401, undefined]);
  }
  assert.equal(upstream.requests.length, 0);
  assert.equal((await send(rest, '/shut/items', { headers: basic })).text, '["a"]');
  assert.equal((await send(rest, '/shut/items', { method: 'DELETE', headers: basic })).status, 405);
  assert.equal((await send(rest, '/open/items')).status, 200);
  assert.equal((await send(rest, '/open/items', { method: 'DELETE' })).status, 405);
  assert.ok(upstream.requests.every(({ headers }) => headers.authorization === undefined));
});

test('MCP answers with status, challenge and a JSON-RPC error, whatever the spelling of the path', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: ['a'] } });
  const faces = [{ type: 'mcp', namespace: 'shut', authentication: BEARER }];
  const { mcp } = await startGateway(t, protectedBy(faces), { upstream: upstream.origin });
  const origin = new URL(mcp).origin;
  const body = JSON.stringify(listed);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  for (const path of ['/mcp', '/mcp/', '/shut/mcp', '/', '/mcp#x', '/mcp?a', '/shut/mcp#']) {
    for (const method of ['POST', 'GET', 'DELETE']) {
      if (path === '/' && method !== 'POST') continue;
      const answer = await send(origin, path, { method, headers, body });
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="naftiko"');
      const { jsonrpc, error } = answer.json() as { jsonrpc: string; error: { message: string } };
      assert.deepEqual(
        [jsonrpc, error.message],
        ['2.0', 'This needs a token: send it as Authorization: Bearer.'],
      );
    }
  }
  const let_in = await sendRaw(mcp, listed, bearer);
  assert.equal(let_in.status, 200);
  assert.match(let_in.text, /get-shut/);
});

test('MCP exposes with different callers have no common endpoint, and that is said', async (t) => {
  const faces = [
    { type: 'mcp', namespace: 'one', authentication: BEARER },
    { type: 'mcp', namespace: 'two', authentication: BASIC },
  ];
  const { gateway, mcp } = await startGateway(t, protectedBy(faces));
  const origin = new URL(mcp).origin;
  assert.equal((await sendRaw(`${origin}/mcp`, listed, bearer)).status, 404);
  assert.equal((await sendRaw(`${origin}/`, listed, bearer)).status, 404);
  assert.equal((await sendRaw(`${origin}/one/mcp`, listed, bearer)).status, 200);
  assert.equal((await sendRaw(`${origin}/one/mcp`, listed, basic)).status, 401);
  assert.equal((await sendRaw(`${origin}/two/mcp`, listed, basic)).status, 200);
  assert.equal((await sendRaw(`${origin}/two/mcp`, listed)).status, 401);
  const said = gateway.findings.map(({ code, severity }) => `${severity} ${code}`);
  assert.deepEqual(said, ['warning MCP_CONFLICT']);
  const same = faces.map((face) => ({ ...face, authentication: BEARER }));
  const both = await startGateway(t, protectedBy(same));
  assert.match((await sendRaw(both.mcp, listed, bearer)).text, /get-one.*get-two/);
  assert.equal((await sendRaw(both.mcp, listed)).status, 401);
});

test('skills and control ask for the credential too', async (t) => {
  const faces = [
    { type: 'rest', namespace: 'open' },
    { type: 'skill', namespace: 'skills', authentication: BEARER },
    { type: 'control', namespace: 'control', authentication: BASIC },
  ];
  const { gateway } = await startGateway(t, protectedBy(faces), {
    ports: { skills: 0, control: 0 },
  });
  const [, skills, control] = gateway.listeners.map(({ port }) => `http://127.0.0.1:${port}`);
  assert.equal((await send(skills as string, '/skills')).status, 401);
  assert.equal((await send(skills as string, '/skills', { headers: bearer })).status, 200);
  assert.equal((await send(control as string, '/health/live')).status, 401);
  assert.equal((await send(control as string, '/health/live', { headers: basic })).status, 200);
});

test('clients find the authorization server of an MCP expose without a token', async (t) => {
  const authentication = {
    type: 'oauth2',
    authorizationServerUri: 'http://127.0.0.1:9/issuer',
    resource: 'http://127.0.0.1:8080/mcp',
    scopes: ['read'],
  };
  const { mcp } = await startGateway(
    t,
    protectedBy([{ type: 'mcp', namespace: 'shut', authentication }]),
  );
  const refused = await sendRaw(mcp, listed);
  assert.equal(refused.status, 401);
  const at = /resource_metadata="([^"]+)"/.exec(refused.headers['www-authenticate'] ?? '')?.[1];
  const { pathname } = new URL(at as string);
  const answer = await send(new URL(mcp).origin, pathname);
  assert.deepEqual(answer.json(), {
    resource: 'http://127.0.0.1:8080/mcp',
    authorization_servers: ['http://127.0.0.1:9/issuer'],
    scopes_supported: ['read'],
    bearer_methods_supported: ['header'],
  });
});

test('a secret that is empty, missing or never filled in refuses the start, also with a mock', async (t) => {
  const binds = [{ namespace: 'env', keys: { TOKEN: 'CALLERS_TOKEN' } }];
  const start = async (token: string, environment: Record<string, string>, mock = false) => {
    const authentication = { type: 'bearer', token };
    const text = protectedBy([{ type: 'rest', namespace: 'shut', authentication }], binds);
    const files = await capabilityFiles(t, text);
    const outcome = await createGateway({ files, restPort: 0, environment, mock }).catch(
      (thrown: unknown) => thrown as StartError,
    );
    if ('stop' in outcome) await outcome.stop();
    return outcome.findings
      .filter(({ severity }) => severity === 'error')
      .map(({ code, pointer }) => `${code} ${pointer.replace('/capability/exposes/0', '')}`);
  };
  const at = '/authentication/token';
  assert.deepEqual(await start('{{TOKEN}}', {}), [`VARIABLE_MISSING ${at}`]);
  assert.deepEqual(await start('{{TOKEN}}', {}, true), [`VARIABLE_MISSING ${at}`]);
  assert.deepEqual(await start('{{TOKEN}}', { CALLERS_TOKEN: ' ' }), [
    `AUTHENTICATION_INCOMPLETE ${at}`,
  ]);
  assert.deepEqual(await start('', {}), ['AUTHENTICATION_INCOMPLETE /authentication']);
  assert.deepEqual(await start('$env.TOKEN', {}), [`AUTHENTICATION_INCOMPLETE ${at}`]);
  assert.deepEqual(await start('{{TOKEN}}', { CALLERS_TOKEN: 'x' }), []);
});
