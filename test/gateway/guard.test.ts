import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialize, sendRaw } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { converse, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const text = capability({ operations: { items: { route: 'GET /items' } } });

test('a foreign Host or Origin is refused on both faces before anything else', async (t) => {
  const upstream = await startUpstream(t, {});
  const { rest, mcp } = await startGateway(t, text, { upstream: upstream.origin });
  const calls = [
    (headers: Record<string, string>) => send(rest, '/items', { headers }),
    (headers: Record<string, string>) => send(rest, '/nothing', { headers }),
    (headers: Record<string, string>) => send(rest, '/items', { method: 'OPTIONS', headers }),
    (headers: Record<string, string>) => sendRaw(mcp, initialize(), headers),
  ];
  for (const call of calls) {
    for (const headers of [
      { host: 'evil.example' },
      { host: 'evil.example:8080' },
      { host: '127.0.0.1.evil.example' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost.evil.example' },
    ] as Record<string, string>[]) {
      const { status, headers: answered, text } = await call(headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.equal(answered['content-type'], 'application/problem+json');
      assert.match(text, /"code":"FORBIDDEN_ORIGIN"/);
      assert.equal(answered['access-control-allow-origin'], undefined);
    }
  }
  assert.equal(upstream.requests.length, 0);
  for (const headers of [
    { host: 'localhost:1234' },
    { host: '[::1]' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://127.0.0.1' },
  ] as Record<string, string>[]) {
    assert.equal((await send(rest, '/items', { headers })).status, 404, 'of the upstream');
    assert.equal((await sendRaw(mcp, initialize(), headers)).status, 200);
  }
  assert.match(await converse(rest, 'GET /items HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 403 /);
  assert.match(await converse(rest, 'GET /items HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('hosts and origins can be allowed', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
  const { rest, mcp } = await startGateway(t, text, {
    upstream: upstream.origin,
    allowedHosts: ['api.example'],
    allowedOrigins: ['https://app.example'],
  });
  const headers = { host: 'api.example', origin: 'https://app.example' };
  assert.equal((await send(rest, '/items', { headers })).status, 200);
  assert.equal((await sendRaw(mcp, initialize(), headers)).status, 200);
  const other = { origin: 'https://other.example' };
  assert.equal((await send(rest, '/items', { headers: other })).status, 403);
});

describe('CORS', () => {
  const origin = 'https://app.example';
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,mcp-session-id',
    },
  };

  test('an allowed origin gets its preflight answered, on both faces and any path', async (t) => {
    const upstream = await startUpstream(t, {});
    const { rest, mcp } = await startGateway(
      t,
      capability({ operations: { ask: { route: 'OPTIONS /items' } } }),
      { upstream: upstream.origin, allowedOrigins: ['https://APP.example:443/'] },
    );
    const url = new URL(mcp);
    for (const [at, path] of [
      [rest, '/items'],
      [rest, '/other'],
      [url.origin, url.pathname],
    ] as const) {
      const { status, headers, text } = await send(at, path, preflight);
      assert.equal(status, 204);
      assert.equal(text, '');
      assert.equal(headers['access-control-allow-origin'], origin);
      assert.equal(
        headers['access-control-allow-methods'],
        'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      );
      assert.equal(headers['access-control-allow-headers'], 'content-type,mcp-session-id');
      assert.equal(headers['access-control-max-age'], '600');
      assert.equal(headers['access-control-allow-credentials'], undefined);
      assert.equal(headers.vary, 'Origin, Access-Control-Request-Headers');
    }
    assert.equal(upstream.requests.length, 0);
    const asked = await send(rest, '/items', { method: 'OPTIONS', headers: { origin } });
    assert.equal(asked.status, 404, 'without a requested method it is no preflight');
    assert.equal(upstream.requests.length, 1);
  });

  test('every answer says who may read it, and names Vary beside that of the upstream', async (t) => {
    const upstream = await startUpstream(t, {
      'GET /items': { body: [], headers: { vary: 'Accept', 'www-authenticate': ['A', 'B'] } },
      'GET /mapped': { body: { name: 'x' }, headers: { vary: 'Accept' } },
    });
    const { rest, mcp } = await startGateway(
      t,
      capability({
        operations: {
          items: { route: 'GET /items' },
          mapped: { route: 'GET /mapped', output: [{ type: 'string', mapping: '$.name' }] },
        },
      }),
      { upstream: upstream.origin, allowedOrigins: [origin] },
    );
    for (const path of ['/items', '/mapped', '/nothing']) {
      const { headers } = await send(rest, path, { headers: { origin } });
      assert.equal(headers['access-control-allow-origin'], origin, path);
      assert.match(
        headers['access-control-expose-headers'] as string,
        /^Mcp-Session-Id, WWW-Authenticate, /,
      );
      assert.equal(headers.vary, path === '/nothing' ? 'Origin' : 'Origin, Accept');
    }
    const none = await send(rest, '/items');
    assert.equal(none.headers['www-authenticate'], 'A, B', 'no header of two is lost');
    assert.equal(none.headers['access-control-allow-origin'], undefined);
    assert.equal(none.headers.vary, 'Origin, Accept', 'caches must know without an origin, too');
    const session = await sendRaw(mcp, initialize(), { origin });
    assert.equal(session.status, 200);
    assert.equal(session.headers['access-control-allow-origin'], origin);
    assert.ok(session.headers['mcp-session-id']);
    assert.equal(session.headers.vary, 'Origin');
    const loopback = await send(rest, '/items', { headers: { origin: 'http://localhost:1' } });
    assert.equal(loopback.status, 200);
    assert.equal(loopback.headers['access-control-allow-origin'], undefined);
  });

  test('every origin may be allowed; without any there is no word of CORS', async (t) => {
    const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
    const open = await startGateway(t, text, {
      upstream: upstream.origin,
      allowedOrigins: ['*'],
    });
    const answer = await send(open.rest, '/items', { headers: { origin } });
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.equal(answer.headers.vary, undefined);
    const plain = await startGateway(t, text, { upstream: upstream.origin });
    const { headers } = await send(plain.rest, '/items', {
      headers: { origin: 'http://localhost:1' },
    });
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers.vary, undefined);
    const refused = await send(plain.rest, '/items', preflight);
    assert.equal(refused.status, 403);
  });
});
