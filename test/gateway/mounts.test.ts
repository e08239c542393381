import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, initialize, rpc, sendRaw, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { freePort, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const naming = (t: Parameters<typeof startUpstream>[0]) =>
  startUpstream(t, ({ method, url }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ reached: `${method} ${url}` }));
  });

const outline = (name: string, route: string, more: Record<string, { route: string }> = {}) =>
  capability({ name, operations: { get: { route }, ...more } });

test('capabilities on one port share it: routes are merged', async (t) => {
  const upstream = await naming(t);
  const { gateway, rest } = await startGateway(
    t,
    [outline('cats', 'GET /cats/{id}'), outline('dogs', 'GET /dogs/{id}')],
    { upstream: upstream.origin },
  );
  assert.equal(gateway.listeners.length, 2, 'one for REST, one for MCP');
  assert.match((await send(rest, '/cats/1')).text, /GET \/cats\/1/);
  assert.match((await send(rest, '/dogs/2')).text, /GET \/dogs\/2/);
});

test('two files that claim one route stop the start, and both are named', async (t) => {
  const cats = outline('cats', 'GET /pets/{id}');
  const dogs = outline('dogs', 'GET /pets/{{dog}}/');
  const upstream = await naming(t);
  const options = { upstream: upstream.origin };
  await assert.rejects(startGateway(t, [cats, dogs], options), (error: Error) => {
    assert.equal(error.name, 'StartError');
    assert.match(
      error.message,
      /^GET \/pets\/\{\{dog\}\}\/ on port 0 is served by \S*capability-1\.yaml and by \S*capability-2\.yaml\. Mount each under its namespace with --prefix, or give one another port with --port dogs-rest=<port>\.$/,
    );
    return true;
  });
  const prefixed = await startGateway(t, [cats, dogs], { ...options, prefix: true });
  assert.match((await send(prefixed.rest, '/cats-rest/pets/1')).text, /GET \/pets\/1/);
  assert.match((await send(prefixed.rest, '/dogs-rest/pets/1')).text, /GET \/pets\/1/);
  assert.equal((await send(prefixed.rest, '/pets/1')).status, 404);
  const kept = await startGateway(t, [cats, dogs], { ...options, keepGoing: true });
  assert.equal((await send(kept.rest, '/pets/1')).status, 200);
  assert.deepEqual(kept.gateway.leftOut, [kept.files[1]]);
  assert.equal(kept.gateway.capabilities.length, 1);
  const apart = await startGateway(t, [cats, dogs], {
    ...options,
    ports: { 'dogs-rest': await freePort() },
  });
  assert.equal(apart.gateway.listeners.length, 3);
});

test('two exposes of one file that claim one route: the first answers, with a warning', async (t) => {
  const upstream = await naming(t);
  const document = JSON.parse(
    capability({
      name: 'cats',
      operations: {
        one: { route: 'GET /cats', consumed: 'GET /one' },
        two: { route: 'GET /cats', consumed: 'GET /two' },
      },
      faces: ['rest'],
    }),
  );
  const [expose] = document.capability.exposes;
  document.capability.exposes = [
    { ...expose, resources: [expose.resources[0]] },
    { ...expose, namespace: 'more-rest', resources: [expose.resources[1]] },
  ];
  const { gateway, rest } = await startGateway(t, JSON.stringify(document), {
    upstream: upstream.origin,
  });
  assert.match((await send(rest, '/cats')).text, /GET \/one/);
  const [warning] = gateway.findings.filter(({ code }) => code === 'ROUTE_DUPLICATE');
  assert.equal(warning?.severity, 'warning');
  assert.match(warning?.message ?? '', /^GET \/cats is served by two exposes of this file/);
});

