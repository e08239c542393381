import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { startUpstream } from '../support/upstream.ts';
import { fileOf, folderOf, items, naftiko, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const json = { 'content-type': 'application/json' };

test('run serves a file over REST and MCP and ends with 0', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': { body: { id: 7 } },
  });
  const running = await startRun(t, [await fileOf(t, items({ baseUri: upstream.origin }))]);
  assert.deepEqual(await (await fetch(`${running.rest}/v1/items/7`)).json(), { id: 7 });
  const agent = await connectAgent(t, `${running.mcp}/mcp`);
  assert.equal(
    textOf(await agent.callTool({ name: 'get-item', arguments: { id: '7' } })),
    '{"id":7}',
  );
  await agent.close();
  assert.equal(await running.stop(), 0);
  assert.match(running.err(), /SIGTERM: stopping; running requests may end first\./);
  assert.equal(running.out(), '');
});

test('--mock needs no upstream and no variables', bounded, async (t) => {
  const authentication = ['type: bearer', "token: '{{CLI_TEST_TOKEN}}'"];
  const file = await fileOf(
    t,
    items({ authentication, binds: { CLI_TEST_TOKEN: 'CLI_TEST_TOKEN' } }),
  );
  const { rest, err } = await startRun(t, [file, '--mock']);
  assert.equal((await fetch(`${rest}/v1/items/7`)).status, 200);
  assert.match(err(), /upstream {2}a mock in this process +items, bearer\n/);
});

test('--mock-openapi answers from the document', bounded, async (t) => {
  const schema = { type: 'object', properties: { id: { type: 'integer', example: 4711 } } };
  const answer = { 200: { description: '', content: { 'application/json': { schema } } } };
  const document = {
    openapi: '3.0.3',
    info: { title: 'Items', version: '1' },
    paths: { '/items/{id}': { get: { responses: answer } } },
  };
  const folder = await folderOf(t, {
    'items.yaml': items(),
    'openapi.json': JSON.stringify(document),
  });
  const file = join(folder, 'items.yaml');
  const openapi = `items=${join(folder, 'openapi.json')}`;
  const { rest } = await startRun(t, [file, '--mock-openapi', openapi]);
  assert.deepEqual(await (await fetch(`${rest}/v1/items/7`)).json(), { id: 4711 });
  const missing = await naftiko(['run', file, '--mock-openapi', `items=${folder}/no.json`]);
  assert.equal(missing.status, 1);
  assert.match(missing.err, /^naftiko: .*no\.json/);
  const asJson = ['run', file, '--mock-openapi', `items=${folder}/no.json`, '--log-format', 'json'];
  assert.match(JSON.parse((await naftiko(asJson)).err).msg, /no\.json/);
});

test('--base-uri sends calls elsewhere, and wins over the mock', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items/7': { body: { id: 'elsewhere' } } });
  const file = await fileOf(t, items());
  for (const more of [[], ['--mock']]) {
    const args = [file, '--base-uri', `items=${upstream.origin}`, ...more];
    const { rest, err } = await startRun(t, args);
    assert.deepEqual(await (await fetch(`${rest}/v1/items/7`)).json(), { id: 'elsewhere' });
    assert.ok(err().includes(`upstream  ${upstream.origin}`));
  }
});

test('--connect-to reaches a host at another address, by its own name', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items/7': { body: { id: 'elsewhere' } } });
  const file = await fileOf(t, items({ baseUri: 'http://api.example.invalid' }));
  const there = ['--connect-to', `API.example.invalid=${new URL(upstream.origin).host}`];
  const { rest } = await startRun(t, [file, ...there]);
  assert.deepEqual(await (await fetch(`${rest}/v1/items/7`)).json(), { id: 'elsewhere' });
  const called = await naftiko(['call', file, 'get-item', '--arg', 'id=7', ...there]);
  assert.deepEqual(JSON.parse(called.out), { id: 'elsewhere' });
  const named = upstream.requests.map(({ headers }) => headers.host);
  assert.deepEqual(named, ['api.example.invalid', 'api.example.invalid']);
});

