import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { compileControl } from '../../src/compile/control.ts';
import {
  type Adapter,
  type ControlOptions,
  createControlHandler,
} from '../../src/control/handler.ts';
import type { ExposesControl } from '../../src/document/faces.ts';
import type { ControlPlan } from '../../src/plan/plan.ts';
import { sendRaw } from '../support/agent.ts';
import { type Compiling, compiling, serveHandler } from '../support/faces.ts';

const ADAPTERS: readonly Adapter[] = [
  { type: 'rest', namespace: 'orders', port: 8080, state: 'started' },
  { type: 'mcp', namespace: 'local', transport: 'stdio', state: 'started' },
  { type: 'control', port: 9100, state: 'started' },
];

const both: ControlPlan = { face: 'control', port: 9100, health: true, info: true, metrics: true };

async function serve(t: TestContext, plan: ControlPlan, options: Partial<ControlOptions> = {}) {
  const handler = createControlHandler(plan, {
    version: '1.2.3',
    capabilities: [{ label: 'Orders', specVersion: '1.0.0-alpha2' }],
    adapters: () => ADAPTERS,
    draining: () => false,
    mask: (text) => text.replaceAll('hush', '••••'),
    startedAt: 1_000,
    now: () => 1_000 + 2 * 3_600_000 + 34 * 60_000 + 12_345,
    ...options,
  });
  const url = await serveHandler(t, handler);
  return async (path: string, method = 'GET') => {
    const answer = await sendRaw(url + path, undefined, {}, method);
    return { ...answer, body: answer.text === '' ? undefined : JSON.parse(answer.text) };
  };
}

test('a gateway that serves is live and ready, stdio counted', async (t) => {
  const ask = await serve(t, both);
  const live = await ask('/health/live');
  assert.deepEqual([live.status, live.body], [200, { status: 'UP' }]);
  assert.equal(live.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(live.headers['cache-control'], 'no-store');
  const ready = await ask('/health/ready/?probe=1');
  assert.deepEqual([ready.status, ready.body], [200, { status: 'UP', adapters: ADAPTERS }]);
  const head = await ask('/health/ready', 'HEAD');
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('a gateway that drains is live but not ready', async (t) => {
  let draining = false;
  const state = (): Adapter['state'] => (draining ? 'draining' : 'started');
  const adapters = (): Adapter[] => [{ type: 'rest', namespace: 'a', port: 1, state: state() }];
  const ask = await serve(t, both, { adapters, draining: () => draining });
  assert.equal((await ask('/health/ready')).status, 200);
  draining = true;
  const { status, body } = await ask('/health/ready');
  assert.equal(status, 503);
  assert.deepEqual(body, {
    status: 'DEGRADED',
    reason: 'The gateway is shutting down.',
    adapters: [{ type: 'rest', namespace: 'a', port: 1, state: 'draining' }],
  });
  assert.equal((await ask('/health/live')).status, 200);
  assert.equal((await ask('/status')).status, 200);
});

test('one stopped expose makes it not ready; the control port itself does not count', async (t) => {
  const adapters = (): Adapter[] => [{ type: 'mcp', namespace: 'a', state: 'stopped' }];
  const ask = await serve(t, both, { adapters });
  const { status, body } = await ask('/health/ready');
  assert.deepEqual(
    [status, body.status, body.reason],
    [503, 'DEGRADED', 'Not every expose is started.'],
  );
  const alone = await serve(t, both, { adapters: () => [{ type: 'control', state: 'stopped' }] });
  assert.equal((await alone('/health/ready')).status, 200);
});

test('the status says what runs, since when, and no secret', async (t) => {
  const ask = await serve(t, both, {
    capabilities: [{ label: 'Orders of hush', specVersion: '1.0.0-alpha2' }],
  });
  const { status, body } = await ask('/status');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    capability: { label: 'Orders of ••••', specVersion: '1.0.0-alpha2' },
    engine: { name: 'naftiko-gateway', version: '1.2.3', node: process.version },
    uptime: 'PT2H34M12.345S',
    adapters: ADAPTERS,
  });
  const young = await serve(t, both, {
    startedAt: 5,
    now: () => 5,
    capabilities: [
      { label: 'A', specVersion: '1' },
      { label: 'B', specVersion: '1' },
    ],
  });
  const { body: two } = await young('/status');
  assert.deepEqual([two.uptime, two.capability, two.capabilities.length], ['PT0S', undefined, 2]);
});

test('endpoints are read only, and those that are off are left to others', async (t) => {
  const ask = await serve(t, both);
  const post = await ask('/health/live', 'POST');
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD, OPTIONS']);
  assert.equal(post.body.code, 'METHOD_NOT_ALLOWED');
  assert.deepEqual((await ask('/status', 'OPTIONS')).status, 204);
  for (const path of ['/', '/health', '/health/live/x', '/metrics', '/scripting', '//status']) {
    assert.equal((await ask(path)).status, 418, path);
  }
  const quiet = await serve(t, { ...both, health: false, info: false });
  for (const path of ['/health/live', '/health/ready', '/status']) {
    assert.equal((await quiet(path)).status, 418, path);
  }
});

const capability = (control: string): string => `
naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: control
    port: 9100
${control.replace(/^/gm, '    ')}
`;

const compile = ({ compilation, expose }: Compiling): ControlPlan => {
  const [face, pointer] = expose('control');
  return compileControl(compilation, face as ExposesControl, pointer);
};

test('health is on and status off unless the file says otherwise', async () => {
  const plain = await compiling('a.yaml', capability('address: localhost'));
  assert.deepEqual(compile(plain), {
    face: 'control',
    address: 'localhost',
    port: 9100,
    health: true,
    info: false,
    metrics: true,
  });
  assert.deepEqual(plain.found(), []);
  const other = await compiling('a.yaml', capability('management: {health: false, info: true}'));
  const { health, info } = compile(other);
  assert.deepEqual([health, info], [false, true]);
});

test('endpoints that are not served yet are warnings, each at its key', async () => {
  const all = await compiling(
    'a.yaml',
    capability(`
management:
  reload: true
  validate: true
  logs: {stream: true}
  scripting: {enabled: true}
observability:
  metrics: {local: {enabled: true}}
  traces: {sampling: 0.5}
  exporters: {otlp: {endpoint: 'http://localhost:4318'}}
`),
  );
  compile(all);
  const at = '/capability/exposes/0';
  assert.deepEqual(all.found(), [
    `NOT_SERVED_YET warning ${at}/management/reload`,
    `NOT_SERVED_YET warning ${at}/management/validate`,
    `NOT_SERVED_YET warning ${at}/management/logs`,
    `NOT_SERVED_YET warning ${at}/observability/traces`,
    `NOT_SERVED_YET warning ${at}/observability/exporters`,
    `NOT_SERVED_YET warning ${at}/management/scripting`,
  ]);
  const off = await compiling(
    'a.yaml',
    capability(`
management: {reload: false, logs: false}
observability: {enabled: false, metrics: {local: {enabled: true}}}
`),
  );
  compile(off);
  assert.deepEqual(off.found(), []);
  const on = await compiling('a.yaml', capability('observability: {enabled: true}'));
  compile(on);
  assert.deepEqual(on.found(), []);
});
