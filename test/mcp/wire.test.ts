import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { initialize, type RawAnswer, rpc, sendRaw } from '../support/agent.ts';
import { bounded, echoAndWait, echoAndWaitRunner, serveMcp, until } from './toolbox.ts';

interface RpcAnswer {
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire holds
  readonly result?: any;
}

const bodyOf = (answer: RawAnswer): RpcAnswer => JSON.parse(answer.text) as RpcAnswer;

const callEcho = rpc('tools/call', { name: 'echo-item', arguments: { id: 7 } }, 'c');

test(
  'a bare request without session is answered in JSON, whatever it accepts',
  bounded,
  async (t) => {
    const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
    for (const accept of [null, '*/*', 'application/json', 'application/json, text/event-stream']) {
      const answer = await sendRaw(url, callEcho, { accept });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(answer.headers['mcp-session-id'], undefined);
      assert.deepEqual(bodyOf(answer).result.structuredContent, { got: { id: 7 } });
    }
    const events = await sendRaw(url, callEcho, { accept: 'text/event-stream' });
    assert.equal(events.headers['content-type'], 'text/event-stream');
    assert.match(events.text, /^event: message\ndata: \{/);
    assert.equal(handler.sessions(), 0);
  },
);

test('lists that no capability declares are answered empty', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const list = async (method: string) => bodyOf(await sendRaw(url, rpc(method))).result;
  assert.deepEqual(await list('resources/list'), { resources: [] });
  assert.deepEqual(await list('resources/templates/list'), { resourceTemplates: [] });
  assert.deepEqual(await list('prompts/list'), { prompts: [] });
  assert.deepEqual(await list('ping'), {});
});

test(
  'a failure of the protocol has its code, its id and a message to act on',
  bounded,
  async (t) => {
    const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
    const call = (params: unknown): object => rpc('tools/call', params, 9);
    const cases: [unknown, number, number, unknown, RegExp][] = [
      ['{"jsonrpc":', 400, -32700, null, /^Parse error: the body is not JSON text in UTF-8/],
      ['', 400, -32700, null, /^Parse error/],
      [Buffer.from('{"a":"\xff"}', 'latin1'), 400, -32700, null, /UTF-8/],
      ['"hello"', 400, -32600, null, /a JSON-RPC message is an object/],
      ['null', 400, -32600, null, /a JSON-RPC message is an object/],
      [{ id: 9, method: 'ping' }, 400, -32600, 9, /"jsonrpc" must be "2\.0"/],
      [{ jsonrpc: '2.0', id: 9 }, 400, -32600, 9, /"method" must be a string/],
      [{ jsonrpc: '2.0', id: null, method: 'ping' }, 400, -32600, null, /"id" must be a string or/],
      [{ jsonrpc: '2.0', id: 9, method: 'ping', params: [1] }, 400, -32600, 9, /"params" must be/],
      [{ jsonrpc: '2.0', id: 9, method: 'ping', extra: 1 }, 400, -32600, 9, /its members are not/],
      [rpc('no/such', undefined, 9), 200, -32601, 9, /^Method not found: no\/such$/],
      [
        call({ name: 'echo-item', arguments: [7] }),
        200,
        -32602,
        9,
        /must be an object .* not an arr/,
      ],
      [call({ name: 'echo-item', arguments: 'id' }), 200, -32602, 9, /not a string/],
      [call({}), 200, -32602, 9, /needs the name of a tool in "name"/],
      [call({ name: 'echo-itm' }), 200, -32602, 9, /"echo-itm"\. Did you mean "echo-item"\?/],
      [rpc('tools/list', { cursor: 'x' }, 9), 200, -32602, 9, /one page/],
      [rpc('initialize', {}, 9), 400, -32602, 9, /protocolVersion, capabilities and clientInfo/],
    ];
    for (const [body, status, code, id, message] of cases) {
      const answer = await sendRaw(url, body);
      const { error, id: answered } = bodyOf(answer);
      const seen = [answer.status, error?.code, answered];
      assert.deepEqual(seen, [status, code, id], `${JSON.stringify(body)}: ${answer.text}`);
      assert.match(String(error?.message), message);
      assert.doesNotMatch(answer.text, / at .*\.[jt]s:/);
    }
  },
);

