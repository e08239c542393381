import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createBodyRoom } from '../../src/mcp/body-room.ts';
import { rpc, sendRaw } from '../support/agent.ts';
import { bounded, connectTo, converse } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { type Abused, startAbused } from './abused.ts';
import { keepCalling } from './control.ts';

const HUNDRED_MB = 100 * 1024 * 1024;

const head = ({ mcp }: Abused, length: string): string =>
  `POST /mcp HTTP/1.1\r\nhost: ${new URL(mcp).host}\r\ncontent-type: application/json\r\n${length}\r\n\r\n`;

test('100 MB are refused before they came, announced or not', bounded, async (t) => {
  const abused = await startAbused(t);
  const control = keepCalling(abused.mcp);
  const announced = connectTo(abused.mcp);
  announced.write(head(abused, `content-length: ${HUNDRED_MB}`));
  const [refusal] = (await once(announced, 'data')) as [Buffer];
  announced.destroy();
  assert.match(refusal.toString(), /^HTTP\/1\.1 413 .*"code":-32000.*larger than 10485760 bytes/s);
  const waiting = `${head(abused, `content-length: ${HUNDRED_MB}\r\nexpect: 100-continue`)}`;
  const asked = connectTo(abused.mcp);
  asked.write(waiting);
  const [early] = (await once(asked, 'data')) as [Buffer];
  asked.destroy();
  assert.match(early.toString(), /^HTTP\/1\.1 413 /);

  const chunked = connectTo(abused.mcp);
  chunked.on('error', () => {});
  let received = '';
  chunked.on('data', (chunk) => {
    received += chunk;
  });
  chunked.write(head(abused, 'transfer-encoding: chunked'));
  const chunk = Buffer.from(`800000\r\n${' '.repeat(8 * 1024 * 1024)}\r\n`);
  let sent = 0;
  while (!chunked.destroyed && sent < 2 * HUNDRED_MB) {
    sent += chunk.length;
    if (!chunked.write(chunk)) await moved(chunked);
  }
  assert.match(received, /^HTTP\/1\.1 413 /);
  assert.ok(sent < HUNDRED_MB, 'who goes on is cut off');
  await control.stop();
});

const moved = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.once('drain', done).once('close', done);
  });

test('JSON too deep to be looked at is refused in words', bounded, async (t) => {
  const { mcp, upstream } = await startAbused(t);
  const list = '['.repeat(100_000) + ']'.repeat(100_000);
  const tree = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const claim = (version: string, more: string): string =>
    `"_meta":{"io.modelcontextprotocol/protocolVersion":${version},"io.modelcontextprotocol/clientCapabilities":${more}}`;
  const call = (params: string, method = 'tools/call'): string =>
    `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}}}`;
  const refused = [
    list,
    tree,
    `[${list}]`,
    call(`"name":${list}`),
    call(`"name":"ask","requestState":${list},"inputResponses":{"user":${tree}}`),
    call(`"uri":${list}`, 'resources/read'),
    call(`"cursor":${list}`, 'tools/list'),
    call(`"ref":${tree},"argument":${tree}`, 'completion/complete'),
    call(`"level":${list}`, 'logging/setLevel'),
    call(`"name":"letter","arguments":{"topic":${list}}`, 'prompts/get'),
    call(
      `"protocolVersion":"2025-11-25","capabilities":{"experimental":{"x":${tree}}}`,
      'initialize',
    ),
    call(`"name":"echo","_meta":{"progressToken":${list}}`),
    call(`"name":"ask",${claim('"2026-07-28"', `{"elicitation":${tree}}`)}`),
    call(claim(list, '{}'), 'tools/list'),
    `{"jsonrpc":"2.0","id":${list},"method":"tools/list"}`,
    `{"jsonrpc":"2.0","id":1,"result":${tree}}`,
    `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x","data":${tree}}}`,
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${list}}}`,
  ];
  for (const body of refused) {
    const { status, text } = await sendRaw(mcp, body, modernHeaders('tools/call', 'ask'));
    assert.equal(status, 400, text);
    const { code, message } = JSON.parse(text).error;
    assert.deepEqual([code, /nested deeper than 1000 levels/.test(message)], [-32600, true], text);
  }
  const cut = await sendRaw(mcp, '['.repeat(1_000_000));
  assert.deepEqual([cut.status, JSON.parse(cut.text).error.code], [400, -32700]);
  for (const [args, why] of [
    [`{"any":{"x":${list}}}`, /any: is nested deeper than 200 levels/],
    [tree, /a: is not an input of this tool/],
  ] as const) {
    for (const more of ['', `,${claim('"2026-07-28"', '{}')}`]) {
      const body = call(`"name":"post","arguments":${args}${more}`);
      const headers = more === '' ? {} : modernHeaders('tools/call', 'post');
      const { status, text } = await sendRaw(mcp, body, headers);
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).result.isError, true);
      assert.match(text, why);
    }
  }
  assert.equal(upstream.requests.length, 0);
});

test(
  'names without end make short answers, and none of them is a prototype',
  bounded,
  async (t) => {
    const { mcp, upstream } = await startAbused(t);
    const keys = Array.from({ length: 50_000 }, (_, at) => `"key-${at}":1`).join(',');
    const call = (method: string, params: string): string =>
      `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}}}`;
    for (const body of [
      call('tools/call', `"name":"echo","arguments":{${keys}}`),
      call('prompts/get', `"name":"letter","arguments":{${keys}}`),
    ]) {
      const { text } = await sendRaw(mcp, body);
      assert.match(text, /key-19.*49980 more/);
      assert.doesNotMatch(text, /key-20 /);
      assert.ok(text.length < 5_000);
    }
    const polluting =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}';
    const { result } = JSON.parse(
      (await sendRaw(mcp, call('tools/call', `"name":"echo","arguments":${polluting}`))).text,
    );
    assert.match(
      result.content[0].text,
      /- __proto__: is not.*- constructor: is not.*- toString: /s,
    );
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const method of ['tools/call', 'prompts/get']) {
        const { text } = await sendRaw(mcp, call(method, `"name":"${name}"`));
        assert.equal(JSON.parse(text).error.code, -32602, text);
      }
      assert.equal(JSON.parse((await sendRaw(mcp, rpc(name))).text).error.code, -32601);
    }
    await sendRaw(mcp, call('tools/list', `"__proto__":{"polluted":1},"_meta":${polluting}`));
    assert.equal(
      (await sendRaw(mcp, call('tools/call', `"name":"post","arguments":{"any":${polluting}}`)))
        .status,
      200,
    );
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.deepEqual(
      upstream.requests.map(({ body }) => body),
      [polluting],
    );
  },
);

test('ids, tokens and names of a megabyte are not carried along', bounded, async (t) => {
  const { mcp } = await startAbused(t);
  const long = 'x'.repeat(1_000_000);
  const info = { name: 'x', version: '1' };
  const session = { protocolVersion: '2025-11-25', clientInfo: info };
  for (const [body, code, why] of [
    [rpc('tools/list', {}, long), -32600, /"id" has 1000000 characters, and at most 8192/],
    [[rpc('ping', {}, 1), rpc('ping', {}, long)], -32600, /"id" has/],
    [rpc(long), -32600, /"method" has/],
    [modern('tools/list', {}, long), -32600, /"id" has/],
    [modern('tools/call', { name: long }), -32602, /"name" has/],
    [rpc('tools/call', { name: 'echo', _meta: { progressToken: long } }), -32602, /Token" has/],
    [modern('resources/read', { uri: `abused://${long}` }), -32602, /at most 65536 are taken/],
    [
      rpc('initialize', { ...session, capabilities: { experimental: { x: { long } } } }),
      -32602,
      /no session keeps/,
    ],
    [
      rpc('initialize', { ...session, capabilities: {}, protocolVersion: long }),
      -32602,
      /no session keeps/,
    ],
  ] as const) {
    const { status, text } = await sendRaw(mcp, body);
    const { error } = JSON.parse(text);
    assert.deepEqual([status, error.code], [400, code], text.slice(0, 200));
    assert.match(error.message, why);
    assert.ok(text.length < 500);
  }
});

