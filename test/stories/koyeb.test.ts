import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { EMAIL, type Koyeb, PASSWORD, startKoyeb } from '../../src/sandbox/koyeb.ts';
import { connectAgent } from '../support/agent.ts';
import type { TestGatewayOptions } from '../support/gateway.ts';
import { find, requestOf } from './actor.ts';
import { FACES, type Told, tell } from './driver.ts';
import { checkTable, createLedger } from './ledger.ts';
import { operationsOf } from './outline.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const AREAS = [
  'apps',
  'services',
  'deployments',
  'instances',
  'domains',
  'secrets',
  'logs',
  'sessions',
];
const FILES = AREAS.map((area) => path.join(ROOT, 'capabilities', `koyeb-${area}.yaml`));
const ledger = createLedger(FILES.flatMap(operationsOf));

interface Scene extends Told {
  readonly koyeb: Koyeb;
  /** Another gateway before the same Koyeb, with another credential. */
  readonly with: (key: string) => Promise<Told>;
}

const options = (koyeb: Koyeb, key: string): TestGatewayOptions => ({
  environment: { KOYEB_API_KEY: key },
  baseUris: Object.fromEntries(AREAS.map((area) => [`koyeb-${area}`, koyeb.service.origin])),
});

/** Told twice: over REST by fetch, and over MCP by the SDK's client. */
function story(name: string, run: (scene: Scene, t: TestContext) => Promise<void>): void {
  for (const face of FACES) {
    test(`${name}, over ${face}`, async (t) => {
      const koyeb = await startKoyeb(t);
      const place = { face, files: FILES, ledger, story: name };
      const open = (key: string): Promise<Told> => tell(t, place, options(koyeb, key));
      await run({ ...(await open(koyeb.createKey())), koyeb, with: open }, t);
    });
  }
}

const definition = {
  name: 'web',
  type: 'WEB',
  docker: { image: 'docker.io/library/nginx:1.27', args: ['-g', 'daemon off;'] },
  ports: [{ port: 80, protocol: 'http' }],
  routes: [{ port: 80, path: '/' }],
  env: [{ key: 'DB_PASSWORD', secret: 'DB_PASSWORD' }],
  regions: ['fra', 'was'],
  scalings: [{ min: 1, max: 3, targets: [{ average_cpu: { value: 80 } }] }],
  health_checks: [
    { grace_period: 5, http: { port: 80, path: '/', headers: [{ key: 'a', value: 'b' }] } },
  ],
};

async function newService({ get }: Told): Promise<{ app: string; service: string }> {
  const { app } = await get('create-app', { app: { name: 'shop' } });
  const { service } = await get('create-service', { service: { app_id: app.id, definition } });
  return { app: app.id, service: service.id };
}

story('an app from beginning to end', async ({ get, refused }) => {
  const life_cycle = { delete_when_empty: false };
  const { app } = await get('create-app', { app: { name: 'shop', life_cycle } });
  await get('create-app', { app: { name: 'blog' } });
  // 2^64 is beyond what a number holds: the text of it passes as it is.
  assert.equal(app.version, '18446744073709551557');
  const taken = await refused(400, 'create-app', { app: { name: 'shop' } });
  assert.match(taken, /"fields":\[\{"field":"name","description":"is taken"\}\]/);
  const listed = await get('list-apps', { limit: 1, offset: 1 });
  assert.deepEqual([listed.apps[0].name, listed.count, listed.has_next], ['blog', 2, false]);
  const { id } = app;
  assert.deepEqual((await get('get-app', { id })).app.life_cycle, life_cycle);
  await get('update-app', { id, app: { name: 'store' }, update_mask: 'name' });
  await get('replace-app', { id, app: { name: 'market', life_cycle } });
  await get('pause-app', { id });
  assert.match(await refused(400, 'pause-app', { id }), /it cannot pause/);
  assert.equal((await get('get-app', { id })).app.status, 'PAUSED');
  await get('resume-app', { id });
  const { events } = await get('list-app-events', {
    app_id: id,
    types: ['app.created', 'app.changed'],
    order: 'asc',
  });
  assert.equal(events[0].type, 'app.created');
  assert.equal(events.length, 5);
  assert.deepEqual(await get('delete-app', { id }), {});
  assert.match(await refused(404, 'get-app', { id }), /"code":"not_found"/);
});

