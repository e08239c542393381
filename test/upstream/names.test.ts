import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createUpstreamClient } from '../../src/upstream/client.ts';
import { createNames, type Resolve } from '../../src/upstream/names.ts';
import { bounded } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

/** Names that a test gives addresses to, on a clock of its own. */
function scripted(addresses: () => readonly string[] | Error) {
  let time = 0;
  const asked: string[] = [];
  const resolve: Resolve = (name, _, callback) => {
    asked.push(name);
    const found = addresses();
    setImmediate(() => {
      if (found instanceof Error) callback(found, []);
      else
        callback(
          null,
          found.map(
            (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
          ),
        );
    });
  };
  const lookup = createNames({ resolve, now: () => time });
  return {
    asked,
    pass: (ms: number) => {
      time += ms;
    },
    all: (name = 'api.example', family = 0) =>
      new Promise<string[]>((done, fail) =>
        lookup(name, { all: true, family }, (error, found) =>
          error ? fail(error) : done((found as LookupAddress[]).map(({ address }) => address)),
        ),
      ),
  };
}

test('a name is asked for once, however many connections are opened, and anew after a while', async () => {
  const names = scripted(() => ['10.0.0.1']);
  await Promise.all(Array.from({ length: 100 }, () => names.all()));
  await names.all();
  assert.equal(names.asked.length, 1);
  await names.all('other.example');
  names.pass(5_000);
  await names.all();
  assert.deepEqual(names.asked, ['api.example', 'other.example', 'api.example']);
});

test('connections take turns with the addresses of a name, families in the order of the system', async () => {
  const names = scripted(() => ['::1', '10.0.0.1', '10.0.0.2', '::2']);
  assert.deepEqual(await names.all(), ['::1', '::2', '10.0.0.1', '10.0.0.2']);
  assert.deepEqual(await names.all(), ['::2', '::1', '10.0.0.2', '10.0.0.1']);
  assert.deepEqual(await names.all(), ['::1', '::2', '10.0.0.1', '10.0.0.2']);
  assert.deepEqual(await names.all('api.example', 4), ['10.0.0.2', '10.0.0.1']);
});

test('while names cannot be resolved the last addresses are used, for five minutes', async () => {
  const down = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
  let found: readonly string[] | Error = ['10.0.0.1'];
  const names = scripted(() => found);
  await names.all();
  found = down;
  names.pass(60_000);
  assert.deepEqual(await names.all(), ['10.0.0.1']);
  names.pass(240_000);
  await assert.rejects(names.all(), { code: 'EAI_AGAIN' });
  found = ['10.0.0.2'];
  assert.deepEqual(await names.all(), ['10.0.0.2'], 'a failure is not kept');
});

test(
  'names of the hosts file are found, and who does not answer is passed over',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /': { body: 'here' } });
    const client = createUpstreamClient();
    t.after(() => client.close());
    const origin = upstream.origin.replace('127.0.0.1', 'localhost');
    const request = { origin, method: 'GET', path: '/', headers: [] };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.send(request, { hold: true, redirects: 0 })),
    );
    for (const { body } of answers) assert.equal(body.toString(), 'here');
    const unknown = { ...request, origin: 'http://no-such-name.invalid' };
    await assert.rejects(client.send(unknown, { hold: true, redirects: 0 }), {
      code: 'UPSTREAM_UNREACHABLE',
      message: /could not be resolved/,
    });
    const only = createServer((_, response) => response.end('second'));
    await new Promise<void>((listening) => only.listen(0, '127.0.0.2', listening));
    t.after(() => new Promise<void>((closed) => void only.close(() => closed())));
    const { port } = only.address() as AddressInfo;
    const resolve: Resolve = (_, __, callback) =>
      callback(null, [
        { address: '127.0.0.3', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    const other = createUpstreamClient({ lookup: createNames({ resolve }) });
    t.after(() => other.close());
    const two = { ...request, origin: `http://two.example:${port}` };
    const { body } = await other.send(two, { hold: true, redirects: 0 });
    assert.equal(body.toString(), 'second');
  },
);
