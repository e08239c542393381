import assert from 'node:assert/strict';
import http from 'node:http';
import { type TestContext, test } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { send, until } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';
import { samplesIn } from './samples.ts';

const capability = (observability = '{}'): string => `
naftiko: 1.0.0-alpha2
info: {label: Measured}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.invalid
    resources:
    - name: item
      path: /items/{id}
      operations:
      - {name: get, method: GET, inputParameters: [{name: id, in: path, type: string}]}
    - name: slow
      path: /slow
      operations: [{name: slow, method: GET}]
  exposes:
  - type: rest
    namespace: web
    port: 8080
    resources:
    - {path: '/items/{id}', operations: [{name: get, method: GET, call: api.get, with: {id: rest.id}}]}
    - {path: /slow, operations: [{name: slow, method: GET, call: api.slow}]}
    - {path: /below, forward: {targetNamespace: api}}
  - type: mcp
    namespace: agent
    port: 9090
    tools:
    - {name: get, description: One, call: api.get, with: {id: tools.id}}
    - {name: slow, description: Slow, call: api.slow}
  - {type: control, namespace: ops, port: 9100, observability: ${observability}}
`;

const script = {
  'GET /items/1': { body: { id: 1 } },
  'GET /items/2': { status: 503, body: {} },
  'GET /below': { body: 'below' },
};

async function serve(t: TestContext, text: string, options: TestGatewayOptions = {}) {
  const held: { end(): void }[] = [];
  const upstream = await startUpstream(t, (request, response) => {
    if (request.url === '/slow') {
      held.push(response);
      return;
    }
    const reply = (script as Record<string, { status?: number; body: unknown }>)[
      `${request.method} ${request.url}`
    ];
    response.writeHead(reply?.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply?.body ?? {}));
  });
  const served = await startGateway(t, text, {
    ports: { ops: 0 },
    upstream: upstream.origin,
    ...options,
  });
  const control = served.gateway.listeners.find(({ mount }) => mount.control.length > 0);
  const origin = `http://127.0.0.1:${control?.port}`;
  /** A request is counted when its connection is done with it, a little after its answer is there. */
  async function read(holds: (samples: ReadonlyMap<string, number>) => boolean = () => true) {
    for (let tries = 0; ; tries += 1) {
      const samples = samplesIn((await send(origin, '/metrics')).text);
      if (holds(samples)) return samples;
      assert.ok(tries < 300, [...samples.keys()].filter((key) => /^naftiko/.test(key)).join('\n'));
    }
  }
  return { ...served, origin, read, held, upstream };
}

test('a control expose tells how often what was called, how it ended, and how long it took', async (t) => {
  const { origin, read, rest, mcp } = await serve(t, capability());
  const answer = await send(origin, '/metrics');
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(answer.text, /^# HELP naftiko_rest_requests_total .+\n# TYPE .+ counter$/m);

  for (const path of ['/items/1', '/items/1?secret=1', '/items/2', '/items/%zz', '/nowhere'])
    await send(rest, path);
  const agent = await connectAgent(t, mcp);
  await agent.callTool({ name: 'get', arguments: { id: '1' } });
  await agent.callTool({ name: 'get', arguments: { id: '2' } });
  await agent.callTool({ name: 'get', arguments: { what: '2' } });
  await assert.rejects(agent.callTool({ name: 'nothing', arguments: {} }));

  const found = await read((samples) =>
    samples.has(
      'naftiko_rest_requests_total{method="GET",namespace="web",route="/items/{id}",status="5xx"}',
    ),
  );
  const at = (name: string): number | undefined => found.get(name);
  const route = 'method="GET",namespace="web",route="/items/{id}"';
  assert.equal(at(`naftiko_rest_requests_total{${route},status="2xx"}`), 2);
  assert.equal(at(`naftiko_rest_requests_total{${route},status="5xx"}`), 1);
  assert.equal(at(`naftiko_rest_request_duration_seconds_count{${route}}`), 3);
  assert.equal(at(`naftiko_rest_request_duration_seconds_bucket{le="+Inf",${route}}`), 3);
  assert.equal(at('naftiko_rest_requests_in_flight'), 0);
  const tool = 'namespace="agent",outcome';
  assert.equal(at(`naftiko_tool_calls_total{${tool}="ok",tool="get"}`), 1);
  assert.equal(at(`naftiko_tool_calls_total{${tool}="error",tool="get"}`), 2);
  assert.equal(at('naftiko_tool_calls_total{namespace="agent",outcome="refused",tool=""}'), 1);
  const upstream = 'namespace="api",operation="get",status';
  assert.equal(at(`naftiko_upstream_requests_total{${upstream}="2xx"}`), 3);
  assert.equal(at(`naftiko_upstream_requests_total{${upstream}="5xx"}`), 2);
  assert.ok((at('process_resident_memory_bytes') ?? 0) > 0);
  assert.ok([...found.keys()].some((name) => name.startsWith('nodejs_eventloop_lag_p99')));
  const info = [...found.keys()].find((name) => name.startsWith('naftiko_build_info{'));
  assert.match(info ?? '', /version="\d+\.\d+\.\d+"/);
  assert.doesNotMatch([...found.keys()].join('\n'), /secret|nowhere|nothing/);
});

test('what is under way is told, and a caller who leaves is counted as gone', async (t) => {
  const { read, rest, held } = await serve(t, capability());
  const leaving = http.get(`${rest}/slow`).on('error', () => {});
  await until(() => held.length > 0);
  const during = await read();
  assert.equal(during.get('naftiko_rest_requests_in_flight'), 1);
  assert.equal(during.get('naftiko_upstream_requests_in_flight'), 1);
  leaving.destroy();
  const after = await read((samples) => samples.get('naftiko_rest_requests_in_flight') === 0);
  const row = 'method="GET",namespace="web",route="/slow",status="gone"';
  assert.equal(after.get(`naftiko_rest_requests_total{${row}}`), 1);
  const upstream = 'namespace="api",operation="slow",status="cancelled"';
  assert.equal(after.get(`naftiko_upstream_requests_total{${upstream}}`), 1);
});

test('what is forwarded is one row for all that is below, and one upstream', async (t) => {
  const { read, rest } = await serve(t, capability());
  await send(rest, '/below/items/1');
  await send(rest, '/below/items/2');
  const row = 'method="*",namespace="web",route="/below/*"';
  const found = await read((samples) =>
    samples.has(`naftiko_rest_requests_total{${row},status="5xx"}`),
  );
  assert.equal(found.get(`naftiko_rest_requests_total{${row},status="2xx"}`), 1);
  const upstream = 'namespace="api",operation="*",status="2xx"';
  assert.equal(found.get(`naftiko_upstream_requests_total{${upstream}}`), 1);
});

test('an API that cannot be reached is counted as that', async (t) => {
  const { read, rest } = await serve(t, capability(), { upstream: 'http://127.0.0.1:9' });
  assert.equal((await send(rest, '/items/1')).status, 502);
  const found = await read();
  const row = 'namespace="api",operation="get",status="unreachable"';
  assert.equal(found.get(`naftiko_upstream_requests_total{${row}}`), 1);
});

test('a control expose that switches metrics off has none', async (t) => {
  for (const off of ['{enabled: false}', '{metrics: {local: {enabled: false}}}']) {
    const { origin } = await serve(t, capability(off));
    assert.equal((await send(origin, '/metrics')).status, 404, off);
    assert.equal((await send(origin, '/health/live')).status, 200, off);
  }
});