story('a service tried, deployed, changed and scaled', async (scene) => {
  const { get, refused } = scene;
  const { app } = await get('create-app', { app: { name: 'shop' } });
  const app_id = app.id;
  await get('create-service', { service: { app_id, definition }, dry_run: true });
  assert.equal((await get('list-services', { app_id })).count, 0);
  const { docker: _, ...nothing } = definition;
  const bare = await refused(400, 'create-service', { service: { app_id, definition: nothing } });
  assert.match(bare, /needs one of docker, git, archive and database/);
  const known = await get('autocomplete-service-definition', { body: { definition } });
  assert.deepEqual(known.system_env, ['KOYEB_REGION']);
  const { service } = await get('create-service', { service: { app_id, definition } });
  const { id } = service;
  const found = await get('list-services', {
    types: ['WEB', 'WORKER'],
    statuses: ['HEALTHY', 'PAUSED'],
  });
  assert.equal(found.services[0].id, id);
  assert.equal((await get('list-services', { types: ['WORKER'] })).count, 0);
  const tried = { definition: { regions: ['sin'] } };
  await get('update-service', { id, service: tried, dry_run: true });
  assert.deepEqual((await get('get-service', { id })).service.definition.regions, ['fra', 'was']);
  await get('update-service', { id, service: { ...tried, save_only: true } });
  await get('replace-service', { id, service: { definition: { ...definition, name: 'site' } } });
  const scalings = [{ scopes: ['region:fra'], instances: 0 }];
  await get('set-service-scaling', { id, body: { scalings } });
  assert.deepEqual(await get('get-service-scaling', { id }), { scalings });
  await get('delete-service-scaling', { id });
  assert.deepEqual(await get('get-service-scaling', { id }), { scalings: [] });
  await get('pause-service', { id });
  await refused(400, 'pause-service', { id });
  await get('resume-service', { id, skip_build: true, use_cache: false });
  const { deployment } = await get('redeploy-service', { id, info: { deployment_group: 'prod' } });
  assert.equal(deployment.deployment_group, 'prod');
  const events = await get('list-service-events', { service_id: id, limit: 1 });
  assert.deepEqual([events.events.length, events.has_next], [1, true]);
  await get('delete-service', { id });
  await refused(404, 'delete-service', { id });
});

story('the deployments and instances of a service', async (scene) => {
  const { get, refused } = scene;
  const { service } = await newService(scene);
  const listed = await get('list-deployments', {
    service_id: service,
    statuses: ['PENDING', 'HEALTHY'],
  });
  const [{ id }] = listed.deployments;
  assert.deepEqual((await get('get-deployment', { id })).deployment.definition, definition);
  const { replicas } = await get('get-deployment-scaling', { id, region: 'was', replica_index: 0 });
  assert.equal(replicas.length, 1);
  await get('cancel-deployment', { id });
  assert.match(await refused(400, 'cancel-deployment', { id }), /CANCELED/);
  assert.equal((await get('list-deployment-events', { deployment_id: id })).events.length, 2);
  const period = {
    starting_time: '2026-01-02T03:04:05Z',
    ending_time: '2026-01-03T00:00:00+01:00',
  };
  const { instances } = await get('list-instances', {
    ...{ deployment_id: id, statuses: ['HEALTHY', 'STARTING'], order: 'asc' },
    ...period,
  });
  const ids = instances.map((instance: { id: string }) => instance.id);
  assert.equal(ids.length, 2);
  assert.equal((await get('get-instance', { id: ids[0] })).instance.region, 'fra');
  assert.equal((await get('list-instance-events', { instance_ids: ids })).events.length, 2);
});