test(
  '--env-file gives variables; without it all that are missing are listed',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /items/7': { body: {} } });
    const authentication = [
      'type: basic',
      "username: '{{CLI_TEST_USER}}'",
      "password: '{{env.CLI_TEST_PASSWORD}}'",
    ];
    const binds = { CLI_TEST_USER: 'CLI_TEST_USER', CLI_TEST_PASSWORD: 'CLI_TEST_PASSWORD' };
    const folder = await folderOf(t, {
      'items.yaml': items({ baseUri: upstream.origin, authentication, binds }),
      '.env': 'CLI_TEST_USER=ada\nCLI_TEST_PASSWORD=lovelace\n',
    });
    const file = join(folder, 'items.yaml');
    const { status, out, err } = await naftiko(['run', file]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /items\.yaml:16:19 error VARIABLE_MISSING .*CLI_TEST_USER/);
    assert.match(err, /items\.yaml:17:19 error VARIABLE_MISSING .*CLI_TEST_PASSWORD/);
    assert.match(err, /naftiko: A file has errors, so nothing is served\.\n$/);

    const { rest } = await startRun(t, [file, '--env-file', join(folder, '.env')]);
    await fetch(`${rest}/v1/items/7`);
    const credential = Buffer.from('ada:lovelace').toString('base64');
    assert.equal(upstream.requests[0]?.headers.authorization, `Basic ${credential}`);

    const lost = await naftiko(['run', file, '--env-file', join(folder, 'no.env')]);
    assert.equal(lost.status, 1);
    assert.match(lost.err, /no\.env error FILE_UNREADABLE/);
  },
);

test('--forward-header hands on what it names and nothing else', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items/7': { body: {} } });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const { rest } = await startRun(t, [file, '--forward-header', 'Authorization']);
  const headers = { authorization: 'Bearer caller', 'x-other': 'stays' };
  await fetch(`${rest}/v1/items/7`, { headers });
  assert.equal(upstream.requests[0]?.headers.authorization, 'Bearer caller');
  assert.equal(upstream.requests[0]?.headers['x-other'], undefined);
});

test('--timeout bounds an upstream call', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items/7': () => {} });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const { rest } = await startRun(t, [file, '--timeout', '50ms']);
  const answer = await fetch(`${rest}/v1/items/7`);
  assert.equal(answer.status, 504);
  assert.equal(((await answer.json()) as { code: string }).code, 'UPSTREAM_TIMEOUT');
});

test('--port opens the port of one expose', bounded, async (t) => {
  const free = await freePort();
  const { rest } = await startRun(t, [
    await fileOf(t, items()),
    '--mock',
    '--port',
    `items-rest=${free}`,
  ]);
  assert.equal(rest, `http://127.0.0.1:${free}`);
});

test('a taken port is a failed start that says how to choose another', bounded, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const file = await fileOf(t, items());
  const args = ['run', file, '--mock', '--rest-port', '0', '--mcp-port', String(port)];
  const { status, out, err } = await naftiko(args);
  assert.deepEqual([status, out], [1, '']);
  assert.match(
    err,
    new RegExp(
      `^naftiko: Port ${port} on 127\\.0\\.0\\.1 is taken by another program\\. .*--mcp-port`,
    ),
  );
});

test(
  'a broken file is refused before a port opens; the others are served with --keep-going',
  bounded,
  async (t) => {
    const folder = await folderOf(t, {
      'a.yaml': items({ name: 'a' }),
      'b.yaml': 'naftiko: 1.0.0-alpha2\ncapability: 7\n',
      'c.yaml': items({ name: 'c' }).replace('call: c.get', 'call: c.gett'),
    });
    const refused = await naftiko(['run', folder, '--mock', '--prefix']);
    assert.deepEqual([refused.status, refused.out], [1, '']);
    assert.match(refused.err, /b\.yaml:2:13 error VALUE_WRONG_TYPE/);
    assert.match(refused.err, /c\.yaml:\d+:\d+ error CALL_UNKNOWN[^\n]*Did you mean "c\.get"\?/);
    assert.match(
      refused.err,
      /2 files have errors, so nothing is served\. --keep-going serves the rest\.\n$/,
    );

    const { rest, err } = await startRun(t, [folder, '--mock', '--prefix', '--keep-going']);
    assert.equal((await fetch(`${rest}/a-rest/v1/items/7`)).status, 200);
    assert.match(err(), /2 files left out\n.*b\.yaml:2:13 {2}VALUE_WRONG_TYPE/);

    const none = await naftiko(['run', join(folder, 'b.yaml'), '--keep-going']);
    assert.equal(none.status, 1);
    assert.match(none.err, /There is nothing to serve\.\n$/);
  },
);

