import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability, whole } from '../support/capability.ts';
import { compileText } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

const operations = {
  list: { route: 'GET /items', parameters: [{ name: 'limit', in: 'query' }], output: [...whole] },
  ping: { route: 'GET /ping' },
};

const written = (authentication: object, more: object = {}): string =>
  capability({
    operations,
    consumes: { authentication: { type: 'caller', ...authentication } },
    ...more,
  });

async function serve(t: TestContext, authentication: object) {
  const upstream = await startUpstream(t, ({ url, headers }, response) => {
    const shown = { url, authorization: headers.authorization, key: headers['x-api-key'] };
    response.writeHead(headers['x-api-key'] === 'wrong-key' ? 401 : 200, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(shown));
  });
  const served = await startGateway(t, written(authentication), { upstream: upstream.origin });
  const ask = async (headers: Record<string, string> = {}, path = '/items?limit=2') => {
    const response = await fetch(served.rest + path, { headers });
    return { status: response.status, text: await response.text() };
  };
  return { ...served, upstream, ask };
}

test('over REST the declared header goes upstream, and no other', async (t) => {
  const { ask } = await serve(t, { header: 'X-API-Key' });
  const { status, text } = await ask({ 'x-api-key': 'my-own-key', authorization: 'Bearer mine' });
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), { url: '/items?limit=2', key: 'my-own-key' });
});

test('without it the call is refused before anything is sent', async (t) => {
  const { ask, upstream, mcp } = await serve(t, { header: 'X-API-Key' });
  const { status, text } = await ask();
  assert.equal(status, 400);
  assert.match(text, /X-API-Key:? is required/);
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'list', arguments: { limit: 2 } });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /X-API-Key:? is required/);
  assert.equal(upstream.requests.length, 0);
});

test('a tool has it as an input that is marked, and clients are not asked for headers', async (t) => {
  const { mcp } = await serve(t, { header: 'X-API-Key', description: 'The key of your account.' });
  const agent = await connectAgent(t, mcp, { 'x-api-key': 'of-the-client' });
  const { tools } = await agent.listTools();
  for (const { inputSchema } of tools) {
    assert.deepEqual(inputSchema.properties?.['X-API-Key'], {
      type: 'string',
      description: 'The key of your account.',
      format: 'password',
    });
    assert.ok(inputSchema.required?.includes('X-API-Key'));
  }
  const missing = await agent.callTool({ name: 'list', arguments: {} });
  assert.equal(missing.isError, true, 'what a client shows the gateway is not handed on');
  const result = await agent.callTool({ name: 'list', arguments: { 'X-API-Key': 'my-own-key' } });
  assert.equal((JSON.parse(textOf(result)) as { key: string }).key, 'my-own-key');
});

test('each caller is served with his own', async (t) => {
  const { ask } = await serve(t, { header: 'X-API-Key' });
  const keys = Array.from({ length: 50 }, (_, index) => `key-of-caller-${index}`);
  const answers = await Promise.all(keys.map((key) => ask({ 'x-api-key': key })));
  assert.deepEqual(
    answers.map(({ text }) => (JSON.parse(text) as { key: string }).key),
    keys,
  );
});

test('it may go under another name, in another text, or in the query', async (t) => {
  const bearer = await serve(t, {
    header: 'X-Upstream-Token',
    key: 'Authorization',
    value: 'Bearer {{credential}}',
  });
  const sent = JSON.parse((await bearer.ask({ 'x-upstream-token': 'tok' })).text) as object;
  assert.deepEqual(sent, { url: '/items?limit=2', authorization: 'Bearer tok' });
  const query = await serve(t, { header: 'X-Key', key: 'api key', placement: 'query' });
  const { url } = JSON.parse((await query.ask({ 'x-key': 'a&b' })).text) as { url: string };
  assert.equal(url, '/items?limit=2&api%20key=a%26b');
});

test('one that is not required is left out', async (t) => {
  const { ask } = await serve(t, { header: 'X-API-Key', required: false });
  const { status, text } = await ask();
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), { url: '/items?limit=2' });
});

