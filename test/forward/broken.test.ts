import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { bounded, until } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import { startRawUpstream } from '../support/upstream.ts';
import { begin, MEGABYTE, startProxy, startServer } from './proxy.ts';

for (const accept of ['text/event-stream', 'application/octet-stream']) {
  test(
    `who leaves an answer of ${accept} ends it upstream, and is no failure`,
    bounded,
    async (t) => {
      let source: ServerResponse | undefined;
      const upstream = await startServer(t, (_, response) => {
        source = response;
        response.writeHead(200, { 'content-type': accept });
        response.write('data: 1\n\n');
      });
      const log = keptLog();
      const { request, response } = begin(await startProxy(t, upstream, { log }), '/proxy/a');
      request.end();
      await once(await response, 'data');
      request.destroy();
      await until(() => source?.destroyed === true);
      assert.deepEqual(log.lines, []);
    },
  );
}

test('who leaves before there is an answer ends the request upstream', bounded, async (t) => {
  let source: ServerResponse | undefined;
  const upstream = await startServer(t, (_, response) => {
    source = response;
  });
  const { request } = begin(await startProxy(t, upstream), '/proxy/a');
  request.on('error', () => {});
  request.end();
  await until(() => source !== undefined);
  request.destroy();
  await until(() => source?.destroyed === true);
});

test('who leaves an upload breaks it off upstream, never ends it', bounded, async (t) => {
  let received: IncomingMessage | undefined;
  let failed: NodeJS.ErrnoException | undefined;
  const upstream = await startServer(t, (request) => {
    received = request;
    request.on('error', (error) => {
      failed = error;
    });
    request.resume();
  });
  for (const headers of [{ 'content-length': MEGABYTE }, { 'transfer-encoding': 'chunked' }]) {
    received = undefined;
    failed = undefined;
    const { request } = begin(await startProxy(t, upstream), '/proxy/a', {
      method: 'PUT',
      headers,
    });
    request.on('error', () => {});
    request.write('a part');
    await until(() => received !== undefined);
    request.destroy();
    await until(() => failed !== undefined);
    assert.equal(
      (received as IncomingMessage | undefined)?.complete,
      false,
      'half a body does not look whole',
    );
  }
});

for (const [name, head, ending] of [
  ['of a known length that is reset', 'content-length: 1000\r\n\r\n', 'reset'],
  ['of a known length that just ends', 'content-length: 1000\r\n\r\n', 'end'],
  ['in chunks that is reset', 'transfer-encoding: chunked\r\n\r\n100\r\n', 'reset'],
  ['in chunks that just ends', 'transfer-encoding: chunked\r\n\r\n100\r\n', 'end'],
  ['that lasts as long as its connection, which is reset', '\r\n', 'reset'],
] as const) {
  test(`an answer ${name} is broken for the caller, too`, bounded, async (t) => {
    const upstream = await startRawUpstream(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${head}the beginning`);
      setTimeout(() => (ending === 'end' ? socket.end() : socket.resetAndDestroy()), 20);
    });
    const log = keptLog();
    const proxy = await startProxy(t, upstream.origin, { log });
    const { request, response } = begin(proxy, '/proxy/a');
    request.end();
    const answer = await response;
    assert.equal(answer.statusCode, 200);
    const failure = once(answer, 'error');
    answer.resume();
    assert.equal((await failure)[0].code, 'ECONNRESET');
    assert.equal(answer.complete, false);
    await until(() => log.lines.length > 0);
    assert.deepEqual(
      log.lines.map(({ fields }) => fields.code),
      ['UPSTREAM_INTERRUPTED'],
    );
  });
}

test('an encoded answer that breaks off is broken for the caller, too', bounded, async (t) => {
  const upstream = await startServer(t, async (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const coder = createGzip();
    coder.pipe(response, { end: false });
    coder.write('the beginning');
    coder.flush();
    await sleep(20);
    // The message is whole; what it holds is not.
    response.end();
  });
  const { request, response } = begin(await startProxy(t, upstream), '/proxy/a');
  request.end();
  const answer = await response;
  const failure = once(answer, 'error');
  answer.resume();
  await failure;
  assert.equal(answer.complete, false);
});

test('an upload that is refused early is answered before it is sent', bounded, async (t) => {
  const keeping = await startServer(t, (_, response) => {
    response.writeHead(413, { 'content-length': '9' }).end('too large');
  });
  // Ends its side, and goes on reading for a while, as servers do that want to be heard.
  const lingering = await startRawUpstream(t, (socket, received) => {
    if (!received.startsWith('PUT ')) return;
    socket.end('HTTP/1.1 413 Too\r\nconnection: close\r\ncontent-length: 9\r\n\r\ntoo large');
  });
  for (const upstream of [keeping, lingering.origin]) {
    const { request, response } = begin(await startProxy(t, upstream), '/proxy/a', {
      method: 'PUT',
      headers: { 'content-length': 50 * MEGABYTE },
    });
    request.on('error', () => {});
    request.write(Buffer.alloc(MEGABYTE));
    const answer = await response;
    let text = '';
    for await (const chunk of answer) text += chunk;
    assert.deepEqual([answer.statusCode, text], [413, 'too large']);
    request.destroy();
  }
});
