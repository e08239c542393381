import assert from 'node:assert/strict';
import type http from 'node:http';
import { test } from 'node:test';
import { echoAndWait, echoAndWaitRunner, serveMcp } from '../mcp/toolbox.ts';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { bounded, converse } from '../support/http.ts';

const sessionOf = ({ headers }: { headers: http.IncomingHttpHeaders }): Record<string, string> => ({
  'mcp-session-id': String(headers['mcp-session-id']),
});

test('an id that is not of a session of the caller is 404, whatever it is', bounded, async (t) => {
  const served = await serveMcp(t, echoAndWait, echoAndWaitRunner(), ({ headers }) =>
    typeof headers.from === 'string' ? { principal: headers.from } : {},
  );
  const { url, handler } = served;
  const own = sessionOf(await sendRaw(url, initialize(), { from: 'ada' }));
  const ended = sessionOf(await sendRaw(url, initialize(), { from: 'ada' }));
  assert.equal((await sendRaw(url, undefined, { ...ended, from: 'ada' }, 'DELETE')).status, 200);
  const id = String(own['mcp-session-id']);
  const foreign: readonly Record<string, string>[] = [
    { ...own, from: 'eve' },
    own,
    { ...ended, from: 'ada' },
    ...[
      '00000000-0000-4000-8000-000000000000',
      id.toUpperCase(),
      `${id}, ${id}`,
      `${id}0`,
      'x'.repeat(8_000),
      'é'.repeat(50),
      '__proto__',
      'constructor',
      '../..',
      '%00',
      '{}',
    ].map((made) => ({ 'mcp-session-id': made, from: 'ada' })),
  ];
  for (const headers of foreign) {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? rpc('tools/list') : undefined;
      const sent = { ...headers, accept: 'application/json, text/event-stream' };
      const { status, text } = await sendRaw(url, body, sent, method);
      assert.deepEqual([status, JSON.parse(text).error.code], [404, -32001], JSON.stringify(sent));
      assert.ok(!text.includes(id));
    }
  }
  const { host } = new URL(url);
  const smuggled = `POST /mcp HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nmcp-session-id: ${id}\u0001\r\ncontent-length: 2\r\n\r\n{}`;
  assert.match(await converse(url, smuggled), /^HTTP\/1\.1 400 /);
  assert.equal((await sendRaw(url, rpc('ping'), { ...own, from: 'ada' })).status, 200);
  assert.equal(handler.sessions(), 1);
});

test('sessions asked for without end stay at the limit; the older end', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, {
    ...echoAndWaitRunner(),
    maxSessions: 50,
  });
  const first = sessionOf(await sendRaw(url, initialize()));
  const leave = new AbortController();
  t.after(() => leave.abort());
  const used = sessionOf(await sendRaw(url, initialize()));
  const stream = await fetch(url, {
    headers: { ...used, accept: 'text/event-stream' },
    signal: leave.signal,
  });
  assert.equal(stream.status, 200);
  for (let round = 0; round < 4; round += 1) {
    const opened = Array.from({ length: 50 }, () => sendRaw(url, initialize()));
    for (const { status } of await Promise.all(opened)) assert.equal(status, 200);
    assert.ok(handler.sessions() <= 50);
  }
  assert.equal(handler.sessions(), 50);
  assert.equal((await sendRaw(url, rpc('ping'), first)).status, 404);
  assert.equal((await sendRaw(url, rpc('ping'), used)).status, 200, 'one that listens is in use');
  const last = sessionOf(await sendRaw(url, initialize()));
  assert.equal((await sendRaw(url, rpc('ping'), last)).status, 200);
});
