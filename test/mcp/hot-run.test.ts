import assert from 'node:assert/strict';
import http from 'node:http';
import test, { type TestContext } from 'node:test';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { bounded, echoAndWait, echoAndWaitRunner, serveMcp, until } from './toolbox.ts';

const KINDS = ['application/json', 'application/json, text/event-stream'];
const SIDES = [true, false];

/** A gateway in which a tool waits for ever, and the headers of a session with it. */
async function serveWaiting(t: TestContext, hot: boolean, accept: string) {
  const waiting = echoAndWaitRunner();
  const { url, handler } = await serveMcp(t, echoAndWait, { ...waiting, hot });
  const opened = await sendRaw(url, initialize());
  const session = { accept, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  return { url, handler, session, waiting };
}

const wait = rpc('tools/call', { name: 'wait' }, 'w');

/** What came of a call that another message ended. */
async function ended(t: TestContext, hot: boolean, accept: string, how: 'cancel' | 'delete') {
  const { url, handler, session, waiting } = await serveWaiting(t, hot, accept);
  const answer = sendRaw(url, wait, session);
  await waiting.begun;
  const again = await sendRaw(url, rpc('ping', {}, 'w'), session);
  if (how === 'delete') await sendRaw(url, undefined, session, 'DELETE');
  else {
    const params = { requestId: 'w' };
    await sendRaw(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params }, session);
  }
  await waiting.aborted;
  const { status, headers, text } = await answer;
  await until(() => handler.running() === 0);
  assert.equal(handler.hot(), hot ? 1 : 0);
  return { status, type: headers['content-type'], text, again: again.text, taken: again.status };
}

for (const how of ['cancel', 'delete'] as const) {
  test(
    `a call that is ended by ${how} ends alike with and without the SDKs`,
    bounded,
    async (t) => {
      for (const accept of KINDS) {
        const [one, other] = [
          await ended(t, true, accept, how),
          await ended(t, false, accept, how),
        ];
        assert.deepEqual(one, other);
        assert.match(one.again, /belongs to a request that is still running/);
      }
    },
  );
}

test('closing ends calls of every kind alike with and without the SDKs', bounded, async (t) => {
  const calls = [
    { body: wait, headers: {} },
    { body: wait, headers: { accept: 'text/event-stream' } },
    {
      body: modern('tools/call', { name: 'wait' }, 'w'),
      headers: modernHeaders('tools/call', 'wait'),
    },
  ];
  for (const { body, headers } of calls) {
    const ends: unknown[] = [];
    for (const hot of SIDES) {
      const { url, handler, waiting } = await serveWaiting(t, hot, '*/*');
      const answer = sendRaw(url, body, headers);
      await waiting.begun;
      await handler.close();
      const { status, text } = await answer;
      ends.push({ status, text });
      assert.equal(handler.hot(), hot ? 1 : 0);
    }
    assert.deepEqual(ends[0], ends[1]);
  }
});

test('who waits on a stream sees its head, and may leave', bounded, async (t) => {
  const { url, handler, session, waiting } = await serveWaiting(t, true, KINDS[1] as string);
  const headers = { 'content-type': 'application/json', ...session };
  const request = http.request(url, { method: 'POST', agent: false, headers });
  request.on('error', () => {});
  const head = new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
  request.end(JSON.stringify(wait));
  const response = await head;
  assert.equal(response.headers['content-type'], 'text/event-stream');
  assert.equal(response.headers['mcp-session-id'], session['mcp-session-id']);
  response.on('error', () => {});
  request.destroy();
  await waiting.aborted;
  await until(() => handler.running() === 0);
  assert.equal(handler.hot(), 1);
});
