import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEvents } from '../../src/mcp/events.ts';
import { echoAndWait, echoAndWaitRunner, serveMcp } from '../mcp/toolbox.ts';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { bounded, connectTo, until } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { startAbused } from './abused.ts';
import { keepCalling } from './control.ts';

/** Sends a beginning, then a byte now and then; gives all that came back when the other side hung up. */
async function drip(url: string, beginning: string, drop: string): Promise<string> {
  const socket = connectTo(url);
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk;
  });
  let open = true;
  const closed = once(socket, 'close').then(() => {
    open = false;
  });
  socket.write(beginning);
  while (open) {
    if (drop !== '' && socket.writable) socket.write(drop);
    await Promise.race([sleep(20), closed]);
  }
  return received;
}

test('who sends a request drop by drop is hung up on', bounded, async (t) => {
  const { mcp } = await startAbused(t, { headersTimeout: 200, requestTimeout: 400 });
  const control = keepCalling(mcp);
  const { host } = new URL(mcp);
  const post = `POST /mcp HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  const [silent, ...answers] = await Promise.all([
    drip(mcp, '', ''),
    drip(mcp, 'POST /mcp HTTP/1.1\r\n', 'x: y\r\n'),
    drip(mcp, post, ''),
    drip(mcp, `${post}content-length: 100000\r\n\r\n`, ' '),
    drip(mcp, `${post}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
  ]);
  assert.match(silent, /^(HTTP\/1\.1 408 .*)?$/s);
  for (const answer of answers) {
    assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n.*did not arrive in time/s);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1);
  }
  await control.stop();
});

test('who asks and never reads is hung up on', bounded, async (t) => {
  const { mcp } = await startAbused(t, { unreadTimeout: 200 });
  const control = keepCalling(mcp);
  const { host } = new URL(mcp);
  // Ids are given back, so that answers can be made large.
  const body = JSON.stringify(
    Array.from({ length: 100 }, (_, id) => rpc('ping', {}, `${id}${'x'.repeat(8_000)}`)),
  );
  const request = `POST /mcp HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const socket = connectTo(mcp);
  let open = true;
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
  });
  socket.pause();
  for (let sent = 0; open && sent < 40; sent += 1) socket.write(request);
  // A socket that does not read learns of its end by writing.
  while (open) {
    socket.write(request.slice(0, 1));
    await sleep(20);
  }
  await control.stop();
});

test('who listens and does not keep up is cut off, and nothing piles up', bounded, async (t) => {
  const events = createEvents();
  const { url } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), events });
  const uri = `a://${'x'.repeat(8_000)}`;
  const opened = await sendRaw(url, initialize());
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  await sendRaw(url, rpc('resources/subscribe', { uri }), session);
  const method = 'subscriptions/listen';
  const body = JSON.stringify(modern(method, { notifications: { resourceSubscriptions: [uri] } }));
  const slow = [
    raw(url, 'GET', { ...session, accept: 'text/event-stream' }, ''),
    raw(url, 'POST', { ...modernHeaders(method), 'content-type': 'application/json' }, body),
  ];
  const begun = slow.map((socket) => once(socket, 'data'));
  await Promise.all(begun);
  for (const socket of slow) socket.pause();
  const wishes = events.wishes();
  assert.equal(wishes, 2 * uri.length);
  await until(() => {
    for (let count = 0; count < 100; count += 1) events.emit({ kind: 'resourceUpdated', uri });
    // The one without a session takes its wish along.
    return events.wishes() === uri.length;
  });
  assert.equal((await sendRaw(url, rpc('ping'), session)).status, 200, 'the session stays');
  await until(() => {
    events.emit({ kind: 'resourceUpdated', uri });
    return true;
  });
  const again = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } });
  assert.equal(again.status, 200, 'and can listen again');
  await again.body?.cancel();
  for (const socket of slow) socket.destroy();
});

function raw(url: string, method: string, headers: Record<string, string>, body: string): Socket {
  const socket = connectTo(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { host, pathname } = new URL(url);
  socket.on('error', () => {});
  socket.write(
    `${method} ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}