test('no text of the gateway shows it', async (t) => {
  const { ask, mcp } = await serve(t, { header: 'X-API-Key' });
  const refused = await ask({ 'x-api-key': 'wrong-key' });
  assert.equal(refused.status, 401, 'what the API says is the answer');
  const agent = await connectAgent(t, mcp);
  for (const key of ['line\nbreak-secret', { a: 'object-secret' }, '']) {
    const result = await agent.callTool({ name: 'list', arguments: { 'X-API-Key': key } });
    assert.equal(result.isError, true, JSON.stringify(key));
    assert.ok(!/secret/.test(textOf(result)), textOf(result));
  }
});

test('authentication: none takes it from an operation', async () => {
  const document = JSON.parse(written({ header: 'X-Key' })) as {
    capability: { consumes: { resources: { operations: Record<string, unknown>[] }[] }[] };
  };
  const [block] = document.capability.consumes;
  Object.assign(block?.resources[1]?.operations[0] ?? {}, { authentication: 'none' });
  const { draft, findings } = await compileText(JSON.stringify(document));
  assert.deepEqual(findings, []);
  const face = draft.faces.find((each) => each.face === 'mcp');
  assert.ok(face?.face === 'mcp');
  const names = face.tools.map(({ operation }) => operation.inputs.map(({ name }) => name));
  assert.deepEqual(names, [['limit', 'X-Key'], []]);
});

test('steps give each call the same one', async (t) => {
  const upstream = await startUpstream(t, ({ headers }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ key: headers['x-key'] }));
  });
  const document = JSON.parse(written({ header: 'X-Key' })) as {
    capability: { exposes: { tools?: object[] }[] };
  };
  document.capability.exposes[1]?.tools?.push({
    name: 'both',
    description: 'Both',
    steps: [
      { type: 'call', name: 'one', call: 'things-api.list' },
      { type: 'call', name: 'two', call: 'things-api.ping' },
    ],
    mappings: [
      { targetName: 'one', value: '$.one.key' },
      { targetName: 'two', value: '$.two.key' },
    ],
    outputParameters: [
      { name: 'one', type: 'string' },
      { name: 'two', type: 'string' },
    ],
  });
  const { mcp } = await startGateway(t, JSON.stringify(document), { upstream: upstream.origin });
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'both', arguments: { 'X-Key': 'mine' } });
  assert.deepEqual(JSON.parse(textOf(result)), { one: 'mine', two: 'mine' });
});

for (const [what, authentication, message] of [
  ['a header of the connection', { header: 'Host' }, /cannot travel in a header "Host"/],
  [
    'a text without it',
    { header: 'X-Key', value: 'Bearer {{token}}' },
    /has no \{\{credential\}\} in it/,
  ],
  ['a name that is none', { header: 'X Key' }, /cannot travel in a header "X Key"/],
] as const) {
  test(`${what} is a finding`, async () => {
    const { findings } = await compileText(written(authentication));
    assert.ok(
      findings.some((each) => message.test(each.message)),
      JSON.stringify(findings),
    );
  });
}

test('what callers show the gateway itself is not handed on', async () => {
  const guarded = (authentication: object, header: string): string => {
    const document = JSON.parse(written({ header })) as {
      capability: { exposes: Record<string, unknown>[] };
    };
    Object.assign(document.capability.exposes[0] ?? {}, { authentication });
    return JSON.stringify(document);
  };
  const findings = async (authentication: object, header: string) =>
    (await compileText(guarded(authentication, header))).findings.map(({ message }) => message);
  const bearer = { type: 'bearer', token: 'a-long-token' };
  const key = { type: 'apikey', key: 'X-Key', value: 'a-long-key', placement: 'header' };
  assert.match((await findings(bearer, 'Authorization')).join(), /cannot give the credential/);
  assert.match((await findings(key, 'x-key')).join(), /cannot give the credential/);
  assert.deepEqual(await findings(bearer, 'X-Key'), []);
});
