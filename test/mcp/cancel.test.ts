import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { type Channel, openChannel } from '../../src/mcp/channel.ts';
import { readEnvelope } from '../../src/mcp/envelope.ts';
import { answerPost } from '../../src/mcp/exchange.ts';
import { createToolCore } from '../../src/mcp/tools.ts';
import { connectAgent, initialize, rpc, sendRaw } from '../support/agent.ts';
import {
  bounded,
  echoAndWait,
  echoAndWaitRunner,
  serveMcp,
  until,
  type Waiting,
} from './toolbox.ts';

const cancel = (requestId: string | number): object => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

test("a cancellation by the SDK's client aborts the run", bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url, handler } = await serveMcp(t, echoAndWait, waiting);
  const agent = await connectAgent(t, url);
  const abort = new AbortController();
  const call = agent.callTool({ name: 'wait' }, undefined, { signal: abort.signal });
  await waiting.begun;
  abort.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
  await waiting.aborted;
  assert.equal(handler.sessions(), 1);
});

for (const id of [0, 7]) {
  test(`a client without a session that leaves aborts its run (id ${id})`, bounded, async (t) => {
    const waiting = echoAndWaitRunner();
    const { url, handler } = await serveMcp(t, echoAndWait, waiting);
    await leaveDuring(url, {}, id, waiting);
    await waiting.aborted;
    await until(() => handler.running() === 0);
  });
}

test(
  'a client with a session that leaves aborts its run and keeps the session',
  bounded,
  async (t) => {
    for (const accept of ['application/json', 'application/json, text/event-stream']) {
      const waiting = echoAndWaitRunner();
      const { url, handler } = await serveMcp(t, echoAndWait, waiting);
      const opened = await sendRaw(url, initialize());
      const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), accept };
      await leaveDuring(url, session, 7, waiting);
      await waiting.aborted;
      await until(() => handler.running() === 0);
      assert.equal((await sendRaw(url, rpc('ping', undefined, 7), session)).status, 200);
    }
  },
);

test(
  '200 calls in a session, cancelled, left or answered, leave nothing behind',
  bounded,
  async (t) => {
    const waiting = { current: echoAndWaitRunner() };
    const core = createToolCore(echoAndWait, {
      run: (plan, values, context) => waiting.current.run(plan, values, context),
    });
    const { url, channel } = await serveChannel(t, await openChannel(core, 'one'));
    await sendRaw(url, initialize());
    const call = (name: string, id: number) => rpc('tools/call', { name, arguments: { id } }, id);
    for (let id = 1; id <= 200; id++) {
      const accept = id % 2 === 0 ? 'application/json' : 'application/json, text/event-stream';
      if (id % 20 === 0) {
        waiting.current = echoAndWaitRunner();
        await leaveDuring(url, { accept }, id, waiting.current);
        await waiting.current.aborted;
      } else if (id % 20 === 10) {
        waiting.current = echoAndWaitRunner();
        const answer = sendRaw(url, rpc('tools/call', { name: 'wait' }, id), { accept });
        await waiting.current.begun;
        await sendRaw(url, cancel(id));
        await answer;
      } else {
        assert.match((await sendRaw(url, call('echo-item', id), { accept })).text, /"got"/);
      }
    }
    await until(() => channel.running.size === 0);
    assert.deepEqual(
      sizesOfMaps(channel.transport),
      sizesOfMaps((await openChannel(core)).transport),
    );
    assert.ok(Object.values(sizesOfMaps(channel.server)).every((size) => size < 20));
  },
);

test('200 calls without a session leave nothing behind', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  for (let id = 1; id <= 200; id++) {
    const call = rpc('tools/call', { name: 'echo-item', arguments: { id } }, id);
    assert.match((await sendRaw(url, call)).text, /"got"/);
  }
  assert.equal(handler.sessions(), 0);
  await until(() => handler.running() === 0);
});

test('a cancelled request of a batch leaves the others their answers', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url } = await serveMcp(t, echoAndWait, {
    run: async (plan, values, context) => {
      if (plan.definition.name === 'echo-item') await waiting.aborted;
      return waiting.run(plan, values, context);
    },
  });
  const opened = await sendRaw(url, initialize('2025-03-26'));
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const echo = rpc('tools/call', { name: 'echo-item', arguments: { id: 7 } }, 'b');
  const answer = sendRaw(url, [rpc('tools/call', { name: 'wait' }, 'a'), echo], session);
  await waiting.begun;
  await sendRaw(url, cancel('a'), session);
  const answers = JSON.parse((await answer).text) as { id: string; result?: object }[];
  const kept = answers.find(({ id }) => id === 'b');
  assert.deepEqual(kept?.result, {
    content: [{ type: 'text', text: '{"got":{"id":7}}' }],
    structuredContent: { got: { id: 7 } },
  });
});

/** Starts the tool `wait` and breaks the connection once it runs. */
async function leaveDuring(
  url: string,
  headers: Readonly<Record<string, string>>,
  id: number,
  waiting: Waiting,
): Promise<void> {
  const request = http.request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...headers },
  });
  request.on('error', () => {});
  request.on('response', (response) => response.on('error', () => {}));
  request.end(JSON.stringify(rpc('tools/call', { name: 'wait' }, id)));
  await waiting.begun;
  request.destroy();
}

async function serveChannel(
  t: TestContext,
  channel: Channel,
): Promise<{ url: string; channel: Channel }> {
  const server = http.createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const envelope = readEnvelope(JSON.parse(Buffer.concat(chunks).toString()));
    const wants = req.headers.accept?.includes('event-stream') ? 'events' : 'json';
    await answerPost(channel, envelope, { sessionId: 'one' }, { wants, caller: {} }, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await channel.server.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, channel };
}

/** The SDK's own bookkeeping, by the names of its fields. */
function sizesOfMaps(holder: object): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, value] of Object.entries(holder)) {
    if (value instanceof Map || value instanceof Set) sizes[name] = value.size;
  }
  assert.ok(Object.keys(sizes).length >= 3);
  return sizes;
}
