import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StartError } from '../../src/gateway/start-error.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Script, startUpstream } from '../support/upstream.ts';

const shared = join(import.meta.dirname, '../../../shared/reference');
const skip = existsSync(shared) ? false : 'the reference files are not here';

/** Serves a reference file as it is, but for where its upstream is. */
async function serve(t: TestContext, file: string, script: Script): Promise<TestGateway> {
  const { origin } = await startUpstream(t, script);
  const baseUri = { 'weather-api': `${origin}/v1`, 'mock-api': `${origin}/v1`, registry: origin };
  return startGateway(t, join(shared, file), {
    baseUris: Object.fromEntries(
      Object.entries(baseUri).filter(([namespace]) => namespacesOf(file).includes(namespace)),
    ),
  });
}

/** The consumed APIs of a file. */
const namespacesOf = (file: string): string[] =>
  /basic/.test(file)
    ? ['weather-api']
    : /hints|invalid/.test(file)
      ? ['mock-api']
      : /namespace|handler/.test(file)
        ? ['registry']
        : [];

async function callTool(
  t: TestContext,
  { mcp }: TestGateway,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name, arguments: args });
  assert.notEqual(result.isError, true, textOf(result));
  return JSON.parse(textOf(result));
}

test('aggregate-basic: a function through a tool and a route', { skip }, async (t) => {
  const served = await serve(t, 'fixtures/aggregates/aggregate-basic.yaml', {
    'GET /v1/forecast': { body: { forecast: 'sunny' } },
  });
  assert.equal(await callTool(t, served, 'get-forecast-inherited', { location: 'x' }), 'sunny');
  for (const [method, url] of [
    ['GET', '/forecast/Paris'],
    ['POST', '/forecast/Paris'],
  ] as const) {
    const response = await fetch(served.rest + url, { method });
    assert.equal(await response.json(), 'sunny', method);
  }
});

test('aggregate-hints-override: hints of four tools', { skip }, async (t) => {
  const served = await serve(t, 'fixtures/aggregates/aggregate-hints-override.yaml', {});
  const { tools } = await (await connectAgent(t, served.mcp)).listTools();
  assert.deepEqual(
    tools.map(({ name, annotations: hints }) => [
      name,
      hints?.readOnlyHint,
      hints?.destructiveHint,
      hints?.idempotentHint,
      hints?.openWorldHint,
    ]),
    [
      ['read-items', true, false, true, true],
      ['read-items-open', true, false, true, true],
      ['delete-item', false, true, true, false],
      ['plain-tool', true, false, true, true],
    ],
  );
});

test('aggregate-invalid-ref: the start is refused', { skip }, async (t) => {
  await assert.rejects(
    serve(t, 'fixtures/aggregates/aggregate-invalid-ref.yaml', {}),
    (error: StartError) =>
      error.findings.some(({ code, line }) => code === 'REF_UNKNOWN' && line === 32),
  );
});

test('aggregate-shared-mock: the same payload on both faces', { skip }, async (t) => {
  const served = await serve(t, 'fixtures/aggregates/aggregate-shared-mock.yaml', {});
  const wanted = { message: 'Hello, Nina!', source: 'aggregate-mock' };
  assert.deepEqual(await callTool(t, served, 'hello', { name: 'Nina' }), wanted);
  assert.deepEqual(await (await fetch(`${served.rest}/hello?name=Nina`)).json(), wanted);
});

test('namespaces of an aggregate and of an expose lead references in steps', {
  skip,
}, async (t) => {
  const script: Script = { 'GET /voyages/V1': { body: { voyageId: 'V1' } } };
  const aggregate = await serve(
    t,
    'fixtures/aggregates/aggregate-step-with-namespace.yaml',
    script,
  );
  assert.deepEqual(await callTool(t, aggregate, 'get-voyage-manifest', { 'voyage-id': 'V1' }), {
    'voyage-id': 'V1',
  });
  const expose = await serve(t, 'fixtures/mcp/mcp-step-with-namespace-capability.yaml', script);
  assert.deepEqual(await callTool(t, expose, 'get-voyage-manifest', { voyageId: 'V1' }), {
    voyageId: 'V1',
  });
});

test('mcp-tool-handler-with-mustache: a template feeds the path', { skip }, async (t) => {
  const served = await serve(t, 'fixtures/mcp/mcp-tool-handler-with-mustache-capability.yaml', {
    'GET /ships/IMO-1': { body: { name: 'Star' } },
  });
  assert.deepEqual(await callTool(t, served, 'get-ship', { imo: 'IMO-1' }), { name: 'Star' });
});

test('tutorial step 1: a tool that calls nothing', { skip }, async (t) => {
  const served = await serve(t, 'tutorial/step-1-shipyard-mock.yml', {});
  assert.deepEqual(await callTool(t, served, 'get-ship', { imo_number: 'IMO-9321483' }), {
    imo: 'IMO-9321483',
    name: 'Northern Star',
    type: 'cargo',
    flag: 'NO',
    status: 'active',
  });
});

