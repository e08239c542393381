import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send } from '../support/http.ts';
import { connectNewer } from '../support/newer-agent.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

const text = capability({
  operations: { items: { route: 'GET /items' }, other: { route: 'GET /other' } },
});

type Face = { readonly type: string; limits?: object } & Record<string, unknown>;

/** The capability with limits: on an expose by its type, and on the first operation and tool. */
function limited(on: Partial<Record<'rest' | 'mcp' | 'operation' | 'tool', object>>): string {
  const document = JSON.parse(text) as { capability: { exposes: Face[] } };
  for (const face of document.capability.exposes) {
    const limits = on[face.type as 'rest' | 'mcp'];
    if (limits !== undefined) face.limits = limits;
    const [resource] = (face.resources ?? []) as { operations: Face[] }[];
    if (resource?.operations[0] !== undefined && on.operation !== undefined)
      resource.operations[0].limits = on.operation;
    const [tool] = (face.tools ?? []) as Face[];
    if (tool !== undefined && on.tool !== undefined) tool.limits = on.tool;
  }
  return JSON.stringify(document);
}

const api = (t: Closer) =>
  startUpstream(t, (_, response) => {
    response.setHeader('content-type', 'application/json').end('{"a":1}');
  });

test('REST answers 429 to who asks too often, and says when to come again', bounded, async (t) => {
  const upstream = await api(t);
  const rateLimit = [{ requests: 2, perSeconds: 3600 }];
  const { rest } = await startGateway(t, text, { upstream: upstream.origin, rateLimit });
  const first = await send(rest, '/items');
  assert.equal(first.status, 200);
  assert.equal(first.headers['ratelimit-policy'], '"gateway";q=2;w=3600');
  assert.match(String(first.headers.ratelimit), /^"gateway";r=1;t=3(600|5\d\d)$/);
  await send(rest, '/other');
  const refused = await send(rest, '/items');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['content-type'], 'application/problem+json');
  const seconds = Number(refused.headers['retry-after']);
  assert.ok(seconds > 3500 && seconds <= 3600, `${seconds}`);
  assert.match(String(refused.headers.ratelimit), /^"gateway";r=0;/);
  const problem = refused.json() as Record<string, unknown>;
  assert.equal(problem.code, 'RATE_LIMITED');
  assert.equal(problem.retryAfter, seconds);
  assert.match(String(problem.detail), /^Each caller may send 2 requests in an hour/);
  assert.equal(upstream.requests.length, 2);
});

test('behind proxies each client is counted by itself', bounded, async (t) => {
  const upstream = await api(t);
  const rateLimit = [{ requests: 1, perSeconds: 3600 }];
  const given = { upstream: upstream.origin, rateLimit };
  const { rest } = await startGateway(t, text, { ...given, trustProxy: 1 });
  const as = async (address: string, origin = rest) =>
    (await send(origin, '/items', { headers: { 'x-forwarded-for': address } })).status;
  assert.deepEqual(
    [await as('1.1.1.1'), await as('2.2.2.2'), await as('9.9.9.9, 1.1.1.1')],
    [200, 200, 429],
  );
  const { rest: bare } = await startGateway(t, text, given);
  assert.deepEqual([await as('1.1.1.1', bare), await as('2.2.2.2', bare)], [200, 429]);
});

test('a tool answers with an error that an agent can read, in both eras', bounded, async (t) => {
  const upstream = await api(t);
  const rateLimit = [{ requests: 3, perSeconds: 3600 }];
  const { mcp, rest } = await startGateway(t, text, { upstream: upstream.origin, rateLimit });
  const agent = await connectAgent(t, mcp);
  await agent.listTools();
  await agent.callTool({ name: 'items', arguments: {} });
  const newer = await connectNewer(t, mcp, { pin: '2026-07-28' });
  await newer.callTool({ name: 'items', arguments: {} });
  assert.equal((await send(rest, '/items')).status, 200, 'one count for both faces');
  for (const client of [agent, newer]) {
    const result = await client.callTool({ name: 'items', arguments: {} });
    assert.equal(result.isError, true);
    assert.match(
      textOf(result),
      /^RATE_LIMITED \(429\): Each caller may send 3 requests in an hour, and you have\. Try again in \d+ s\./,
    );
  }
  assert.equal((await agent.listTools()).tools.length, 2, 'what costs nothing is not counted');
});

test('a file limits an expose, and one operation or tool of it', bounded, async (t) => {
  const upstream = await api(t);
  const three = { requests: 3, per: '1h' };
  const one = { requests: 1, per: 'PT1H', by: 'all' };
  const file = limited({ rest: three, operation: one, tool: one });
  const { rest, mcp } = await startGateway(t, file, { upstream: upstream.origin });
  const first = await send(rest, '/items');
  assert.equal(
    first.headers['ratelimit-policy'],
    '"things-rest GET /items";q=1;w=3600, "things-rest";q=3;w=3600',
  );
  const refused = await send(rest, '/items');
  assert.match(refused.text, /All callers together may send 1 requests in an hour/);
  const others = [1, 2, 3].map(() => send(rest, '/other'));
  const statuses = (await Promise.all(others)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 200, 429], 'what was refused before was not counted');
  const agent = await connectAgent(t, mcp);
  const call = async (name: string) => (await agent.callTool({ name, arguments: {} })).isError;
  assert.deepEqual(
    [await call('items'), await call('items'), await call('other'), await call('other')],
    [undefined, true, undefined, undefined],
  );
});

test('where nothing is limited, nothing is said of limits', bounded, async (t) => {
  const upstream = await api(t);
  const { rest } = await startGateway(t, text, { upstream: upstream.origin });
  const { headers } = await send(rest, '/items');
  assert.equal(headers.ratelimit, undefined);
  const only = await startGateway(t, limited({ mcp: { requests: 1, per: '1h' } }), {
    upstream: upstream.origin,
  });
  assert.equal((await send(only.rest, '/items')).headers.ratelimit, undefined);
});
