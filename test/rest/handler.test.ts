import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { GatewayError } from '../../src/errors.ts';
import { readJson } from '../../src/format/json.ts';
import type { CallStep, RoutePlan, UpstreamClient } from '../../src/plan/plan.ts';
import { compileHandler } from '../../src/rest/handler.ts';
import { send } from '../support/http.ts';
import type { Closer } from '../support/upstream.ts';

const step: CallStep = {
  kind: 'call',
  name: 'get',
  target: 'api.get',
  method: 'GET',
  pathTemplate: '/',
  baseUri: 'http://127.0.0.1',
  redirects: 0,
  setCookie: false,
  format: 'json',
  read: readJson,
  build: () => ({ origin: 'http://127.0.0.1', method: 'GET', path: '/', headers: [] }),
};

const route: RoutePlan = {
  method: 'GET',
  path: '/',
  operation: { id: 'api.get', inputs: [], steps: [step], answer: { kind: 'identity' } },
};

async function serve(t: Closer, sendUpstream: UpstreamClient['send']) {
  const failures: GatewayError[] = [];
  const handle = compileHandler(route, {
    upstream: { send: sendUpstream, close: async () => {} },
    bodyLimit: 1_000,
    forwardHeaders: [],
    mask: (text) => text.replaceAll('hidden', '••••'),
    onFailure: (error) => failures.push(error),
  });
  const server = http.createServer((request, response) => handle(request, response, '', []));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, failures };
}

test('a failure nobody foresaw is told as such and nothing else; the log gets its cause', async (t) => {
  const cause = new TypeError('secret of the inside');
  const { origin, failures } = await serve(t, () => {
    throw cause;
  });
  const answer = await send(origin, '/');
  assert.equal(answer.status, 500);
  assert.deepEqual(answer.json(), {
    type: 'urn:naftiko:problem:internal',
    title: 'Internal error',
    status: 500,
    detail: 'The gateway failed to handle this request.',
    code: 'INTERNAL',
  });
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.cause, cause);
});

test('an answer whose head cannot be sent is a failure, too, and its body is let go', async (t) => {
  const body = new Readable({ read() {} });
  const { origin } = await serve(t, async () => ({
    status: 200,
    headers: ['x-bad', 'a\nb'],
    body,
  }));
  assert.equal((await send(origin, '/')).status, 500);
  assert.ok(body.destroyed);
});