story('a domain added, checked, moved and deleted', async ({ get, refused }) => {
  const { app } = await get('create-app', { app: { name: 'shop' } });
  const named = { name: 'www.example.com', type: 'CUSTOM', app_id: app.id, cloudflare: {} };
  const { id } = (await get('create-domain', { domain: named })).domain;
  await refused(404, 'create-domain', { domain: { name: 'b.example.com', app_id: 'none' } });
  const asked = {
    types: ['CUSTOM', 'AUTOASSIGNED'],
    statuses: ['PENDING'],
    app_ids: [app.id, 'app-x'],
  };
  assert.equal((await get('list-domains', asked)).domains[0].id, id);
  await get('refresh-domain-status', { id });
  assert.equal((await get('get-domain', { id })).domain.status, 'ACTIVE');
  await get('update-domain', { id, domain: { app_id: '' }, dry_run: true });
  assert.equal((await get('get-domain', { id })).domain.app_id, app.id);
  await get('update-domain', { id, domain: { app_id: '' } });
  assert.equal((await get('get-domain', { id })).domain.app_id, '');
  await get('delete-domain', { id });
  await refused(404, 'get-domain', { id });
});

story('a secret kept, changed and shown once asked for', async ({ get, refused }) => {
  const secret = { name: 'DB_PASSWORD', type: 'SIMPLE', value: 'p"ä\\ss' };
  const { id } = (await get('create-secret', { secret })).secret;
  const registry = {
    type: 'REGISTRY',
    private_registry: { username: 'u', password: 'p', url: 'r.example' },
  };
  await get('create-secret', { secret: { name: 'REG', ...registry } });
  const listed = await get('list-secrets', { types: ['SIMPLE', 'MANAGED'] });
  assert.deepEqual([listed.count, listed.secrets[0].value], [1, undefined]);
  assert.equal((await get('get-secret', { id })).secret.name, 'DB_PASSWORD');
  assert.deepEqual(await get('reveal-secret', { id }), { value: 'p"ä\\ss' });
  await get('update-secret', { id, secret: { value: 'second' }, update_mask: 'value' });
  assert.deepEqual(await get('reveal-secret', { id }), { value: 'second' });
  await get('replace-secret', { id, secret: { ...secret, value: 'third' } });
  assert.deepEqual(await get('reveal-secret', { id }), { value: 'third' });
  await get('delete-secret', { id });
  await refused(404, 'reveal-secret', { id });
});

story('log lines searched', async (scene) => {
  const { get, koyeb, refused } = scene;
  const { service } = await newService(scene);
  koyeb.platform.write(service, 'stdout', 'ready on :80');
  koyeb.platform.write(service, 'stderr', 'no such table');
  const { data, pagination } = await get('query-logs', {
    ...{
      service_id: service,
      streams: ['stdout', 'stderr'],
      order: 'asc',
      limit: 1,
      type: 'runtime',
    },
    regions: ['fra', 'was'],
  });
  assert.deepEqual([data[0].msg, pagination.has_more], ['ready on :80', true]);
  assert.equal((await get('query-logs', { service_id: service, regex: 'no\\s' })).data.length, 1);
  assert.match(await refused(400, 'query-logs'), /One of app_id, service_id/);
  assert.match(await refused(400, 'query-logs', { service_id: service, limit: 1001 }), /limit/);
});

const LOGS = 'log lines followed';

test(`${LOGS}, over REST, each as it is written`, async (t) => {
  const koyeb = await startKoyeb(t);
  const place = { face: 'REST', files: FILES, ledger, story: LOGS } as const;
  const told = await tell(t, place, options(koyeb, koyeb.createKey()));
  const { service } = await newService(told);
  koyeb.platform.write(service, 'stdout', 'before');
  const inputs = { service_id: service, streams: ['stdout', 'stderr'] };
  const { target } = requestOf(find(ledger.operations, 'tail-logs'), inputs);
  const answer = await fetch(told.served.rest + target);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => JSON.parse(Buffer.from((await reader.read()).value ?? []).toString());
  assert.equal((await next()).result.msg, 'before');
  for (const msg of ['first', 'second']) {
    koyeb.platform.write(service, 'koyeb', 'not asked for');
    koyeb.platform.write(service, 'stderr', msg);
    assert.equal((await next()).result.msg, msg);
  }
  await reader.cancel();
  ledger.story(LOGS)('tail-logs', 'REST');
});

