import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { folderOf } from '../support/faces.ts';
import type { TestGateway } from '../support/gateway.ts';
import { jsonBody, send } from '../support/http.ts';
import { connectTo, converseWithAll, type Several, startSeveral } from './several.ts';

const PORTS = 3;

/** Gateways that know each other as the workers of one command do. */
async function serve(t: TestContext, count = PORTS): Promise<Several> {
  const folder = await folderOf(t, {});
  return startSeveral(
    t,
    Array.from({ length: count }, (_, at) => ({
      siblings: { seat: at + 1, count, folder, metrics: async () => '' },
    })),
  );
}

test('sessions are served whichever process a request reaches, questions in between', async (t) => {
  const clients = await converseWithAll(t, await serve(t), 12);
  const holders = clients.map(({ transport }) => transport.sessionId?.split('-')[0]);
  assert.deepEqual([...new Set(holders)].sort(), ['1', '2', '3']);
});

test('a session that is ended anywhere is ended everywhere', async (t) => {
  const siblings = await serve(t);
  const { client, transport } = await connectTo(t, siblings, 'one');
  const session = transport.sessionId as string;
  await transport.terminateSession();
  for (const { mcp } of siblings.gateways) {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { headers = {}, ...sent } = jsonBody(message);
    const found = await send(mcp, '/mcp', {
      ...sent,
      headers: { ...headers, accept: 'application/json', 'mcp-session-id': session },
    });
    assert.equal(found.status, 404);
    assert.match(found.text, /Send initialize to open another/);
  }
  await client.close();
});

test('sessions of a process that is gone go on with whichever is asked', async (t) => {
  const siblings = await serve(t);
  const clients = await Promise.all(['a', 'b', 'c'].map((name) => connectTo(t, siblings, name)));
  const last = siblings.gateways[2] as TestGateway;
  const held = clients.find(({ transport }) => transport.sessionId?.startsWith('3-'));
  const sessionId = held?.transport.sessionId as string;
  await Promise.all(clients.map(({ client }) => client.close()));
  await last.gateway.stop();
  const { headers = {}, ...sent } = jsonBody({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const answer = await send(siblings.gateways[0]?.mcp as string, '/mcp', {
    ...sent,
    headers: { ...headers, accept: 'application/json', 'mcp-session-id': sessionId },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /"name":"greet"/);
});

test('a guard of the holder judges what is handed on, by what the caller sent', async (t) => {
  const siblings = await serve(t);
  const { transport } = await connectTo(t, siblings, 'one');
  const session = transport.sessionId as string;
  for (const { mcp } of siblings.gateways) {
    const { headers = {}, ...sent } = jsonBody({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const own = { ...headers, accept: 'application/json', 'mcp-session-id': session };
    const refused = await send(mcp, '/mcp', {
      ...sent,
      headers: { ...own, origin: 'https://elsewhere.example' },
    });
    assert.equal(refused.status, 403);
    const taken = await send(mcp, '/mcp', { ...sent, headers: own });
    assert.deepEqual(taken.json(), { jsonrpc: '2.0', id: 1, result: {} });
  }
});

test('who leaves is gone for the holder, too', async (t) => {
  const siblings = await serve(t);
  const [first, second] = siblings.gateways as [TestGateway, TestGateway];
  const { headers = {}, ...sent } = jsonBody({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    },
  });
  const own = { ...headers, accept: 'application/json, text/event-stream' };
  const opened = await send(first.mcp, '/mcp', { ...sent, headers: own });
  const session = String(opened.headers['mcp-session-id']);
  assert.match(session, /^1-/);
  const listen = (signal: AbortSignal | null = null): Promise<Response> =>
    fetch(second.mcp, {
      headers: { accept: 'text/event-stream', 'mcp-session-id': session },
      signal,
    });
  const leaving = new AbortController();
  assert.equal((await listen(leaving.signal)).status, 200);
  // A session has one such stream.
  const another = await listen();
  assert.equal(another.status, 409);
  await another.body?.cancel();
  leaving.abort();
  for (let status = 409; status !== 200; ) {
    const again = await listen();
    status = again.status;
    await again.body?.cancel();
  }
});

test('a session of another machine, with more processes, is held by one of them here', async (t) => {
  const elsewhere = await serve(t, 3);
  const here = await serve(t, 2);
  const clients = await Promise.all(['a', 'b', 'c'].map((name) => connectTo(t, elsewhere, name)));
  for (const { transport, client } of clients) {
    const headers = {
      accept: 'text/event-stream',
      'mcp-session-id': transport.sessionId as string,
    };
    await client.close();
    const [one, other] = await Promise.all(here.gateways.map(({ mcp }) => fetch(mcp, { headers })));
    assert.deepEqual([one?.status, other?.status].sort(), [200, 409]);
    await Promise.all([one?.body?.cancel(), other?.body?.cancel()]);
  }
});
