import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { bounded, jsonBody, open, send, until } from '../support/http.ts';
import {
  type Closer,
  type Handler,
  startUpstream,
  type TestUpstream,
} from '../support/upstream.ts';

interface Outline {
  readonly cache?: unknown;
  readonly method?: string;
  readonly consumes?: Readonly<Record<string, unknown>>;
  readonly semantics?: Readonly<Record<string, unknown>>;
}

/** A capability with one list, one item that can be changed, and one that refers to a function. */
function ships({ cache, method = 'GET', consumes = {}, semantics }: Outline = {}): string {
  const own = cache === undefined ? {} : { cache };
  const id = { name: 'id', in: 'path', required: true };
  const change = { name: 'change', in: 'body', type: 'object' };
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'Ships', description: 'Ships' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          ...consumes,
          resources: [
            {
              path: '/ships',
              operations: [
                { name: 'list', method, inputParameters: [{ name: 'flag', in: 'query' }], ...own },
              ],
            },
            {
              path: '/ships/{id}',
              operations: [
                { name: 'get', method: 'GET', inputParameters: [id], ...own },
                { name: 'change', method: 'PATCH', inputParameters: [id, change] },
              ],
            },
          ],
        },
      ],
      ...(semantics === undefined
        ? {}
        : {
            aggregates: [
              {
                label: 'Fleet',
                namespace: 'fleet',
                functions: [{ name: 'all', description: 'All', semantics, call: 'api.list' }],
              },
            ],
          }),
      exposes: [
        {
          type: 'rest',
          namespace: 'rest',
          port: 8080,
          resources: [
            {
              path: '/ships',
              operations: [
                {
                  method,
                  name: 'list',
                  ...(semantics === undefined
                    ? { call: 'api.list', with: { flag: 'rest.flag' } }
                    : { ref: 'fleet.all' }),
                },
              ],
            },
            {
              path: '/ships/{id}',
              operations: [
                { method: 'GET', name: 'get', call: 'api.get' },
                {
                  method: 'PATCH',
                  name: 'change',
                  call: 'api.change',
                  with: { change: 'rest.change' },
                },
              ],
            },
          ],
        },
        {
          type: 'mcp',
          namespace: 'mcp',
          port: 9090,
          tools: [
            { name: 'list', description: 'Lists', call: 'api.list', with: { flag: 'tools.flag' } },
            {
              name: 'shaped',
              description: 'Lists',
              call: 'api.list',
              outputParameters: [{ name: 'number', type: 'number', mapping: '$.n' }],
            },
          ],
        },
      ],
    },
  });
}

/** An API that counts its answers, whose headers a test may choose. */
async function counting(
  t: Closer,
  headers: Readonly<Record<string, string>> = {},
  answer?: Handler,
): Promise<TestUpstream> {
  let n = 0;
  return startUpstream(t, (request, response) => {
    n += 1;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (answer !== undefined) return answer(request, response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ n, who: request.headers.authorization ?? null }));
  });
}

const served = async (
  t: Closer,
  upstream: TestUpstream,
  outline: Outline,
  options: TestGatewayOptions = {},
) => startGateway(t, ships(outline), { upstream: upstream.origin, ...options });

test('an answer that the file says to keep is given again, on both faces', bounded, async (t) => {
  const upstream = await counting(t);
  const { rest, mcp } = await served(t, upstream, { cache: { ttl: '30s' } });
  const first = await send(rest, '/ships?flag=DE');
  assert.equal(first.headers['cache-status'], 'naftiko; fwd=uri-miss; stored');
  assert.equal(first.headers.age, undefined);
  const again = await send(rest, '/ships?flag=DE');
  assert.match(String(again.headers['cache-status']), /^naftiko; hit; ttl=\d+$/);
  assert.match(String(again.headers.age), /^\d+$/);
  assert.equal(again.text, first.text);
  const agent = await connectAgent(t, mcp);
  const tool = await agent.callTool({ name: 'list', arguments: { flag: 'DE' } });
  assert.deepEqual(tool.structuredContent, first.json());
  assert.equal(upstream.requests.length, 1);
  await send(rest, '/ships?flag=NO');
  assert.equal(upstream.requests.length, 2, 'another question is another answer');
  const shaped = await agent.callTool({ name: 'shaped', arguments: {} });
  assert.deepEqual(shaped.structuredContent, { number: 3 });
  assert.deepEqual(
    (await agent.callTool({ name: 'shaped', arguments: {} })).structuredContent,
    { number: 3 },
    'what is shaped is made of the kept answer',
  );
});

