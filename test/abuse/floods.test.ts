import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEvents } from '../../src/mcp/events.ts';
import { echoAndWait, echoAndWaitRunner, serveMcp } from '../mcp/toolbox.ts';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { bounded, open, until } from '../support/http.ts';
import { CLAIM, modern, modernHeaders } from '../support/newer-agent.ts';
import { startAbused } from './abused.ts';
import { keepCalling } from './control.ts';

const notification = (method: string, params: object = {}): object => ({
  jsonrpc: '2.0',
  method,
  params,
});

test(
  'notifications of all kinds are taken without an end, and change nothing',
  bounded,
  async (t) => {
    const { mcp } = await startAbused(t);
    const control = keepCalling(mcp);
    const opened = await sendRaw(mcp, initialize());
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const cancel = (requestId: unknown) => notification('notifications/cancelled', { requestId });
    const batch = [
      ...[1, 'x', -1, 0, 1e15].map(cancel),
      notification('notifications/progress', { progressToken: 'no', progress: 1 }),
      notification('notifications/roots/list_changed'),
      notification('notifications/initialized'),
      notification('notifications/no/such', { a: 1 }),
      { jsonrpc: '2.0', id: 99, result: {} },
    ];
    const many = Array.from({ length: 100 }, (_, at) => batch[at % batch.length]);
    for (let round = 0; round < 8; round += 1) {
      const cancelled = notification('notifications/cancelled', { requestId: round, _meta: CLAIM });
      const answers = await Promise.all([
        sendRaw(mcp, many, session),
        sendRaw(mcp, many),
        sendRaw(mcp, cancelled, modernHeaders('notifications/cancelled')),
      ]);
      assert.deepEqual(
        answers.map(({ status, text }) => [status, text]),
        Array(3).fill([202, '']),
      );
    }
    assert.equal((await sendRaw(mcp, rpc('ping'), session)).status, 200);
    await control.stop();
  },
);

test(
  'cancelling what runs, what ran and what never was leaves nothing behind',
  bounded,
  async (t) => {
    let running = 0;
    const waiting = echoAndWaitRunner();
    const { url, handler } = await serveMcp(t, echoAndWait, {
      run: async (plan, values, context) => {
        running += 1;
        return waiting.run(plan, values, context).finally(() => {
          running -= 1;
        });
      },
    });
    const opened = await sendRaw(url, initialize());
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    for (let round = 0; round < 10; round += 1) {
      const ids = Array.from({ length: 10 }, (_, at) => round * 10 + at);
      const calls = ids.map((id) => sendRaw(url, rpc('tools/call', { name: 'wait' }, id), session));
      await until(() => running === ids.length);
      const cancels = [...ids, ...ids, 1_000_000, 'x'].map((requestId) =>
        notification('notifications/cancelled', { requestId }),
      );
      assert.equal((await sendRaw(url, cancels, session)).status, 202);
      await Promise.all(calls);
      assert.equal((await sendRaw(url, cancels, session)).status, 202);
    }
    await until(() => running === 0 && handler.running() === 0);
    // A stranger's cancellation is not heard, with a session or without.
    const call = sendRaw(url, rpc('tools/call', { name: 'wait' }, 7), session);
    await until(() => running === 1);
    const other = await sendRaw(url, initialize());
    const stranger = { 'mcp-session-id': String(other.headers['mcp-session-id']) };
    const cancel = notification('notifications/cancelled', { requestId: 7 });
    for (const headers of [{}, stranger]) await sendRaw(url, cancel, headers);
    assert.equal(running, 1);
    await sendRaw(url, cancel, session);
    await call;
  },
);

test('subscriptions have an end: in number, in length, and all together', bounded, async (t) => {
  const events = createEvents();
  const { url, handler } = await serveMcp(t, echoAndWait, {
    ...echoAndWaitRunner(),
    events,
    maxBodyBytes: 10 * 1024 * 1024,
    maxListening: 20,
  });
  const method = 'subscriptions/listen';
  const listen = (resourceSubscriptions: readonly string[]) => ({
    method: 'POST',
    headers: { ...modernHeaders(method), 'content-type': 'application/json' },
    body: JSON.stringify(modern(method, { notifications: { resourceSubscriptions } })),
  });
  const { origin } = new URL(url);
  const long = Array.from({ length: 1_000 }, (_, at) => `a://${at}${'x'.repeat(8_000)}`);
  const sent = [await open(origin, '/mcp', listen(long)), await open(origin, '/mcp', listen(long))];
  const third = await sendRaw(url, listen(long).body, listen(long).headers);
  assert.deepEqual([third.status, JSON.parse(third.text).error.code], [503, -32000]);
  const wished = events.wishes();
  assert.ok(wished > 16_000_000 && wished <= 16 * 1024 * 1024);
  const opened = await sendRaw(url, initialize());
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const more = Array.from({ length: 100 }, (_, at) =>
    rpc('resources/subscribe', { uri: `b://${at}${'x'.repeat(8_000)}` }, at),
  );
  assert.match((await sendRaw(url, more, session)).text, /Too many resources are subscribed to/);
  assert.ok(events.wishes() <= 16 * 1024 * 1024);
  for (const stream of sent) stream.destroy();
  await until(() => events.wishes() < 1_000_000);

  const some = Array.from({ length: 20 }, () => open(origin, '/mcp', listen(['a://b'])));
  const streams = await Promise.all(some);
  const one = await sendRaw(url, listen(['a://b']).body, listen(['a://b']).headers);
  assert.match(one.text, /"code":-32603,"message":"Subscription limit reached"/);
  assert.equal((await sendRaw(url, rpc('tools/list'))).status, 200);
  for (const stream of streams) stream.destroy();
  await until(() => handler.running() === 0);
  const second = { ...session, accept: 'text/event-stream' };
  const first = await open(origin, '/mcp', { headers: second });
  assert.equal(first.statusCode, 200);
  assert.equal((await open(origin, '/mcp', { headers: second })).statusCode, 409);
  first.destroy();
});
