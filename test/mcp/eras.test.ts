import assert from 'node:assert/strict';
import test from 'node:test';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { CLAIM, connectNewer, MODES, modern, modernHeaders } from '../support/newer-agent.ts';
import {
  bounded,
  EVERYTHING,
  echoAndWait,
  echoAndWaitRunner,
  input,
  serveMcp,
  tool,
  toolset,
} from './toolbox.ts';

for (const [name, mode, version] of MODES) {
  test(`a client in ${name} mode is served in its era`, bounded, async (t) => {
    const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
    const agent = await connectNewer(t, url, mode);
    assert.equal(agent.getNegotiatedProtocolVersion(), version);
    assert.equal(handler.sessions(), mode === 'legacy' ? 1 : 0);
    assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);
    assert.equal(agent.getInstructions(), 'Ask for items.');
    assert.equal(agent.getServerVersion()?.title, 'Items');
    const { tools } = await agent.listTools();
    assert.deepEqual(
      tools,
      echoAndWait.tools.map(({ definition }) => definition),
    );
    const called = await agent.callTool({ name: 'echo-item', arguments: { id: 7 } });
    assert.deepEqual(called.structuredContent, { got: { id: 7 } });
    assert.equal((await agent.callTool({ name: 'echo-item', arguments: {} })).isError, true);
    await assert.rejects(agent.callTool({ name: 'nope' }), { code: -32602, message: /"nope"/ });
    assert.deepEqual((await agent.listResources()).resources, []);
    assert.deepEqual((await agent.listResourceTemplates()).resourceTemplates, []);
    assert.deepEqual((await agent.listPrompts()).prompts, []);
    const argument = { name: 'a', value: 'b' };
    const ref = { type: 'ref/prompt', name: 'x' } as const;
    assert.deepEqual((await agent.complete({ ref, argument })).completion.values, []);
  });
}

test('a request without a session or a claim is served on its own', bounded, async (t) => {
  const { url, handler } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const list = JSON.parse((await sendRaw(url, rpc('tools/list'))).text);
  assert.deepEqual(Object.keys(list.result), ['tools']);
  const call = rpc('tools/call', { name: 'echo-item', arguments: { id: 1 } });
  const { result } = JSON.parse((await sendRaw(url, call)).text);
  assert.deepEqual(result.structuredContent, { got: { id: 1 } });
  const subscribed = await sendRaw(url, rpc('resources/subscribe', { uri: 'a://b' }));
  assert.match(subscribed.text, /needs a session/);
  assert.equal(handler.sessions(), 0);
});

test('what lists and results say beside their content is of their era', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), listTtlMs: 5_000 });
  for (const method of [
    'server/discover',
    'tools/list',
    'resources/list',
    'resources/templates/list',
    'prompts/list',
  ]) {
    const { status, text } = await sendRaw(url, modern(method), modernHeaders(method));
    const { result } = JSON.parse(text);
    assert.equal(status, 200);
    const { resultType, ttlMs, cacheScope, _meta } = result;
    assert.deepEqual([resultType, ttlMs, cacheScope], ['complete', 5_000, 'public']);
    assert.equal(_meta['io.modelcontextprotocol/serverInfo'].name, 'items');
    if (method === 'server/discover') {
      assert.deepEqual(result.supportedVersions, ['2026-07-28']);
      assert.deepEqual(result.capabilities, EVERYTHING);
    }
  }
  const hidden = await serveMcp(t, echoAndWait, { ...echoAndWaitRunner(), private: true });
  const list = await sendRaw(hidden.url, modern('tools/list'), modernHeaders('tools/list'));
  assert.match(list.text, /"cacheScope":"private"/);
});

test('a resource that is not there has the code of the era', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const before = JSON.parse((await sendRaw(url, rpc('resources/read', { uri: 'a://b' }))).text);
  assert.deepEqual([before.error.code, before.error.data], [-32002, { uri: 'a://b' }]);
  const headers = modernHeaders('resources/read', 'a://b');
  const { text } = await sendRaw(url, modern('resources/read', { uri: 'a://b' }), headers);
  const { error } = JSON.parse(text);
  assert.deepEqual([error.code, error.data], [-32602, { uri: 'a://b' }]);
});

test('a claim that is not whole is refused in its own era', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  const [version, capabilities] = Object.keys(CLAIM) as [string, string];
  const headers = modernHeaders('tools/list');
  const list = (meta: object): object => rpc('tools/list', { _meta: meta }, 9);
  const call = modern('tools/call', { name: 'echo-item', arguments: { id: 1 } }, 9);
  const newer = { ...CLAIM, [version]: '2099-01-01' };
  const cases: readonly [object, Record<string, string | null>, number, number, RegExp][] = [
    [rpc('tools/list', undefined, 9), headers, 400, -32602, /protocolVersion" and ".*clientCap/],
    [rpc('server/discover', undefined, 9), {}, 400, -32602, /server\/discover needs/],
    [list({ [version]: '2026-07-28' }), headers, 400, -32602, /clientCapabilities/],
    [list({ [capabilities]: {} }), {}, 400, -32602, /protocolVersion/],
    [list({ ...CLAIM, [capabilities]: 7 }), headers, 400, -32602, /clientCapabilities/],
    [list(CLAIM), {}, 400, -32020, /MCP-Protocol-Version/],
    [list(CLAIM), { ...headers, 'mcp-method': null }, 400, -32020, /Mcp-Method/],
    [list(CLAIM), { ...headers, 'mcp-method': 'tools/call' }, 400, -32020, /Mcp-Method/],
    [list(CLAIM), { ...headers, 'mcp-protocol-version': '2025-11-25' }, 400, -32020, /2025-11-25/],
    [call, modernHeaders('tools/call'), 400, -32020, /Mcp-Name/],
    [call, modernHeaders('tools/call', 'wait'), 400, -32020, /wait/],
    [call, modernHeaders('tools/call', '=?base64?%%?='), 400, -32020, /Base64/],
    [list(newer), { ...headers, 'mcp-protocol-version': '2099-01-01' }, 400, -32022, /2099-01-01/],
  ];
  for (const [body, given, status, code, message] of cases) {
    const answer = await sendRaw(url, body, given);
    const { id, error } = JSON.parse(answer.text);
    assert.deepEqual([answer.status, id, error.code], [status, 9, code], answer.text);
    assert.match(error.message, message);
    if (code === -32022) assert.deepEqual(error.data.supported, ['2026-07-28']);
  }
  const encoded = `=?base64?${Buffer.from('echo-item').toString('base64')}?=`;
  assert.equal((await sendRaw(url, call, modernHeaders('tools/call', encoded))).status, 200);
});

