import assert from 'node:assert/strict';
import test from 'node:test';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { createEvents } from '../../src/mcp/events.ts';
import { connectAgent, initialize, rpc, sendRaw } from '../support/agent.ts';
import { connectNewer, modern, modernHeaders } from '../support/newer-agent.ts';
import { bounded, echoAndWait, echoAndWaitRunner, serveMcp, until } from './toolbox.ts';

test('wishes are counted, and their first and last are told', () => {
  const events = createEvents();
  const told: unknown[] = [];
  events.onWanted((uri, wanted) => told.push([uri, wanted]));
  const [one, other] = [events.want('a://b'), events.want('a://b')];
  one();
  one();
  assert.deepEqual([...events.wanted()], ['a://b']);
  other();
  assert.deepEqual([...events.wanted()], []);
  assert.deepEqual(told, [
    ['a://b', true],
    ['a://b', false],
  ]);
});

test('a session hears of the resources it subscribed to', bounded, async (t) => {
  const events = createEvents();
  const { url, handler } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), events });
  const agent = await connectAgent(t, url);
  const heard: string[] = [];
  agent.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard.push(params.uri);
  });
  await agent.subscribeResource({ uri: 'a://b' });
  await agent.subscribeResource({ uri: 'a://c' });
  await agent.unsubscribeResource({ uri: 'a://c' });
  assert.deepEqual([...events.wanted()], ['a://b']);
  // The stream of a session opens after its handshake; what nobody hears is gone.
  await until(() => {
    events.emit({ kind: 'resourceUpdated', uri: 'a://c' });
    events.emit({ kind: 'resourceUpdated', uri: 'a://b' });
    return heard.length > 0;
  });
  assert.deepEqual(new Set(heard), new Set(['a://b']));
  await handler.close();
  assert.deepEqual([...events.wanted()], []);
});

test('a client of the new era listens for what it names', bounded, async (t) => {
  const events = createEvents();
  const options = { ...echoAndWaitRunner(), events, changes: true };
  const { url } = await serveMcp(t, echoAndWait, options);
  const heard: string[] = [];
  const agent = await connectNewer(t, url, 'auto', {}, (client) => {
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      heard.push(params.uri);
    });
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      heard.push('tools');
    });
  });
  const filter = { resourceSubscriptions: ['a://b'], toolsListChanged: true };
  const subscription = await agent.listen(filter);
  assert.deepEqual(subscription.honoredFilter, filter);
  assert.deepEqual([...events.wanted()], ['a://b']);
  for (const uri of ['a://c', 'a://b']) events.emit({ kind: 'resourceUpdated', uri });
  events.emit({ kind: 'promptsChanged' });
  events.emit({ kind: 'toolsChanged' });
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ['a://b', 'tools']);
  await subscription.close();
  await until(() => events.wanted().size === 0);
});

test('listening is acknowledged, marked, and ended with a result', bounded, async (t) => {
  const events = createEvents();
  const { url, handler } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), events });
  const method = 'subscriptions/listen';
  const notifications = { resourceSubscriptions: ['a://b'], toolsListChanged: true };
  const listening = sendRaw(url, modern(method, { notifications }, 'sub'), modernHeaders(method));
  await until(() => events.wanted().size === 1);
  events.emit({ kind: 'resourceUpdated', uri: 'a://b' });
  await handler.close();
  const { headers, text } = await listening;
  assert.equal(headers['content-type'], 'text/event-stream');
  assert.equal(headers['x-accel-buffering'], 'no');
  const messages = Array.from(text.matchAll(/^data: (.*)$/gm), ([, data]) =>
    JSON.parse(data ?? ''),
  );
  const [acknowledged, updated, ended] = messages;
  assert.equal(messages.length, 3);
  assert.equal(acknowledged.method, 'notifications/subscriptions/acknowledged');
  // Lists do not change here, and nothing is promised.
  assert.deepEqual(acknowledged.params.notifications, { resourceSubscriptions: ['a://b'] });
  assert.equal(updated.params.uri, 'a://b');
  for (const { params, result } of messages) {
    const { _meta } = params ?? result;
    assert.equal(_meta['io.modelcontextprotocol/subscriptionId'], 'sub');
  }
  assert.deepEqual([ended.id, ended.result.resultType], ['sub', 'complete']);
  assert.equal(events.wanted().size, 0);
});

test('listening for too much is refused', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const method = 'subscriptions/listen';
  const resourceSubscriptions = Array.from({ length: 1_001 }, (_, at) => `a://${at}`);
  const much = modern(method, { notifications: { resourceSubscriptions } });
  const answer = await sendRaw(url, much, modernHeaders(method));
  assert.match(answer.text, /-32602,"message":"At most 1000 resources/);
  const opened = await sendRaw(url, initialize());
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const long = rpc('resources/subscribe', { uri: `a://${'x'.repeat(9_000)}` });
  assert.match((await sendRaw(url, long, session)).text, /At most 1000 resources/);
});
