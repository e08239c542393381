import assert from 'node:assert/strict';
import test from 'node:test';
import { connectAgent, initialize, rpc, sendRaw, textOf } from '../support/agent.ts';
import { bounded, EVERYTHING, echoAndWait, echoAndWaitRunner, serveMcp, until } from './toolbox.ts';

const both = { accept: 'application/json, text/event-stream' };

/** Opens a session by hand and gives the headers of its later requests. */
async function openSession(url: string): Promise<Record<string, string>> {
  const answer = await sendRaw(url, initialize(), both);
  assert.equal(answer.status, 200);
  return { ...both, 'mcp-session-id': String(answer.headers['mcp-session-id']) };
}

test(
  "the SDK's client opens a session, lists, calls and learns of failures",
  bounded,
  async (t) => {
    const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
    const agent = await connectAgent(t, url);
    assert.equal(handler.sessions(), 1);
    assert.deepEqual(agent.getServerVersion(), { name: 'items', title: 'Items', version: '1.2.3' });
    assert.equal(agent.getInstructions(), 'Ask for items.');
    assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);

    const { tools, ...rest } = await agent.listTools();
    assert.deepEqual(rest, {});
    assert.deepEqual(
      tools,
      echoAndWait.tools.map(({ definition }) => definition),
    );
    const called = await agent.callTool({ name: 'echo-item', arguments: { id: 7, select: 'a' } });
    assert.deepEqual(called.structuredContent, { got: { id: 7, $select: 'a' } });
    const refused = await agent.callTool({ name: 'echo-item', arguments: {} });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /- id: is required and was not given/);
    await assert.rejects(agent.callTool({ name: 'nope' }), { code: -32602, message: /"nope"/ });
  },
);

test('each supported version is echoed, any other is offered the newest', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
    const answer = await sendRaw(url, initialize(version));
    assert.equal(JSON.parse(answer.text).result.protocolVersion, version);
  }
  const answer = await sendRaw(url, initialize('2026-07-28'));
  assert.equal(JSON.parse(answer.text).result.protocolVersion, '2025-11-25');
});

test('a session answers with events, or with JSON to who accepts only that', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const session = await openSession(url);
  const events = await sendRaw(url, rpc('tools/list'), session);
  assert.equal(events.headers['content-type'], 'text/event-stream');
  assert.match(events.text, /^event: message\ndata: \{"result":\{"tools":\[/);

  const json = await sendRaw(url, rpc('tools/list'), { ...session, accept: 'application/json' });
  assert.equal(json.headers['content-type'], 'application/json');
  assert.equal(json.headers['mcp-session-id'], session['mcp-session-id']);
  assert.equal(JSON.parse(json.text).result.tools.length, 2);
  const notified = await sendRaw(
    url,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    session,
  );
  assert.deepEqual([notified.status, notified.text], [202, '']);
});

test('DELETE ends a session; its id is unknown then', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const session = await openSession(url);
  assert.equal((await sendRaw(url, undefined, session, 'DELETE')).status, 200);
  assert.equal(handler.sessions(), 0);
  for (const method of ['POST', 'GET', 'DELETE']) {
    const gone = await sendRaw(url, method === 'POST' ? rpc('ping') : undefined, session, method);
    assert.equal(gone.status, 404);
    assert.equal(JSON.parse(gone.text).error.code, -32001);
    assert.match(gone.text, /Send initialize to open another/);
  }
  assert.equal((await sendRaw(url, undefined, {}, 'DELETE')).status, 400);
});

test('one session more than the limit ends the longest unused', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, {
    ...echoAndWaitRunner(),
    maxSessions: 2,
  });
  const [first, second] = [await openSession(url), await openSession(url)];
  assert.equal((await sendRaw(url, rpc('ping'), first)).status, 200);
  const third = await openSession(url);
  assert.equal(handler.sessions(), 2);
  assert.equal((await sendRaw(url, rpc('ping'), second)).status, 404);
  assert.equal((await sendRaw(url, rpc('ping'), first)).status, 200);
  assert.equal((await sendRaw(url, rpc('ping'), third)).status, 200);
});

test('a session is there for who opened it, and for nobody else', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner(), ({ headers }) =>
    typeof headers.from === 'string' ? { principal: headers.from } : {},
  );
  const opened = await sendRaw(url, initialize(), { ...both, from: 'ada' });
  const session = { ...both, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  for (const stranger of [{ from: 'eve' }, {}]) {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? rpc('ping') : undefined;
      const answer = await sendRaw(url, body, { ...session, ...stranger }, method);
      assert.deepEqual([answer.status, JSON.parse(answer.text).error.code], [404, -32001]);
    }
  }
  assert.equal((await sendRaw(url, rpc('ping'), { ...session, from: 'ada' })).status, 200);
});

test('an unused session expires, one that listens does not', bounded, async (t) => {
  let now = 0;
  const served = await serveMcp(t, echoAndWait, {
    ...echoAndWaitRunner(),
    sessionIdleMs: 1_000,
    now: () => now,
  });
  const idle = await openSession(served.url);
  const listening = await openSession(served.url);
  const leave = new AbortController();
  const stream = await fetch(served.url, {
    headers: { ...listening, accept: 'text/event-stream' },
    signal: leave.signal,
  });
  assert.equal(stream.status, 200);
  now = 5_000;
  assert.equal((await sendRaw(served.url, rpc('ping'), idle)).status, 404);
  assert.equal((await sendRaw(served.url, rpc('ping'), listening)).status, 200);
  assert.equal(served.handler.sessions(), 1);
  leave.abort();
});

test('an id is not taken twice while its request runs', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url } = await serveMcp(t, echoAndWait, waiting);
  const session = await openSession(url);
  const first = sendRaw(url, rpc('tools/call', { name: 'wait' }, 5), session);
  await waiting.begun;
  const second = await sendRaw(url, rpc('ping', undefined, 5), session);
  assert.equal(second.status, 400);
  assert.match(second.text, /"id":5,"error":\{"code":-32600,.*still running/);
  await sendRaw(
    url,
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } },
    session,
  );
  assert.equal((await first).text, '');
});

test('closing ends sessions and streams, and refuses what comes after', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { url, handler } = await serveMcp(t, echoAndWait, waiting);
  const session = await openSession(url);
  const wait = rpc('tools/call', { name: 'wait' });
  const call = sendRaw(url, wait, { ...session, accept: 'application/json' });
  await waiting.begun;
  const single = sendRaw(url, wait);
  await until(() => handler.running() === 2);
  await handler.close();
  await waiting.aborted;
  for (const { text } of [await call, await single]) {
    assert.match(text, /"error":\{"code":-32000,"message":"The (request was cancelled|gateway is)/);
  }
  assert.equal(handler.sessions(), 0);
  const refused = await sendRaw(url, rpc('ping'));
  assert.equal(refused.status, 503);
  assert.deepEqual(JSON.parse(refused.text), {
    jsonrpc: '2.0',
    id: null,
    error: { code: -32000, message: 'The gateway is shutting down.' },
  });
});

test('closing with grace lets a running call answer', bounded, async (t) => {
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { url, handler } = await serveMcp(t, echoAndWait, {
    run: async () => {
      begin();
      await held;
      return { kind: 'value', value: { done: true }, status: 200 };
    },
  });
  const call = sendRaw(url, rpc('tools/call', { name: 'wait' }));
  await begun;
  const closed = handler.close(60_000);
  release();
  assert.deepEqual(JSON.parse((await call).text).result.structuredContent, { done: true });
  await closed;
  assert.equal(handler.running(), 0);
});