/** What each registry call of the tutorial gives; the token and the version are checked. */
const REGISTRY: Readonly<Record<string, unknown>> = {
  '/ships/IMO-1': {
    imo_number: 'IMO-1',
    vessel_name: 'Star',
    vessel_type: 'cargo',
    flag_code: 'NO',
    operational_status: 'active',
    year_built: 2015,
    gross_tonnage: 42000,
    dimensions: { length_overall: 229.2 },
    assignedCrew: ['CREW-2', 'CREW-1'],
  },
  '/ships': [
    { imo_number: 'IMO-0', vessel_name: 'Other' },
    { imo_number: 'IMO-1', vessel_name: 'Star', vessel_type: 'cargo', flag_code: 'NO' },
  ],
  '/crew': [
    { crewId: 'CREW-1', fullName: 'Ada', role: 'cook' },
    { crewId: 'CREW-2', fullName: 'Bo', role: 'captain' },
  ],
  '/cargo': [
    { cargoId: 'CARGO-1', type: 'steel', description: 'Coils', weight: 12.5, hazardous: false },
  ],
  '/voyages/V1': {
    voyageId: 'V1',
    shipImo: 'IMO-1',
    departurePort: 'Oslo',
    arrivalPort: 'Genoa',
    departureDate: '2026-01-01',
    arrivalDate: '2026-01-09',
    crewIds: ['CREW-1'],
    cargoIds: ['CARGO-1', 'CARGO-9'],
    status: 'planned',
  },
};

/** A tutorial step as it is, but for where its upstreams are. */
async function serveTutorial(t: TestContext, file: string): Promise<TestGateway> {
  const upstream = await startUpstream(t, ({ url, headers }, response) => {
    const known =
      headers.authorization === 'Bearer dummy-token' &&
      headers['registry-version'] === '1.0.0-alpha2';
    response.writeHead(known && url in REGISTRY ? 200 : known ? 404 : 401, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(known ? REGISTRY[url] : { error: 'token' }));
  });
  return startGateway(t, join(shared, 'tutorial', file), {
    baseUris: { registry: upstream.origin, legacy: upstream.origin },
    ports: { 'shipyard-skills': 0 },
  });
}

async function callTutorial(mcp: string, name: string, args: object): Promise<unknown> {
  const response = await fetch(mcp, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk-mcp-YYYYYYYYYYYY',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    }),
  });
  const text = await response.text();
  const message = JSON.parse(text.replace(/^.*?data: /s, '')) as { result: unknown };
  return JSON.parse(textOf(message.result));
}

const SHIP_WITH_CREW = {
  imo: 'IMO-1',
  name: 'Star',
  type: 'cargo',
  flag: 'NO',
  status: 'active',
  yearBuilt: 2015,
  tonnage: 42000,
  length: 229.2,
  crew: [
    { fullName: 'Bo', role: 'captain' },
    { fullName: 'Ada', role: 'cook' },
  ],
};

for (const file of [
  'step-7-shipyard-orchestrated-lookup.yml',
  'step-9-shipyard-aggregates.yml',
  'step-11-shipyard-fleet-manifest.yml',
]) {
  test(`tutorial ${file}: a ship with the names of its crew`, { skip }, async (t) => {
    const { mcp } = await serveTutorial(t, file);
    const value = await callTutorial(mcp, 'get-ship-with-crew', { imo: 'IMO-1' });
    assert.deepEqual(value, SHIP_WITH_CREW);
  });
}

test('tutorial step 11: a manifest of four calls and three lookups', { skip }, async (t) => {
  const { mcp, rest } = await serveTutorial(t, 'step-11-shipyard-fleet-manifest.yml');
  const value = await callTutorial(mcp, 'get-voyage-manifest', { voyageId: 'V1' });
  const { ship, crew, cargo, route } = value as Record<string, unknown>;
  assert.deepEqual(ship, { name: 'Star', type: 'cargo', flag: 'NO' });
  assert.deepEqual(route, { from: 'Oslo', to: 'Genoa' });
  assert.deepEqual(crew, [{ fullName: 'Ada', role: 'cook' }]);
  assert.deepEqual(cargo, [
    { type: 'steel', description: 'Coils', weight: 12.5, hazardous: false },
  ]);
  const response = await fetch(`${rest}/voyages/V1/manifest`);
  assert.deepEqual(await response.json(), {
    voyageId: 'V1',
    status: 'planned',
    departurePort: 'Oslo',
    arrivalPort: 'Genoa',
    shipName: 'Star',
    shipType: 'cargo',
    shipFlag: 'NO',
    crew,
    cargo,
  });
});
