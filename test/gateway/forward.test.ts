import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createGateway, type StartError } from '../../src/gateway/gateway.ts';
import { capabilityFiles, startGateway } from '../support/gateway.ts';
import { bounded, open, send, until } from '../support/http.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

const TRUSTED = ['X-Trace', 'Accept'];

interface Outline {
  readonly path?: string;
  readonly base?: string;
  readonly forward?: object;
  readonly operations?: readonly object[];
  readonly authentication?: object;
  readonly consumes?: object;
}

function forwarding(outline: Outline = {}): string {
  const { path = '/proxy/{{path}}', base = '/v1', operations, authentication } = outline;
  const forward = outline.forward ?? { targetNamespace: 'api', trustedHeaders: TRUSTED };
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'A proxy' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: `http://upstream.invalid${base}`,
          inputParameters: [
            { name: 'X-API-Version', in: 'header', value: '2026-03-03' },
            { name: 'fixed', in: 'query', value: 'a b' },
          ],
          authentication: { type: 'bearer', token: 'the-upstream-secret' },
          resources: [{ name: 'one', path: '/one', operations: [{ name: 'one', method: 'GET' }] }],
          ...outline.consumes,
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'proxy-rest',
          port: 8080,
          ...(authentication === undefined ? {} : { authentication }),
          resources: [{ path, forward, ...(operations === undefined ? {} : { operations }) }],
        },
      ],
    },
  });
}

test('a request goes on with its method, rest of the path, query and body', async (t) => {
  const upstream = await startUpstream(t, ({ method }, response) => {
    response.writeHead(207, { 'x-own': 'yes', 'set-cookie': 'a=b', 'content-type': 'text/plain' });
    response.end(`did ${method}`);
  });
  const { rest } = await startGateway(t, forwarding(), { upstream: upstream.origin });
  const answer = await send(rest, '/proxy/a%20b/c%2Fd/?q=1&q=%20&fixed=mine', {
    method: 'PATCH',
    headers: {
      'content-type': 'application/x-own',
      'content-length': '4',
      'x-trace': '7',
      authorization: 'Bearer of-the-caller',
      cookie: 'c=d',
      'x-other': 'no',
    },
    body: 'ab\0\n',
  });
  assert.equal(answer.status, 207);
  assert.equal(answer.text, 'did PATCH');
  assert.equal(answer.headers['x-own'], 'yes');
  assert.equal(answer.headers['set-cookie'], undefined);
  const [request] = upstream.requests;
  assert.equal(request?.method, 'PATCH');
  assert.equal(request?.url, '/v1/a%20b/c%2Fd/?q=1&q=%20&fixed=a%20b');
  assert.equal(request?.body, 'ab\0\n');
  const {
    host,
    connection,
    'user-agent': agent,
    'accept-encoding': codings,
    ...headers
  } = request?.headers ?? {};
  assert.deepEqual(headers, {
    accept: '*/*',
    'content-type': 'application/x-own',
    'content-length': '4',
    'x-trace': '7',
    'x-api-version': '2026-03-03',
    authorization: 'Bearer the-upstream-secret',
  });
});

test('without a variable what follows the path is forwarded; declared operations come first', async (t) => {
  const upstream = await startUpstream(t, ({ method, url }, response) => {
    response.end(JSON.stringify(`${method} ${url}`));
  });
  const { rest } = await startGateway(
    t,
    forwarding({
      path: '/proxy',
      consumes: { inputParameters: [] },
      operations: [{ method: 'GET', name: 'one', call: 'api.one' }],
    }),
    { upstream: upstream.origin },
  );
  const said = async (method: string, path: string): Promise<string> =>
    (await send(rest, path, { method })).text;
  assert.equal(await said('GET', '/proxy'), '"GET /v1/one"');
  assert.equal(await said('DELETE', '/proxy'), '"DELETE /v1"');
  assert.equal(await said('OPTIONS', '/proxy/x'), '"OPTIONS /v1/x"');
  assert.equal(await said('GET', '/proxy/x/y?z'), '"GET /v1/x/y?z"');
  assert.equal((await send(rest, '/proxyx')).status, 404);
});

test('no path leaves the base', async (t) => {
  const upstream = await startUpstream(t, (_, response) => void response.end('reached'));
  const { rest } = await startGateway(t, forwarding(), { upstream: upstream.origin });
  const hostile = [
    '/proxy/../secret',
    '/proxy/..',
    '/proxy/.',
    '/proxy/a/../../b',
    '/proxy/%2e%2e/secret',
    '/proxy/.%2E/secret',
    '/proxy/%252e%252e/secret',
    '/proxy/%25252e%25252e%25252fsecret',
    '/proxy/a%2f..%2f..%2fsecret',
    '/proxy/..%5csecret',
    '/proxy/..\\secret',
    '/proxy/..;x/secret',
    '/proxy/a%00b',
  ];
  for (const path of hostile) {
    const answer = await send(rest, path);
    assert.equal(answer.status, 400, path);
    assert.equal((answer.json() as { code: string }).code, 'REQUEST_INVALID', path);
  }
  assert.equal(upstream.requests.length, 0);
  for (const path of ['/proxy//x', '/proxy/a..b', '/proxy/...', '/proxy/x#y']) {
    assert.equal((await send(rest, path)).status, 200, path);
  }
  assert.deepEqual(
    upstream.requests.map(({ url }) => url),
    ['/v1//x', '/v1/a..b', '/v1/...', '/v1/x%23y'].map((url) => `${url}?fixed=a%20b`),
  );
});

