import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectAgent, initialize, rpc, sendRaw, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { capabilityFiles, startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { bounded, connectTo, converse, open, send, until } from '../support/http.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

const text = capability({
  operations: { items: { route: 'GET /items' }, slow: { route: 'GET /slow' } },
});

/** `/slow` waits for the test to end it; its tests would wait for ever when a stop did not work. */
async function serve(t: Closer, options: TestGatewayOptions = {}) {
  const waiting: ServerResponse[] = [];
  const upstream = await startUpstream(t, {
    'GET /items': { body: { a: 1 } },
    'GET /slow': (_request, response) => void waiting.push(response),
  });
  const served = await startGateway(t, text, {
    upstream: upstream.origin,
    stopTimeout: 60_000,
    ...options,
  });
  return { ...served, upstream, waiting };
}

const refused = (thrown: NodeJS.ErrnoException): boolean => thrown.code === 'ECONNREFUSED';

test(
  'running requests of both faces end, and nothing new is taken meanwhile',
  bounded,
  async (t) => {
    const { gateway, rest, mcp, waiting } = await serve(t);
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const running = send(rest, '/slow', { agent });
    const client = await connectAgent(t, mcp);
    const calling = client.callTool({ name: 'slow' });
    await until(() => waiting.length === 2);
    const stopped = gateway.stop();
    assert.equal(gateway.stop(), stopped, 'the second call waits for the first');
    await assert.rejects(send(rest, '/items'), refused);
    await assert.rejects(sendRaw(mcp, initialize()), refused);
    for (const response of waiting) {
      response.setHeader('content-type', 'application/json');
      response.end('{"late":true}');
    }
    assert.equal((await running).text, '{"late":true}');
    assert.equal(textOf(await calling), '{"late":true}');
    await stopped;
    await gateway.stop();
  },
);

test('a request on a connection that is open already is refused with 503', bounded, async (t) => {
  const { gateway, rest, waiting } = await serve(t);
  const { host } = new URL(rest);
  const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
  const socket = connectTo(rest);
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  socket.write(request('/slow'));
  await until(() => waiting.length === 1);
  const stopped = gateway.stop();
  // Waits in line behind the running one.
  socket.write(request('/items'));
  waiting[0]?.end('done');
  await once(socket, 'close');
  await stopped;
  const answers = received.split(/(?=HTTP\/1\.1 )/);
  assert.match(answers[0] as string, /^HTTP\/1\.1 200 [\s\S]*done$/);
  if (answers.length > 1) {
    assert.match(answers[1] as string, /^HTTP\/1\.1 503 /);
    assert.match(answers[1] as string, /connection: close/);
    assert.match(answers[1] as string, /"code":"SHUTTING_DOWN"/);
  }
});

test(
  'idle connections are closed at once: those kept alive, and those that never asked',
  bounded,
  async (t) => {
    const { gateway, rest } = await serve(t);
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await send(rest, '/items', { agent });
    const silent = connectTo(rest);
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    silent.on('error', () => {});
    await gateway.stop();
    await ended;
  },
);

test(
  'a connection that was busy when the stop began does not outlive its answer',
  bounded,
  async (t) => {
    const { gateway, rest, waiting } = await serve(t);
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const running = send(rest, '/slow', { agent });
    await until(() => waiting.length === 1);
    const stopped = gateway.stop();
    waiting[0]?.end('{}');
    await running;
    // The agent would keep it for as long as we do.
    await stopped;
  },
);

test(
  'what does not end in time is ended: a wait, a stream, an upload, a session',
  bounded,
  async (t) => {
    let source: ServerResponse | undefined;
    const upstream = await startUpstream(t, (request, response) => {
      if (request.url !== '/events') return;
      source = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const { gateway, rest, mcp } = await startGateway(
      t,
      capability({
        operations: {
          slow: { route: 'GET /slow' },
          events: { route: 'GET /events' },
          make: {
            route: 'POST /make',
            parameters: [{ name: 'body', in: 'body', type: 'object' }],
          },
        },
      }),
      { upstream: upstream.origin, stopTimeout: 50 },
    );
    const waiting = send(rest, '/slow').catch((error: NodeJS.ErrnoException) => error.code);
    const events = await open(rest, '/events');
    const cut = once(events, 'error');
    events.resume();
    const upload = connectTo(rest);
    upload.on('error', () => {});
    upload.write(
      `POST /make HTTP/1.1\r\nhost: ${new URL(rest).host}\r\ncontent-length: 100\r\n\r\n{`,
    );
    const call = rpc('tools/call', { name: 'slow' });
    const calling = sendRaw(mcp, call).catch((error: NodeJS.ErrnoException) => error.code);
    await until(() => upstream.requests.length === 3);
    await gateway.stop();
    assert.equal(await waiting, 'ECONNRESET');
    await cut;
    assert.equal(await calling, 'ECONNRESET');
    await until(() => source?.destroyed === true && upstream.openConnections() === 0);
  },
);

test('MCP streams are ended at once: nobody is answered on them', bounded, async (t) => {
  const { gateway, mcp } = await serve(t);
  const opened = await sendRaw(mcp, initialize());
  const url = new URL(mcp);
  const listening = await open(url.origin, url.pathname, {
    headers: {
      accept: 'text/event-stream',
      'mcp-session-id': String(opened.headers['mcp-session-id']),
    },
  });
  assert.equal(listening.statusCode, 200);
  const ended = once(listening, 'end');
  listening.resume();
  await gateway.stop();
  await ended;
});

test('after a stop nothing keeps the process', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
  const [file] = await capabilityFiles(
    t,
    capability({ operations: { items: { route: 'GET /items' } } }),
  );
  const script = fileURLToPath(new URL('../support/leaving.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', script, file as string, upstream.origin],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  assert.equal(stdout, '200 200 stopped');
});

test('a gateway that was never called stops, too', bounded, async (t) => {
  const { gateway, rest } = await serve(t);
  await gateway.stop();
  await assert.rejects(converse(rest, 'GET / HTTP/1.0\r\n\r\n'), refused);
});