test('a batch is answered as a batch', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
  const answer = await sendRaw(url, [rpc('ping', undefined, 'p'), notification, callEcho]);
  assert.equal(answer.status, 200);
  const ids = (JSON.parse(answer.text) as RpcAnswer[]).map(({ id }) => id);
  assert.deepEqual(ids.sort(), ['c', 'p']);
  assert.equal((await sendRaw(url, [notification])).status, 202);
  const one = await sendRaw(url, [rpc('ping', undefined, 'p')]);
  assert.deepEqual(JSON.parse(one.text), [{ result: {}, jsonrpc: '2.0', id: 'p' }]);

  const refused: [unknown, RegExp][] = [
    [[], /at least one message/],
    [Array.from({ length: 101 }, (_, id) => rpc('ping', undefined, id)), /at most 100 messages/],
    [[rpc('ping'), 7], /a JSON-RPC message is an object/],
    [[rpc('ping'), rpc('ping')], /have the same id/],
    [[initialize()], /initialize cannot be part of a batch/],
  ];
  for (const [batch, message] of refused) {
    const { error } = bodyOf(await sendRaw(url, batch));
    assert.equal(error?.code, -32600);
    assert.match(String(error?.message), message);
  }
});

test('what is no JSON request is refused before it is read as one', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), maxBodyBytes: 1_000 });
  const refusals: [Record<string, string | null>, number, RegExp][] = [
    [{ 'content-type': 'text/plain' }, 415, /Content-Type must be application\/json/],
    [{ 'content-type': null }, 415, /Content-Type must be application\/json/],
    [{ 'content-type': 'application/json; charset=latin1' }, 415, /in UTF-8/],
    [{ 'content-encoding': 'gzip' }, 415, /Content-Encoding is not taken/],
    [{ 'mcp-protocol-version': '1999-01-01' }, 400, /Unsupported protocol version: 1999-01-01/],
    [{ 'mcp-session-id': 'nobody' }, 404, /Session not found/],
  ];
  for (const [headers, status, message] of refusals) {
    const answer = await sendRaw(url, rpc('ping'), headers);
    assert.equal(answer.status, status, answer.text);
    assert.match(String(bodyOf(answer).error?.message), message);
  }
  const fine = { 'content-type': 'Application/JSON; charset="UTF-8"' };
  assert.equal((await sendRaw(url, rpc('ping'), fine)).status, 200);
  const supported = { 'mcp-protocol-version': '2025-06-18' };
  assert.equal((await sendRaw(url, rpc('ping'), supported)).status, 200);
});

test('a body over the limit is 413, with and without a declared length', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), maxBodyBytes: 1_000 });
  const body = JSON.stringify(rpc('ping', { filler: 'x'.repeat(200_000) }));
  const declared = { 'content-length': String(body.length) };
  for (const headers of [declared, { 'transfer-encoding': 'chunked' }]) {
    const answer = await sendRaw(url, body, headers as Record<string, string>);
    assert.equal(answer.status, 413);
    assert.deepEqual(bodyOf(answer), {
      jsonrpc: '2.0',
      id: null,
      error: { code: -32000, message: 'The body is larger than 1000 bytes, the limit.' },
    });
  }
});

test('a JSON bomb in the arguments is a tool error', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo-item","arguments":{"id":${deep}}}}`;
  const { result } = bodyOf(await sendRaw(url, body));
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /- id: is nested deeper than 200 levels/);
});

test('only POST, GET and DELETE are methods, and GET is for sessions', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const put = await sendRaw(url, rpc('ping'), {}, 'PUT');
  assert.deepEqual([put.status, put.headers.allow], [405, 'GET, POST, DELETE']);
  const get = await sendRaw(url, undefined, { accept: 'text/event-stream' }, 'GET');
  assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
  assert.match(String(bodyOf(get).error?.message), /send JSON-RPC messages with POST/);
});

test('a client that leaves within its body is forgotten', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const request = http.request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': '1000' },
  });
  request.on('error', () => {});
  request.write('{');
  await until(() => handler.running() > 0);
  request.destroy();
  await until(() => handler.running() === 0);
  assert.equal((await sendRaw(url, rpc('ping'))).status, 200);
});