test('a hundred equal calls at once are one call of the API', bounded, async (t) => {
  let release = (): void => {};
  const upstream = await startUpstream(t, async (_, response) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    response.setHeader('content-type', 'application/json').end('{"n":1}');
  });
  const { rest } = await served(t, upstream, { cache: { ttl: '30s' } });
  const calls = Array.from({ length: 100 }, () => send(rest, '/ships'));
  await until(() => upstream.requests.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  release();
  const answers = await Promise.all(calls);
  assert.equal(upstream.requests.length, 1);
  for (const { text } of answers) assert.equal(text, '{"n":1}');
  const statuses = new Set(answers.map(({ headers }) => headers['cache-status']));
  assert.ok(statuses.has('naftiko; fwd=uri-miss; collapsed'), [...statuses].join());
});

test('the first of several callers leaves, and the others are answered', bounded, async (t) => {
  let release = (): void => {};
  const upstream = await startUpstream(t, async (_, response) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    response.setHeader('content-type', 'application/json').end('{"n":1}');
  });
  const { rest } = await served(t, upstream, { cache: { ttl: '30s' } });
  const left = new AbortController();
  const first = fetch(`${rest}/ships`, { signal: left.signal });
  const refused = assert.rejects(first);
  await until(() => upstream.requests.length === 1);
  const second = send(rest, '/ships');
  await new Promise((resolve) => setTimeout(resolve, 50));
  left.abort();
  await refused;
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  assert.equal((await second).text, '{"n":1}');
  assert.equal(upstream.requests.length, 1);
});

test('no caller sees what came of the credential of another', bounded, async (t) => {
  const upstream = await counting(t);
  const { rest } = await served(
    t,
    upstream,
    { cache: { ttl: '30s' } },
    { forwardHeaders: ['authorization', 'x-tenant'] },
  );
  const as = (authorization: string, tenant = 'a') =>
    send(rest, '/ships', { headers: { authorization, 'x-tenant': tenant } });
  assert.deepEqual((await as('Bearer one')).json(), { n: 1, who: 'Bearer one' });
  assert.deepEqual((await as('Bearer two')).json(), { n: 2, who: 'Bearer two' });
  assert.deepEqual((await as('Bearer one')).json(), { n: 1, who: 'Bearer one' });
  assert.deepEqual((await as('Bearer one', 'b')).json(), { n: 3, who: 'Bearer one' });
  assert.deepEqual((await send(rest, '/ships')).json(), { n: 4, who: null });
});

test(
  'callers with credentials of their own are kept apart, in header and query',
  bounded,
  async (t) => {
    for (const placement of ['header', 'query']) {
      const upstream = await counting(t);
      const authentication = { type: 'caller', header: 'X-Own-Key', key: 'k', placement };
      const { rest } = await served(t, upstream, {
        cache: { ttl: '30s' },
        consumes: { authentication },
      });
      const as = async (key: string) =>
        ((await send(rest, '/ships', { headers: { 'x-own-key': key } })).json() as { n: number }).n;
      assert.deepEqual(
        [await as('one'), await as('two'), await as('one'), await as('two')],
        [1, 2, 1, 2],
      );
    }
  },
);

test(
  'a change through the gateway is seen at once, in the item and the list',
  bounded,
  async (t) => {
    const upstream = await counting(t);
    const { rest } = await served(t, upstream, { cache: { ttl: '30s' } });
    const n = async (path: string) => ((await send(rest, path)).json() as { n: number }).n;
    assert.deepEqual([await n('/ships'), await n('/ships/1'), await n('/ships/2')], [1, 2, 3]);
    await send(rest, '/ships/1', jsonBody({ name: 'Ida' }, 'PATCH'));
    assert.deepEqual([await n('/ships'), await n('/ships/1'), await n('/ships/2')], [5, 6, 3]);
  },
);

test(
  'a function that is cacheable is kept, as long as headers say or --cache-ttl',
  bounded,
  async (t) => {
    const semantics = { safe: true, cacheable: true };
    for (const [headers, calls] of [
      [{}, 1],
      [{ 'cache-control': 'max-age=60' }, 1],
      [{ 'cache-control': 'no-store' }, 2],
      [{ 'cache-control': 'private' }, 2],
    ] as const) {
      const upstream = await counting(t, headers);
      const { rest } = await served(t, upstream, { semantics });
      await send(rest, '/ships');
      await send(rest, '/ships');
      assert.equal(upstream.requests.length, calls, JSON.stringify(headers));
    }
    const upstream = await counting(t);
    const { rest } = await served(t, upstream, { semantics: { safe: true, cacheable: false } });
    await send(rest, '/ships');
    const last = await send(rest, '/ships');
    assert.equal(upstream.requests.length, 2);
    assert.equal(last.headers['cache-status'], undefined);
  },
);

