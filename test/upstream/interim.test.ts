import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { startRawUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient } from './sending.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\nx-own: hint\r\n\r\n';
const FINAL = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-own: final\r\n\r\ndone';

/** The bytes in pieces of a length, each in a packet of its own. */
async function drip(socket: Socket, text: string, length: number): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < text.length; at += length) {
    socket.write(text.slice(at, at + length), 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

for (const [name, before] of [
  ['a 100 Continue', CONTINUE],
  ['a 103 Early Hints', HINTS],
  ['a 102 Processing', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ['several', HINTS + CONTINUE + CONTINUE + HINTS],
] as const) {
  test(`${name} that nobody asked for is passed over, however it is cut up`, async (t) => {
    for (const length of [1, 7, 1_000]) {
      const upstream = await startRawUpstream(t, (socket) => {
        void drip(socket, before + FINAL, length);
      });
      const client = startClient(t, { connections: 1 });
      // Twice, so that a connection that is kept begins anew.
      for (const path of ['/one', '/two']) {
        const response = await client.send(get(upstream.origin, path), held);
        assert.deepEqual(response.headers, ['content-length', '4', 'x-own', 'final']);
        assert.equal(await bodyText(response), 'done');
      }
      assert.equal(upstream.connections(), 1);
    }
  });
}

test('a body that reads like an interim answer is no less a body', async (t) => {
  const body = CONTINUE + HINTS + FINAL;
  const upstream = await startRawUpstream(t, (socket) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`;
    void drip(socket, head, head.length).then(() => drip(socket, body, CONTINUE.length));
  });
  const response = await startClient(t).send(get(upstream.origin), held);
  assert.equal(await bodyText(response), body);
});

test('an interim answer that no other follows, or that never ends, is a failure', async (t) => {
  const closing = await startRawUpstream(t, (socket) => void socket.end(CONTINUE));
  const client = startClient(t, { headersTimeout: 1_000 });
  await failsWith(
    client.send(get(closing.origin), held),
    'UPSTREAM_UNREACHABLE',
    /closed the connection without an answer/,
  );
  const endless = await startRawUpstream(t, (socket) => {
    socket.write(`HTTP/1.1 103 Early Hints\r\nx: ${'y'.repeat(100_000)}`);
  });
  await failsWith(client.send(get(endless.origin), held), 'UPSTREAM_UNUSABLE', /headers/);
});

test('a change of protocol that nobody asked for is a failure', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 101 Other\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n');
  });
  await failsWith(
    startClient(t).send(get(upstream.origin), held),
    'UPSTREAM_INTERRUPTED',
    /closed/,
  );
});