test(
  'two files with equal routes stop the start, or mount under a prefix, or one is left out',
  bounded,
  async (t) => {
    const folder = await folderOf(t, {
      'a.yaml': items({ name: 'a' }),
      'b.yaml': items({ name: 'b' }),
    });
    const refused = await naftiko(['run', folder, '--mock']);
    assert.equal(refused.status, 1);
    assert.match(
      refused.err,
      /^naftiko: GET \/v1\/items on port 8080 is served by .*a\.yaml and by .*b\.yaml\. .*--prefix/,
    );
    const prefixed = await startRun(t, [folder, '--mock', '--prefix']);
    for (const path of ['/a-rest/v1/items', '/b-rest/v1/items'])
      assert.equal((await fetch(prefixed.rest + path)).status, 200);
    const rest = await startRun(t, [folder, '--mock', '--keep-going']);
    assert.equal((await fetch(`${rest.rest}/v1/items`)).status, 200);
    assert.match(rest.err(), /1 file left out\n.*b\.yaml/);
  },
);

test(
  'a missing file, an empty folder and a file that exposes nothing are failed starts',
  bounded,
  async (t) => {
    const folder = await folderOf(t, {});
    const bare = await fileOf(
      t,
      'naftiko: 1.0.0-alpha2\ninfo: { label: Bare }\ncapability: { consumes: [] }\n',
    );
    const failing: readonly (readonly [readonly string[], RegExp])[] = [
      [[join(folder, 'no.yaml')], /no\.yaml error FILE_UNREADABLE No file or folder has this name/],
      [[folder], /error NO_CAPABILITY_FILES/],
      [[bare], /nothing to serve/],
    ];
    for (const [args, message] of failing) {
      const { status, out, err } = await naftiko(['run', ...args]);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    }
  },
);

test(
  '--stdio of a file without tools is a failed start, not a wait for ever',
  bounded,
  async (t) => {
    const text = items();
    const file = await fileOf(t, text.slice(0, text.indexOf('    - type: mcp')));
    const { status, err } = await naftiko(['run', file, '--mock', '--stdio']);
    assert.equal(status, 1);
    assert.match(
      err,
      /nothing to serve on stdin and stdout: no file has an expose of type mcp\. To serve what is of type rest, leave --stdio out\./,
    );
  },
);

test('running requests end before the process does, new ones are refused', {
  timeout: 8_000,
}, async (t) => {
  let answer = (): void => {};
  let received = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    received = resolve;
  });
  const upstream = await startUpstream(t, {
    'GET /items/7': (_, response) => {
      answer = () => void response.end('{"late":true}');
      received();
    },
  });
  const running = await startRun(t, [await fileOf(t, items({ baseUri: upstream.origin }))]);
  const call = fetch(`${running.rest}/v1/items/7`);
  await arrived;
  const ended = running.stop();
  await assert.rejects(fetch(`${running.rest}/v1/items/8`));
  answer();
  assert.deepEqual(await (await call).json(), { late: true });
  assert.equal(await ended, 0);
});

test('--stop-timeout bounds the end: a request that never ends is cut', bounded, async (t) => {
  let received = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    received = resolve;
  });
  const upstream = await startUpstream(t, { 'POST /items': () => received() });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const running = await startRun(t, [file, '--stop-timeout', '20ms']);
  const body = JSON.stringify({ title: 'x', email: 'a@b.example' });
  const call = fetch(`${running.rest}/v1/items`, { method: 'POST', headers: json, body });
  const cut = assert.rejects(call);
  await arrived;
  assert.equal(await running.stop(), 0);
  await cut;
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