test(`${LOGS}, over MCP, collected with progress`, async (t) => {
  const koyeb = await startKoyeb(t);
  const place = { face: 'MCP', files: FILES, ledger, story: LOGS } as const;
  const told = await tell(t, place, options(koyeb, koyeb.createKey()));
  const { service } = await newService(told);
  const agent = await connectAgent(t, told.served.mcp);
  for (let at = 0; at < 499; at += 1) koyeb.platform.write(service, 'stdout', `line ${at}`);
  let collected = 0;
  const call = { name: 'tail-logs', arguments: { service_id: service, streams: ['stdout'] } };
  const result = await agent.callTool(call, undefined, {
    onprogress: ({ message = '' }) => {
      const count = /^(\d+) collected$/.exec(message)?.[1];
      if (count === undefined) return;
      collected = Number(count);
      // The last one that there is room for comes while the call runs.
      if (collected === 499) koyeb.platform.write(service, 'stdout', 'the last');
    },
  });
  const { items, ended } = result.structuredContent as {
    items: { result: { msg: string } }[];
    ended: string;
  };
  assert.deepEqual(
    [items.length, items.at(-1)?.result.msg, ended, collected],
    [500, 'the last', 'items', 500],
  );
  await told.refused(400, 'tail-logs');
  ledger.story(LOGS)('tail-logs', 'MCP');
});

story('a session logged in, renewed, ended and refused', async (scene) => {
  const { get, refused, koyeb } = scene;
  const wrong = await refused(401, 'login-user', { body: { email: EMAIL, password: 'guess' } });
  assert.match(wrong, /"code":"wrong_credentials"/);
  const person = { email: EMAIL, password: PASSWORD, organization_id: 'org-1' };
  const { token } = await get('login-user', { body: person, 'seon-fp': 'print' });
  // A key of the organization is no session.
  await refused(403, 'logout-user');
  const first = await scene.with(token.id);
  await first.get('list-apps');
  assert.equal((await first.get('new-session')).token.organization_id, '');
  const renewed = (await first.get('refresh-token')).token;
  await first.refused(401, 'list-apps');
  const second = await scene.with(renewed.id);
  await second.get('list-apps');
  assert.deepEqual(await second.get('logout-user'), {});
  await second.refused(401, 'list-apps');
  const { token: last } = await get('login-user', { body: person });
  const third = await scene.with(last.id);
  koyeb.pass(koyeb.rules.life);
  assert.match(await third.refused(401, 'get-app', { id: 'x' }), /expired/);
});

story('what Koyeb refuses, or the gateway before it', async (scene) => {
  const { ask, koyeb, refused, with: open } = scene;
  const count = koyeb.service.calls.length;
  assert.match(
    await refused(400, 'list-services', { types: ['WEB,WORKER'] }),
    /INPUT_INVALID|is none of|one of/,
  );
  assert.match(await refused(400, 'create-app', { app: {} }), /must have required property 'name'/);
  assert.equal(koyeb.service.calls.length, count, 'the gateway refused both itself');
  assert.match(
    await refused(400, 'create-app', { app: { name: 'a', size: 1 } }),
    /body\.size.*is not known/,
  );
  koyeb.rules.budget = 0;
  const limited = await ask('list-apps');
  assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '7']);
  koyeb.rules.budget = 10;
  assert.equal((await ask('list-apps')).status, 200);
  await (await open('no-key')).refused(401, 'list-apps');
  await koyeb.service.stop();
  assert.match(await refused(502, 'list-apps'), /UPSTREAM_UNREACHABLE/);
  await koyeb.service.start();
  assert.equal((await ask('list-apps')).status, 200);
});

test('Koyeb as it stands here takes no list that is joined by commas', async (t) => {
  const koyeb = await startKoyeb(t);
  const headers = { authorization: `Bearer ${koyeb.createKey()}` };
  const ask = (query: string) => fetch(`${koyeb.service.origin}/v1/services?${query}`, { headers });
  assert.equal((await ask('types=WEB,WORKER')).status, 400);
  assert.equal((await ask('types=WEB&types=WORKER')).status, 200);
  assert.equal((await ask('limit=ten')).status, 400);
  assert.equal((await fetch(`${koyeb.service.origin}/v1/services`)).status, 401);
});

test('the table of the docs is what these stories did', () => checkTable('koyeb.md', ledger));
