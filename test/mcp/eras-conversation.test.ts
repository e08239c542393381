import assert from 'node:assert/strict';
import test from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import { connectAgent, initialize, rpc, sendRaw, textOf } from '../support/agent.ts';
import { connectNewer, MODES, modern, modernHeaders } from '../support/newer-agent.ts';
import { askers, openRounds, runAsker } from './asking-tools.ts';
import {
  answered,
  bounded,
  echoAndWait,
  echoAndWaitRunner,
  serveMcp,
  tool,
  toolset,
  until,
} from './toolbox.ts';

const options = { rounds: openRounds, run: runAsker };
const capabilities = { elicitation: {}, roots: {} };

const answering = (client: Client): void => {
  client.setRequestHandler('elicitation/create', async () => ({
    action: 'accept',
    content: { name: 'Ada' },
  }));
  client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///home' }] }));
};

for (const [name, mode] of MODES) {
  test(`a client in ${name} mode is asked, and its answers are used`, bounded, async (t) => {
    const { url, handler } = await serveMcp(t, askers, options);
    const agent = await connectNewer(t, url, mode, { capabilities }, answering);
    const points: unknown[] = [];
    const result = await agent.callTool({ name: 'greet' }, { onprogress: (at) => points.push(at) });
    assert.deepEqual(result.structuredContent, { hello: 'Ada', at: ['file:///home'] });
    assert.ok(points.length >= 3);
    await until(() => handler.running() <= 1);
  });

  test(`progress of a call comes to a client in ${name} mode, growing`, bounded, async (t) => {
    const { url } = await serveMcp(t, toolset([tool('a')]), { run: async () => answered({}) });
    const agent = await connectNewer(t, url, mode);
    const points: { progress: number; total?: number | undefined; message?: unknown }[] = [];
    await agent.callTool({ name: 'a' }, { onprogress: (point) => points.push(point) });
    assert.deepEqual(
      points.map(({ progress, total, message }) => [progress, total, message]),
      [
        [0, 2, 'started'],
        [1, 2, 'answered'],
        [2, 2, 'completed'],
      ],
    );
  });
}

test("the older SDK's client hears of progress too", bounded, async (t) => {
  const { url } = await serveMcp(t, toolset([tool('a')]), {
    run: async (_tool, _values, { progress }) => {
      for (const done of [0, 1, 1, 2, 3]) progress?.({ done, total: 4, message: `at ${done}` });
      return answered({});
    },
  });
  const agent = await connectAgent(t, url);
  const points: unknown[] = [];
  await agent.callTool({ name: 'a' }, undefined, {
    onprogress: ({ progress, message }) => points.push([progress, message]),
  });
  assert.deepEqual(points, [
    [0, 'started'],
    [1, 'at 1'],
    [2, 'at 2'],
    [3, 'at 3'],
    [4, 'completed'],
  ]);
});

test('a client that cannot be asked is told what it lacks', bounded, async (t) => {
  const { url } = await serveMcp(t, askers, options);
  const headers = modernHeaders('tools/call', 'greet');
  const refused = await sendRaw(url, modern('tools/call', { name: 'greet' }), headers);
  const { error } = JSON.parse(refused.text);
  assert.deepEqual([refused.status, error.code], [400, -32021]);
  assert.deepEqual(error.data, { requiredCapabilities: { elicitation: {} } });
  const declared = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
  const asked = await sendRaw(url, modern('tools/call', { name: 'greet' }, 1, declared), headers);
  const { result } = JSON.parse(asked.text);
  assert.equal(result.resultType, 'input_required');
  assert.equal(result.inputRequests.user.method, 'elicitation/create');
  assert.equal(typeof result.requestState, 'string');
  const agent = await connectAgent(t, url);
  const older = await agent.callTool({ name: 'greet' });
  assert.equal(older.isError, true);
  assert.match(textOf(older), /needs a client that can be asked with elicitation\/create/);
});

test('log messages go to who asked for them, from the level on', bounded, async (t) => {
  const { url } = await serveMcp(t, toolset([tool('a')]), {
    run: async (_tool, _values, { progress }) => {
      assert.equal(typeof progress, levels.length === 0 ? 'undefined' : 'function');
      throw new Error('no');
    },
  });
  let levels: unknown[] = [];
  const call = async (meta: object, headers = {}) => {
    const sent = { ...modernHeaders('tools/call', 'a'), ...headers };
    levels = Object.values(meta);
    const { text } = await sendRaw(url, modern('tools/call', { name: 'a' }, 1, meta), sent);
    return Array.from(text.matchAll(/"level":"(\w+)"/g), ([, level]) => level);
  };
  const key = 'io.modelcontextprotocol/logLevel';
  assert.deepEqual(await call({}), []);
  assert.deepEqual(await call({ [key]: 'debug' }), ['info', 'error']);
  assert.deepEqual(await call({ [key]: 'warning' }), ['error']);
});

test('a session hears log messages once it has set a level', bounded, async (t) => {
  const { url } = await serveMcp(t, toolset([tool('a')]), { run: async () => answered({}) });
  const opened = await sendRaw(url, initialize());
  const session = {
    accept: 'application/json, text/event-stream',
    'mcp-session-id': String(opened.headers['mcp-session-id']),
  };
  const heard = async (): Promise<number> =>
    (await sendRaw(url, rpc('tools/call', { name: 'a' }), session)).text.split(
      'notifications/message',
    ).length - 1;
  assert.equal(await heard(), 0);
  await sendRaw(url, rpc('logging/setLevel', { level: 'info' }), session);
  assert.equal(await heard(), 3);
  await sendRaw(url, rpc('logging/setLevel', { level: 'error' }), session);
  assert.equal(await heard(), 0);
  const wrong = await sendRaw(url, rpc('logging/setLevel', { level: 'loud' }), session);
  assert.match(wrong.text, /-32602.*one of debug, info/);
});

test('a client of the new era that leaves aborts its call', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url, handler } = await serveMcp(t, echoAndWait, waiting);
  const leaving = new AbortController();
  const left = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...modernHeaders('tools/call', 'wait') },
    body: JSON.stringify(modern('tools/call', { name: 'wait' }, 1, { progressToken: 1 })),
    signal: leaving.signal,
  }).then(
    (response) => response.text().catch(() => 'left'),
    () => 'left',
  );
  await waiting.begun;
  leaving.abort();
  await waiting.aborted;
  assert.equal(await left, 'left');
  await until(() => handler.running() === 0);
});

test('closing the gateway ends calls of the new era', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url, handler } = await serveMcp(t, echoAndWait, waiting);
  const headers = modernHeaders('tools/call', 'wait');
  const call = sendRaw(url, modern('tools/call', { name: 'wait' }), headers);
  await waiting.begun;
  await handler.close();
  await waiting.aborted;
  assert.equal((await call).status, 503);
});