test(
  'with --cache headers answers are kept whose headers allow it, with off none',
  bounded,
  async (t) => {
    const upstream = await counting(t, { 'cache-control': 'max-age=60' });
    const { rest } = await served(t, upstream, {}, { cache: 'headers' });
    await send(rest, '/ships');
    assert.match(
      String((await send(rest, '/ships')).headers['cache-status']),
      /^naftiko; hit; ttl=/,
    );
    const off = await served(t, upstream, { cache: { ttl: '30s' } }, { cache: 'off' });
    await send(off.rest, '/ships');
    assert.equal((await send(off.rest, '/ships')).headers['cache-status'], undefined);
    assert.equal(upstream.requests.length, 3);
    const never = await served(t, upstream, { cache: false }, { cache: 'headers' });
    await send(never.rest, '/ships');
    await send(never.rest, '/ships');
    assert.equal(upstream.requests.length, 5);
  },
);

test(
  'what has grown old is asked about with its validators, and a 304 makes it new',
  bounded,
  async (t) => {
    const upstream = await counting(t, {}, (request, response) => {
      response.setHeader('etag', '"v1"').setHeader('content-type', 'application/json');
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.end('{"n":1}');
    });
    const { rest } = await served(t, upstream, {}, { cache: 'headers' });
    await send(rest, '/ships');
    const again = await send(rest, '/ships');
    assert.equal(again.status, 200);
    assert.equal(again.text, '{"n":1}');
    assert.match(
      String(again.headers['cache-status']),
      /^naftiko; fwd=stale; fwd-status=304; stored/,
    );
    assert.equal(upstream.requests.length, 2);
    const own = await send(rest, '/ships', { headers: { 'if-none-match': '"v1"' } });
    assert.equal(own.status, 200, 'conditions of callers stay here');
  },
);

test(
  'while the API fails, an old answer is given for as long as the file says',
  bounded,
  async (t) => {
    let status = 200;
    const upstream = await counting(t, {}, (_, response) => {
      response.statusCode = status;
      response.setHeader('content-type', 'application/json').end(`{"status":${status}}`);
    });
    const { rest } = await served(t, upstream, { cache: { ttl: 0.05, stale: '1m' } });
    await send(rest, '/ships');
    await new Promise((resolve) => setTimeout(resolve, 60));
    status = 503;
    const stale = await send(rest, '/ships');
    assert.deepEqual([stale.status, stale.text], [200, '{"status":200}']);
    assert.match(
      String(stale.headers['cache-status']),
      /^naftiko; hit; detail=stale-if-error; ttl=-?\d+$/,
    );
    upstream.dropConnections();
    status = 404;
    assert.equal((await send(rest, '/ships')).status, 404, 'what the API says is no failure of it');
  },
);

test('an answer too large to hold is streamed, and nobody waits for it', bounded, async (t) => {
  const large = JSON.stringify('x'.repeat(600_000));
  const upstream = await counting(t, {}, (_, response) => {
    response.setHeader('content-type', 'application/json').end(large);
  });
  const { rest } = await served(t, upstream, { cache: { ttl: '30s' } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(rest, '/ships')));
  for (const { text } of answers) assert.equal(text, large);
  assert.equal(upstream.requests.length, 5);
  const leaving = await open(rest, '/ships');
  leaving.destroy();
});

test(
  'a POST is kept where the file says so; what failed, and cookies, never are',
  bounded,
  async (t) => {
    const upstream = await counting(t);
    const { rest } = await served(t, upstream, { method: 'POST', cache: { ttl: '30s' } });
    await send(rest, '/ships?flag=a', { method: 'POST' });
    await send(rest, '/ships?flag=a', { method: 'POST' });
    assert.equal(upstream.requests.length, 1);
    const failing = await counting(t, { 'set-cookie': 'a=1' }, (_, response) => {
      response.statusCode = 500;
      response.end();
    });
    const broken = await served(t, failing, { cache: { ttl: '30s' } });
    await send(broken.rest, '/ships');
    await send(broken.rest, '/ships');
    assert.equal(failing.requests.length, 2);
    const cookies = await counting(t, { 'set-cookie': 'a=1' });
    const jar = await served(t, cookies, {
      cache: { ttl: '30s' },
      consumes: { forwardSetCookie: true },
    });
    assert.deepEqual((await send(jar.rest, '/ships')).headers['set-cookie'], ['a=1']);
    await send(jar.rest, '/ships');
    assert.equal(cookies.requests.length, 2);
  },
);
