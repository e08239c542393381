import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';
import { start } from './child.ts';
import { fileOf, folderOf, items } from './naftiko.ts';

const bounded = { timeout: 180_000 };

interface Worker {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
}

test(
  'two workers serve the same ports, one that dies is replaced, and all of it ends as one',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /items/7': { body: { id: 7 } } });
    const file = await fileOf(t, items({ baseUri: upstream.origin }));
    const ports = ['--rest-port', '0', '--mcp-port', '0', '--admin', '0'];
    const child = start(t, ['run', file, '--workers', '2', '--log-format', 'json', ...ports]);
    await child.until(/"rest":\["items-rest"\][\s\S]*"mcp":\["items-mcp"\]/);
    const portOf = (pattern: RegExp): string =>
      `http://127.0.0.1:${pattern.exec(child.said.err)?.[1]}`;
    const admin = portOf(/"port":(\d+),"msg":"admin port/);
    const rest = portOf(/"port":(\d+),"rest":\["items-rest"\]/);
    const mcp = portOf(/"port":(\d+),"rest":\[\],"mcp":\["items-mcp"\]/);
    const workers = async (): Promise<readonly Worker[]> =>
      ((await send(admin, '/status')).json() as { workers: readonly Worker[] }).workers;
    const allReady = async (): Promise<readonly Worker[]> => {
      for (;;) {
        const all = await workers();
        if (all.every(({ state }) => state === 'ready')) return all;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const before = await allReady();
    assert.deepEqual(
      before.map(({ worker, restarts }) => [worker, restarts]),
      [
        [1, 0],
        [2, 0],
      ],
    );

    const agents = await Promise.all(
      Array.from({ length: 6 }, () => connectAgent(t, `${mcp}/mcp`)),
    );
    const call = { name: 'get-item', arguments: { id: '7' } };
    for (const agent of [...agents, ...agents])
      assert.equal(textOf(await agent.callTool(call)), '{"id":7}');
    await Promise.all(Array.from({ length: 20 }, () => send(rest, '/v1/items/7')));
    const metrics = (await send(admin, '/metrics')).text;
    const calls = 'naftiko_tool_calls_total{namespace="items-mcp",tool="get-item",outcome="ok"} 12';
    assert.ok(metrics.includes(calls), metrics);
    assert.match(metrics, /^naftiko_workers\{state="ready"\} 2$/m);
    await Promise.all(agents.map((agent) => agent.close()));

    const victim = before[1] as Worker;
    process.kill(victim.pid, 'SIGKILL');
    await child.until(/"worker":2,.*"A worker has died\."/);
    const after = await allReady();
    assert.equal(after[1]?.restarts, 1);
    assert.notEqual(after[1]?.pid, victim.pid);
    assert.equal(after[0]?.pid, before[0]?.pid);
    assert.equal((await send(rest, '/v1/items/7')).status, 200);
    assert.ok((await send(admin, '/metrics')).text.includes(calls), 'what it counted stays');

    child.process.kill('SIGTERM');
    assert.equal(await child.ended, 0);
    assert.equal(child.said.out, '');
  },
);

test('workers that die as they start end the command, and it says so', bounded, async (t) => {
  const folder = await folderOf(t, {
    'items.yaml': items(),
    'die.mjs': "import cluster from 'node:cluster';\nif (cluster.isWorker) process.exit(7);\n",
  });
  const dying = ['--import', `${folder}/die.mjs`];
  const child = start(t, ['run', `${folder}/items.yaml`, '--workers', '2'], { node: dying });
  assert.equal(await child.ended, 1);
  assert.match(child.said.err, /number 1 did 5 times in a row, the last time with status 7/);
});

test(
  'what is wrong with a file is said once, with the status of one process',
  bounded,
  async (t) => {
    const file = await fileOf(t, items().replace('call: items.list,', 'call: items.nothing,'));
    const child = start(t, ['run', file, '--workers', '2']);
    assert.equal(await child.ended, 1);
    assert.equal(child.said.err.match(/CALL_UNKNOWN/g)?.length, 1, child.said.err);
  },
);