/** An upstream whose handler gets the request while it still comes. */
async function startRaw(
  t: Closer,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = http.createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('chunks pass as they come, in both directions', bounded, async (t) => {
  const upstream = await startRaw(t, (request, response) => {
    response.writeHead(200, { 'content-type': request.headers.accept ?? 'text/plain' });
    response.flushHeaders();
    request.on('data', (chunk: Buffer) => response.write(`<${chunk}>`));
    request.on('end', () => response.end('.'));
  });
  const { rest } = await startGateway(t, forwarding(), { upstream });
  for (const accept of ['text/event-stream', 'text/plain']) {
    const { hostname, port } = new URL(rest);
    const request = http.request({
      hostname,
      port,
      path: '/proxy/echo',
      method: 'POST',
      headers: { accept, 'transfer-encoding': 'chunked' },
      agent: false,
    });
    request.write('one');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await until(() => text === '<one>');
    request.write('two');
    await until(() => text === '<one><two>');
    request.end();
    await once(response, 'end');
    assert.equal(text, '<one><two>.');
  }
});

test('a large body passes in both directions, past the limit of bodies', bounded, async (t) => {
  const size = 50 * 1024 * 1024;
  let received = 0;
  const upstream = await startRaw(t, (request, response) => {
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (!response.write(chunk)) {
        request.pause();
        response.once('drain', () => request.resume());
      }
    });
    request.on('end', () => response.end());
  });
  const { rest } = await startGateway(t, forwarding(), { upstream, maxBody: 1024 });
  const { hostname, port } = new URL(rest);
  let most = 0;
  const request = http.request({
    hostname,
    port,
    path: '/proxy/echo',
    method: 'PUT',
    headers: { 'content-length': size, expect: '100-continue' },
    agent: false,
  });
  request.flushHeaders();
  await once(request, 'continue');
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  const chunk = Buffer.alloc(64 * 1024, 7);
  let sent = 0;
  const write = (): void => {
    while (sent < size) {
      sent += chunk.length;
      if (!request.write(chunk)) return;
    }
    request.end();
  };
  request.on('drain', write);
  write();
  const [response] = await answered;
  let back = 0;
  for await (const piece of response) {
    back += (piece as Buffer).length;
    most = Math.max(most, sent - back);
    // Slower than the sender, so that whatever can pile up does.
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([received, back], [size, size]);
  assert.ok(most < size / 2, `${most} bytes were under way`);
});

test('who leaves ends the request upstream', bounded, async (t) => {
  let ended = false;
  const upstream = await startRaw(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    response.on('close', () => {
      ended = true;
    });
  });
  const { rest } = await startGateway(t, forwarding(), { upstream });
  const response = await open(rest, '/proxy/events');
  await once(response, 'data');
  response.destroy();
  await until(() => ended);
});

test(
  'an upstream that refuses a body early is heard, and the caller is not cut off',
  bounded,
  async (t) => {
    const upstream = await startRaw(t, (request, response) => {
      request.resume();
      response.writeHead(403);
      response.end('no');
    });
    const { rest } = await startGateway(t, forwarding(), { upstream });
    const answer = await send(rest, '/proxy/x', { method: 'POST', body: Buffer.alloc(2_000_000) });
    assert.equal(answer.status, 403);
    assert.equal(answer.text, 'no');
  },
);

test('the gateway’s own key goes no further', async (t) => {
  const upstream = await startUpstream(t, (_, response) => void response.end('ok'));
  const text = forwarding({
    authentication: { type: 'apikey', key: 'key', value: 'let me in', placement: 'query' },
  });
  const { rest } = await startGateway(t, text, { upstream: upstream.origin });
  assert.equal((await send(rest, '/proxy/x?key=wrong')).status, 401);
  assert.equal((await send(rest, '/proxy/x?a=1&key=let+me+in&b')).status, 200);
  assert.deepEqual(
    upstream.requests.map(({ url }) => url),
    ['/v1/x?a=1&b&fixed=a%20b'],
  );
});

test('an unknown target, a variable in the middle, and a header of the connection', async (t) => {
  const findingsOf = async (outline: Outline): Promise<string[]> => {
    const files = await capabilityFiles(t, forwarding(outline));
    const error = await createGateway({ files, restPort: 0, environment: {} }).then(
      async (gateway) => {
        await gateway.stop();
        return gateway;
      },
      (thrown: unknown) => thrown as StartError,
    );
    return error.findings.map(({ code, pointer, message, suggestion }) =>
      [code, pointer.replace('/capability/exposes/0/resources/0', ''), suggestion ?? message].join(
        ' ',
      ),
    );
  };
  assert.deepEqual(await findingsOf({ forward: { targetNamespace: 'apy' } }), [
    'REFERENCE_UNKNOWN /forward/targetNamespace api',
  ]);
  const [middle] = await findingsOf({ path: '/a/{path}/b' });
  assert.match(middle ?? '', /^ROUTE_INVALID \/path .*last segment/);
  const [managed] = await findingsOf({
    forward: { targetNamespace: 'api', trustedHeaders: ['Host'] },
  });
  assert.match(managed ?? '', /^HEADER_MANAGED \/forward\/trustedHeaders\/0 /);
});
