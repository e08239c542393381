import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startUpstream } from '../support/upstream.ts';
import { fileOf, folderOf, items, naftiko } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff]);

test('the answer goes to stdout, status 0', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': {
      body: '{"id": 12345678901234567890}',
      headers: { 'content-type': 'application/json' },
    },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const said = await naftiko(['call', file, 'get-item', '--arg', 'id=7']);
  assert.deepEqual(said, { status: 0, out: '{"id": 12345678901234567890}\n', err: '' });
});

test(
  'arguments are coerced, repeated ones make a list, --arg wins over --args',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
    const file = await fileOf(t, items({ baseUri: upstream.origin }));
    const call = ['call', file, 'list-items'];
    await naftiko([...call, '--arg', 'limit=5', '-a', 'tags=a', '-a', 'tags=b']);
    await naftiko([...call, '--args', '{"limit": 1, "tags": ["c"]}', '--arg', 'limit=2']);
    await naftiko([...call, '--arg', 'tags=a=b']);
    assert.deepEqual(
      upstream.requests.map(({ url }) => url),
      ['/items?limit=5&tags=a&tags=b', '/items?limit=2&tags=c', '/items?tags=a%3Db'],
    );
  },
);

test('a body is JSON text, a file, or part of --args', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'POST /items': { status: 201, body: {} } });
  const body = { title: 'Ünï', email: '@ada' };
  const folder = await folderOf(t, {
    'items.yaml': items({ baseUri: upstream.origin }),
    'body.json': JSON.stringify(body),
    'args.json': JSON.stringify({ body }),
  });
  const call = ['call', join(folder, 'items.yaml'), 'create-item'];
  const spellings = [
    ['--arg', `body=${JSON.stringify(body)}`],
    ['--arg', `body=@${join(folder, 'body.json')}`],
    ['--args', JSON.stringify({ body })],
    ['--args', `@${join(folder, 'args.json')}`],
  ];
  for (const spelling of spellings)
    assert.equal((await naftiko([...call, ...spelling])).status, 0, spelling.join(' '));
  for (const request of upstream.requests) assert.deepEqual(JSON.parse(request.body), body);
  assert.equal(upstream.requests.length, spellings.length);
});

test('a text that begins with @ is written with two', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: [] } });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  await naftiko(['call', file, 'list-items', '--arg', 'tags=@@ada']);
  assert.equal(upstream.requests[0]?.url, '/items?tags=%40ada');
  const { status, err } = await naftiko(['call', file, 'list-items', '--arg', 'tags=@/no/such']);
  assert.equal(status, 2);
  assert.match(err, /"\/no\/such" cannot be read \(ENOENT\)\..*write --arg tags=@@… for a text/);
});

test('arguments that do not fit are status 2 and each is named', bounded, async (t) => {
  const folder = await folderOf(t, { 'items.yaml': items(), bytes: png });
  const file = join(folder, 'items.yaml');
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['get-item', [], /- id: is required|- id: .*missing/],
    [
      'list-items',
      ['--arg', 'limit=x', '--arg', 'limmit=1'],
      /limmit: is not an input[\s\S]*limit: must be an integer, not "x"/,
    ],
    ['get-item', ['--arg', 'id'], /write it as --arg <name>=<value>/],
    ['get-item', ['--args', '{'], /--args takes one JSON object.*not valid JSON/],
    ['get-item', ['--args', '[1]'], /this is a list/],
    ['create-item', ['--arg', `body=@${join(folder, 'bytes')}`], /is not UTF-8 text/],
    ['get-itme', [], /has no tool "get-itme"\. Did you mean "get-item"\? It has: list-items, /],
  ];
  for (const [tool, args, message] of wrong) {
    const { status, out, err } = await naftiko(['call', file, tool, ...args]);
    assert.deepEqual([status, out], [2, ''], `${tool} ${args.join(' ')}: ${err}`);
    assert.match(err, message);
  }
});

test('an upstream that refuses is status 1, its status and body on stderr', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': { status: 404, body: { error: 'no such item' } },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const { status, out, err } = await naftiko(['call', file, 'get-item', '--arg', 'id=7']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /items\.get answered 404 Not Found\.\n\n\{"error":"no such item"\}\n/);
});

test('a call that cannot be made is status 1', bounded, async (t) => {
  const file = await fileOf(t, items());
  const refused = await naftiko(['call', file, 'get-item', '--arg', 'id=7']);
  assert.equal(refused.status, 1);
  assert.match(refused.err, /UPSTREAM_UNREACHABLE/);
  const broken = await fileOf(t, items().replace('call: items.get,', 'call: items.gett,'));
  const { status, out, err } = await naftiko(['call', broken, 'get-item', '--arg', 'id=7']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /error CALL_UNKNOWN/);
});

test('--mock calls a mock, --timeout bounds a call', bounded, async (t) => {
  const file = await fileOf(t, items());
  const mocked = await naftiko(['call', file, 'get-item', '--arg', 'id=7', '--mock']);
  assert.equal(mocked.status, 0);
  JSON.parse(mocked.out);
  const upstream = await startUpstream(t, { 'GET /items/7': () => {} });
  const base = `items=${upstream.origin}`;
  const call = ['call', file, 'get-item', '--arg', 'id=7', '--base-uri', base, '--timeout', '50ms'];
  const late = await naftiko(call);
  assert.equal(late.status, 1);
  assert.match(late.err, /UPSTREAM_TIMEOUT/);
});

test('bytes go to a file or a program, not to a terminal', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': { body: png, headers: { 'content-type': 'image/png' } },
    'GET /items/8': { body: png, headers: { 'content-type': 'application/octet-stream' } },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  for (const [id, type] of [
    ['7', 'image/png'],
    ['8', 'application/octet-stream'],
  ]) {
    const call = ['call', file, 'get-item', '--arg', `id=${id}`];
    const shown = await naftiko(call, { interactive: true });
    assert.deepEqual(shown, {
      status: 0,
      out: '',
      err: `The answer is 6 bytes of ${type}, not shown on a terminal. Write them to a file: add > FILE.\n`,
    });
    assert.deepEqual(await naftiko(call), { status: 0, out: png.toString('latin1'), err: '' });
  }
});

test('an answer cannot steer a terminal, and reaches a program as it is', bounded, async (t) => {
  const text = 'a\u001b[2J\n\tb';
  const upstream = await startUpstream(t, {
    'GET /items/7': { body: text, headers: { 'content-type': 'text/plain' } },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const call = ['call', file, 'get-item', '--arg', 'id=7'];
  assert.equal((await naftiko(call, { interactive: true })).out, 'a\uFFFD[2J\n\tb\n');
  assert.equal((await naftiko(call)).out, `${text}\n`);
});

test('secrets that an upstream echoes are masked', bounded, async (t) => {
  const upstream = await startUpstream(t, (request, response) => {
    response.writeHead(request.url === '/items/7' ? 200 : 401, { 'content-type': 'text/plain' });
    response.end(`you sent ${request.headers.authorization}`);
  });
  const authentication = ['type: bearer', 'token: sesame-open'];
  const file = await fileOf(t, items({ baseUri: upstream.origin, authentication }));
  const good = await naftiko(['call', file, 'get-item', '--arg', 'id=7']);
  assert.deepEqual(good, { status: 0, out: 'you sent Bearer ••••\n', err: '' });
  const bad = await naftiko(['call', file, 'get-item', '--arg', 'id=8']);
  assert.match(bad.err, /you sent Bearer ••••/);
});
