import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openAdmin } from '../../src/admin/server.ts';
import { fileOf, items, naftiko, startRun } from '../cli/naftiko.ts';
import { samplesIn } from '../metrics/samples.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const adminIn = (said: string): string => /(http:\S+)\/status/.exec(said)?.[1] ?? '';

async function serve(t: TestContext) {
  const upstream = await startUpstream(t, { 'GET /items/7': { body: { id: 7 } } });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  return startRun(t, [file, '--admin', '0']);
}

test('the admin port answers probes, and tells what is served and counted', async (t) => {
  const running = await serve(t);
  const admin = adminIn(running.err());
  assert.match(admin, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const probe of ['/livez', '/readyz']) {
    const answer = await send(admin, probe);
    assert.deepEqual([answer.status, answer.json()], [200, { status: 'UP' }]);
  }
  assert.equal((await send(running.rest, '/v1/items/7')).status, 200);
  const samples = samplesIn((await send(admin, '/metrics')).text);
  const row = 'naftiko_upstream_requests_total{namespace="items",operation="get",status="2xx"}';
  assert.equal(samples.get(row), 1);
  const status = (await send(admin, '/status')).json() as Record<string, unknown>;
  assert.equal(status.state, 'ready');
  assert.equal((status.files as string[]).length, 1);
  const [worker, ...others] = status.workers as { pid: number; state: string }[];
  assert.deepEqual([worker?.pid, worker?.state, others], [process.pid, 'ready', []]);
  const ports = (status.listeners as { port: number }[]).map(({ port }) => String(port));
  assert.deepEqual(
    ports,
    [running.rest, running.mcp].map((url) => new URL(url).port),
  );
  assert.equal((await send(admin, '/elsewhere')).status, 404);
  const posted = await send(admin, '/livez', { method: 'POST' });
  assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET, HEAD']);
  const head = await send(admin, '/readyz', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  const rebound = await send(admin, '/status', { headers: { host: 'evil.example' } });
  assert.equal(rebound.status, 403);
});

test('a gateway that is not ready says why', async (t) => {
  let reason: string | undefined = 'The gateway is starting.';
  const admin = await openAdmin(
    { host: '127.0.0.1', port: 0 },
    {
      unready: () => reason,
      metrics: async () => {
        throw new Error('Nothing is counted yet.');
      },
      status: () => ({}),
    },
  );
  t.after(() => admin.close());
  const origin = `http://127.0.0.1:${admin.port}`;
  const starting = await send(origin, '/readyz');
  assert.deepEqual([starting.status, starting.json()], [503, { status: 'DOWN', reason }]);
  assert.equal((await send(origin, '/livez')).status, 200);
  assert.equal((await send(origin, '/metrics')).status, 500);
  reason = undefined;
  assert.equal((await send(origin, '/readyz')).status, 200);
});

test('while running requests end, the gateway is alive and not ready', async (t) => {
  let answer = (): void => {};
  const upstream = await startUpstream(t, {
    'GET /items/7': (_, response) =>
      new Promise<void>((resolve) => {
        answer = () => {
          response.end('{}');
          resolve();
        };
      }),
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const running = await startRun(t, [file, '--admin', '127.0.0.1:0']);
  const admin = adminIn(running.err());
  const asked = send(running.rest, '/v1/items/7');
  while (upstream.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const stopped = running.stop();
  let status = 200;
  while (status === 200) status = (await send(admin, '/readyz')).status;
  assert.equal(status, 503);
  assert.equal((await send(admin, '/livez')).status, 200);
  const told = (await send(admin, '/status')).json() as { state: string };
  assert.equal(told.state, 'draining');
  answer();
  assert.equal((await asked).status, 200);
  assert.equal(await stopped, 0);
  await assert.rejects(send(admin, '/livez'));
});

test('an admin port that is taken ends the start, and says what to do', async (t) => {
  const upstream = await startUpstream(t, {});
  const file = await fileOf(t, items());
  const taken = ['run', file, '--admin', String(upstream.port), '--rest-port', '0'];
  const said = await naftiko([...taken, '--mcp-port', '0']);
  assert.equal(said.status, 1);
  assert.match(said.err, /admin port 127\.0\.0\.1:\d+ cannot be opened: another program listens/);
});

test('an address that is none, and a number of workers that is none, are refused', async (t) => {
  const file = await fileOf(t, items());
  for (const [option, value, why] of [
    ['--admin', 'a:b:1', /PORT or HOST:PORT/],
    ['--admin', '70000', /0 to 65535/],
    ['--workers', '0', /number from 1 to 256, or max/],
    ['--workers', 'many', /or max/],
  ] as const) {
    const said = await naftiko(['run', file, option, value]);
    assert.equal(said.status, 2);
    assert.match(said.err, why);
  }
  const both = await naftiko(['run', file, '--workers', '2', '--stdio']);
  assert.equal(both.status, 2);
  assert.match(both.err, /leave out --workers/);
});