test('a batch is short, and has each id once', bounded, async (t) => {
  const { mcp } = await startAbused(t);
  const ids = Array.from({ length: 10_000 }, (_, at) => at);
  const call = (id: number) => rpc('tools/call', { name: 'wait' }, id);
  for (const [body, why] of [
    [ids.map(call), /at most 100 messages, this one 10000/],
    [[call(1), call(1)], /two requests of the batch have the same id/],
    [[], /at least one message/],
    [ids.map((id) => modern('tools/list', {}, id)), /batch/],
    [[ids], /a JSON-RPC message is an object/],
  ] as const) {
    const { status, text } = await sendRaw(mcp, body);
    assert.deepEqual([status, JSON.parse(text).error.code], [400, -32600]);
    assert.match(text, why);
  }
  for (const id of ['1e400', '1.5', 'null', '{}', '[]', 'true', '9007199254740993']) {
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`;
    assert.equal((await sendRaw(mcp, body)).status, 400, id);
  }
});

test('large bodies wait for room, small ones need none', () => {
  const open = createBodyRoom(1_000_000);
  const [one, two, small] = [open(), open(), open()];
  assert.equal(one.grow(900_000), true);
  assert.equal(two.grow(60_000), true);
  assert.equal(two.grow(400_000), false);
  assert.equal(small.grow(65_536), true);
  one.release();
  one.release();
  assert.equal(two.grow(1_000_000), true);
});

test('large bodies that come all at once do not fill the memory', bounded, async (t) => {
  const abused = await startAbused(t);
  const control = keepCalling(abused.mcp);
  const large = 9 * 1024 * 1024;
  const senders = Array.from({ length: 12 }, () => {
    const socket = connectTo(abused.mcp);
    socket.on('error', () => {});
    socket.write(head(abused, `content-length: ${large + 1}`));
    socket.write(Buffer.alloc(large, ' '));
    return socket;
  });
  const refused = await Promise.any(senders.map((socket) => once(socket, 'data')));
  assert.match(String(refused[0]), /^HTTP\/1\.1 503 .*retry-after: 1.*Too many large bodies/s);
  await control.stop();
  for (const socket of senders) socket.destroy();
  const again = (): Promise<string> =>
    converse(
      abused.mcp,
      `${head(abused, 'connection: close\r\ncontent-length: 200000')}`,
      ' '.repeat(200_000),
    );
  // Their room is free again once the gateway has seen them go.
  let answer = await again();
  while (!answer.startsWith('HTTP/1.1 400')) answer = await again();
  assert.match(answer, /"code":-32700/);
});