test('REST and MCP on one port: each gets its own, whatever the routes', async (t) => {
  const upstream = await naming(t);
  const port = await freePort();
  const { gateway, rest } = await startGateway(
    t,
    capability({
      name: 'cats',
      operations: {
        root: { route: 'GET /' },
        any: { route: 'GET /{name}' },
        post: { route: 'POST /{name}' },
        two: { route: 'GET /{name}/mcp' },
        mine: { route: 'POST /mcp' },
      },
    }),
    { upstream: upstream.origin, restPort: port, mcpPort: port },
  );
  assert.equal(gateway.listeners.length, 1);
  for (const path of ['/mcp', '/mcp/', '/cats-mcp/mcp', '/']) {
    const { status, text } = await sendRaw(rest + path, initialize(), {});
    assert.equal(status, 200, path);
    assert.match(text, /"serverInfo":\{"name":"cats-mcp"/, path);
  }
  const listening = await send(rest, '/mcp', { headers: { accept: 'text/event-stream' } });
  assert.equal(listening.status, 405, 'GET without a session, of MCP and not of /{name}');
  assert.match((await send(rest, '/')).text, /"GET \/"/);
  assert.match((await send(rest, '/other')).text, /"GET \/other"/);
  assert.match((await send(rest, '/other', { method: 'POST' })).text, /"POST \/other"/);
  assert.match((await send(rest, '/dogs/mcp')).text, /"GET \/dogs\/mcp"/);
  const [warning] = gateway.findings.filter(({ code }) => code === 'ROUTE_DUPLICATE');
  assert.match(warning?.message ?? '', /^POST \/mcp is where MCP is served on port \d+, so this/);
});

test('a route for POST / is served before MCP is', async (t) => {
  const upstream = await naming(t);
  const port = await freePort();
  const { rest } = await startGateway(
    t,
    capability({ operations: { make: { route: 'POST /' } } }),
    { upstream: upstream.origin, restPort: port, mcpPort: port },
  );
  assert.match((await send(rest, '/', { method: 'POST' })).text, /"POST \/"/);
});

test('MCP answers at /mcp, at /<namespace>/mcp and at POST /', async (t) => {
  const upstream = await naming(t);
  const { mcp } = await startGateway(
    t,
    [
      outline('cats', 'GET /cats', { feed: { route: 'POST /cats/{id}' } }),
      outline('dogs', 'GET /dogs', { walk: { route: 'POST /dogs/{id}' } }),
    ],
    { upstream: upstream.origin },
  );
  const { origin } = new URL(mcp);
  const names = async (url: string): Promise<string[]> => {
    const client = await connectAgent(t, url);
    return (await client.listTools()).tools.map(({ name }) => name);
  };
  const all = ['cats-mcp_get', 'feed', 'dogs-mcp_get', 'walk'];
  assert.deepEqual(await names(mcp), all, 'names that collide are qualified, the others kept');
  assert.deepEqual(await names(`${origin}/`), all);
  assert.deepEqual(await names(`${origin}/cats-mcp/mcp`), ['get', 'feed']);
  assert.deepEqual(await names(`${origin}/dogs-mcp/mcp/`), ['get', 'walk']);
  const client = await connectAgent(t, mcp);
  assert.match(textOf(await client.callTool({ name: 'dogs-mcp_get' })), /GET \/dogs/);
  assert.match(textOf(await client.callTool({ name: 'cats-mcp_get' })), /GET \/cats/);
  assert.equal(client.getServerVersion()?.name, 'naftiko');
  const one = await connectAgent(t, `${origin}/cats-mcp/mcp`);
  assert.equal(one.getServerVersion()?.name, 'cats-mcp');
  assert.equal(one.getServerVersion()?.title, 'The cats');
  assert.equal(one.getInstructions(), 'All about cats');
  for (const path of ['/other/mcp', '/mcp/x', '/cats-mcp']) {
    const { status, headers } = await sendRaw(origin + path, initialize(), {});
    assert.equal(status, 404, path);
    assert.equal(headers['content-type'], 'application/problem+json');
  }
  assert.equal((await send(origin, '/')).status, 404, 'GET / is not of MCP');
});

test('two exposes of one namespace share its endpoint', async (t) => {
  const upstream = await naming(t);
  const rename = (text: string) =>
    text.replaceAll('dogs-mcp', 'pets').replaceAll('cats-mcp', 'pets');
  const options = { upstream: upstream.origin };
  const { mcp } = await startGateway(
    t,
    [
      rename(capability({ name: 'cats', operations: { meow: { route: 'GET /cats' } } })),
      rename(capability({ name: 'dogs', operations: { bark: { route: 'GET /dogs' } } })),
    ],
    options,
  );
  const client = await connectAgent(t, `${new URL(mcp).origin}/pets/mcp`);
  assert.deepEqual(
    (await client.listTools()).tools.map(({ name }) => name),
    ['meow', 'bark'],
  );
  const same = [outline('cats', 'GET /cats'), outline('dogs', 'GET /dogs')].map(rename);
  await assert.rejects(startGateway(t, same, options), {
    name: 'StartError',
    message:
      /^The tool "get" of the namespace "pets" on port 0 is served by \S*capability-1\.yaml and by \S*capability-2\.yaml\. Give one expose another namespace/,
  });
  const kept = await startGateway(t, same, { ...options, keepGoing: true });
  assert.deepEqual(kept.gateway.leftOut, [kept.files[1]]);
});

test('a qualified name is shortened when short names are asked for, the same each time', async (t) => {
  const upstream = await naming(t);
  const long = 'x'.repeat(60);
  const texts = ['cats', 'dogs'].map((name) =>
    capability({ name, operations: { [long]: { route: `GET /${name}` } } }),
  );
  const named = async () => {
    const { mcp } = await startGateway(t, texts, {
      upstream: upstream.origin,
      toolNames: 'short',
    });
    const { text } = await sendRaw(mcp, rpc('tools/list'), { accept: 'application/json' });
    return (JSON.parse(text).result.tools as { name: string }[]).map(({ name }) => name);
  };
  const names = await named();
  assert.deepEqual(names, await named());
  assert.equal(new Set(names).size, 2);
  for (const name of names) assert.match(name, /^(cats|dogs)-mcp_x+-[0-9a-f]{8}$/);
  for (const name of names) assert.equal(name.length, 64);
});

test('an address of localhost is the one of those who name none', async (t) => {
  const upstream = await naming(t);
  const port = await freePort();
  const { gateway, rest } = await startGateway(
    t,
    [
      capability({ name: 'cats', operations: { a: { route: 'GET /cats' } }, faces: ['rest'] }),
      capability({
        name: 'dogs',
        operations: { b: { route: 'GET /dogs' } },
        faces: ['rest'],
        address: 'localhost',
      }),
    ],
    { upstream: upstream.origin, restPort: port },
  );
  assert.equal(gateway.listeners.length, 1);
  assert.equal(gateway.listeners[0]?.host, '127.0.0.1');
  assert.equal((await send(rest, '/cats')).status, 200);
  assert.equal((await send(rest, '/dogs')).status, 200);
});

test('two gateways in one process do not know each other', async (t) => {
  const upstream = await naming(t);
  const text = outline('cats', 'GET /cats');
  const one = await startGateway(t, text, { upstream: upstream.origin });
  const two = await startGateway(t, text, { upstream: upstream.origin });
  assert.notEqual(one.rest, two.rest);
  await one.gateway.stop();
  assert.equal((await send(two.rest, '/cats')).status, 200);
  const client = await connectAgent(t, two.mcp);
  assert.match(textOf(await client.callTool({ name: 'get' })), /GET \/cats/);
});