test('methods and verbs of the era before are gone from the new one', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  for (const method of [
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'no/such',
  ]) {
    const answer = await sendRaw(url, modern(method), modernHeaders(method));
    assert.deepEqual([answer.status, JSON.parse(answer.text).error.code], [404, -32601], method);
  }
  for (const verb of ['GET', 'DELETE']) {
    const answer = await sendRaw(url, undefined, modernHeaders('tools/list'), verb);
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'], verb);
  }
  const notified = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const headers = modernHeaders('notifications/cancelled');
  assert.equal((await sendRaw(url, notified, headers)).status, 202);
  const batch = await sendRaw(url, [modern('tools/list')], modernHeaders('tools/list'));
  assert.deepEqual([batch.status, JSON.parse(batch.text).error.code], [400, -32600]);
});

test('a handshake stays one, whatever its version or headers', bounded, async (t) => {
  const { url } = await serveMcp(t, echoAndWait, echoAndWaitRunner());
  for (const headers of [{}, { 'mcp-protocol-version': '2026-07-28' }]) {
    const answer = await sendRaw(url, initialize('2026-07-28'), headers);
    assert.equal(JSON.parse(answer.text).result.protocolVersion, '2025-11-25');
    const session = { 'mcp-session-id': String(answer.headers['mcp-session-id']) };
    assert.equal((await sendRaw(url, rpc('tools/list'), session)).status, 200);
  }
});

test('an argument that a header repeats must be the same in both', bounded, async (t) => {
  const mirrored = (type: 'string' | 'integer', header: string) => ({
    schema: { type, 'x-mcp-header': header },
  });
  const regional = tool('regional', [
    input('region', 'string', mirrored('string', 'Region')),
    input('count', 'integer', mirrored('integer', 'Count')),
  ]);
  const { url } = await serveMcp(t, toolset([regional]), echoAndWaitRunner());
  const send = (args: object, headers: Record<string, string>) =>
    sendRaw(url, modern('tools/call', { name: 'regional', arguments: args }, 9), {
      ...modernHeaders('tools/call', 'regional'),
      ...headers,
    });
  const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;
  const taken: readonly [object, Record<string, string>][] = [
    [{}, {}],
    [{ region: 'eu' }, { 'mcp-param-region': 'eu' }],
    [{ region: 'Zürich' }, { 'Mcp-Param-Region': base64('Zürich') }],
    [{ count: 7 }, { 'mcp-param-count': '7.0' }],
    [{ region: null }, {}],
  ];
  for (const [args, headers] of taken) assert.equal((await send(args, headers)).status, 200);
  const refused: readonly [object, Record<string, string>, RegExp][] = [
    [{ region: 'eu' }, {}, /mcp-param-region is missing.*"region"/],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }, /says something else/],
    [{ region: 'eu' }, { 'mcp-param-region': 'EU' }, /says something else/],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU?=' }, /not Base64/],
    [{ count: 7 }, { 'mcp-param-count': '8' }, /says something else/],
  ];
  for (const [args, headers, message] of refused) {
    const answer = await send(args, headers);
    const { id, error } = JSON.parse(answer.text);
    assert.deepEqual([answer.status, id, error.code], [400, 9, -32020]);
    assert.match(error.message, message);
  }
  // The eras before know nothing of such headers.
  const bare = rpc('tools/call', { name: 'regional', arguments: { region: 'eu' } });
  assert.equal((await sendRaw(url, bare)).status, 200);
});

test('lists are cut into pages where that is wanted', bounded, async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const served = await serveMcp(t, toolset(names.map((name) => tool(name))), {
    ...echoAndWaitRunner(),
    pageSize: 2,
  });
  const page = async (cursor?: unknown) => {
    const { result, error } = JSON.parse(
      (await sendRaw(served.url, rpc('tools/list', { cursor }))).text,
    );
    return error ?? [result.tools.map((each: { name: string }) => each.name), result.nextCursor];
  };
  const [first, afterFirst] = await page();
  const [second, afterSecond] = await page(afterFirst);
  const [third, afterThird] = await page(afterSecond);
  assert.deepEqual([first, second, third, afterThird], [['a', 'b'], ['c', 'd'], ['e'], undefined]);
  assert.deepEqual(await page(afterFirst), [second, afterSecond]);
  for (const cursor of ['x', 7, `${afterFirst}x`]) {
    assert.match((await page(cursor)).message, /take the "nextCursor" of an earlier tools\/list/);
  }
  const foreign = await sendRaw(served.url, rpc('prompts/list', { cursor: afterFirst }));
  assert.equal(JSON.parse(foreign.text).error.code, -32602);
  for (const [, mode] of MODES) {
    const agent = await connectNewer(t, served.url, mode);
    const { tools } = await agent.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      names,
    );
  }
});
