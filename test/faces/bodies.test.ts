import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const body = { name: 'payload', in: 'body', type: 'string', required: true };
const contentType = { name: 'Content-Type', in: 'header' };

const operations = {
  real: { route: 'POST /real', parameters: [{ ...body, maxLength: 50 }] },
  plain: {
    route: 'POST /plain',
    parameters: [body, { ...contentType, value: 'text/plain' }],
  },
  object: {
    route: 'POST /object',
    parameters: [{ ...body, type: 'object' }, contentType],
  },
  list: {
    route: 'POST /list',
    parameters: [{ ...body, type: 'array' }, contentType],
  },
  fields: {
    route: 'POST /fields',
    parameters: [body, { name: 'note', in: 'body', type: 'string' }],
  },
};

/** What REST is sent and what a tool is given, and the one body that both send on. */
const SENT: readonly (readonly [
  operation: keyof typeof operations,
  rest: readonly [type: string, text: string],
  args: Readonly<Record<string, unknown>>,
  sent: string,
])[] = [
  ['real', ['text/plain', '1e3'], { payload: '1e3' }, '1e3'],
  ['real', ['text/plain', '{"a": 1}'], { payload: '{"a": 1}' }, '{"a": 1}'],
  ['real', ['text/plain', 'a "b"'], { payload: 'a "b"' }, '"a \\"b\\""'],
  ['plain', ['text/plain', '1.0'], { payload: '1.0' }, '1.0'],
  ['plain', ['text/plain', '"quoted"'], { payload: '"quoted"' }, '"quoted"'],
  ['plain', ['application/json', '"a\\nb"'], { payload: 'a\nb' }, 'a\nb'],
  ['object', ['application/xml', '<a/>'], { payload: '<a/>' }, '<a/>'],
  ['object', ['application/json', '{"a": 1}'], { payload: '{"a": 1}' }, '{"a": 1}'],
  ['object', ['application/json', '{"a":1}'], { payload: { a: 1 } }, '{"a":1}'],
  ['list', ['text/csv', 'a,b'], { payload: 'a,b' }, 'a,b'],
  [
    'fields',
    ['application/json', '{"payload":"a","note":null}'],
    { payload: 'a', note: null },
    '{"payload":"a"}',
  ],
];

test('a body is the same however it comes', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => void response.end('{}'));
  const { rest, mcp } = await startGateway(t, capability({ operations }), {
    upstream: upstream.origin,
  });
  const client = await connectAgent(t, mcp);
  for (const [operation, [type, text], args, sent] of SENT) {
    const told = `${operation} ${type} ${text}`;
    const answer = await send(rest, `/${operation}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: text,
    });
    assert.equal(answer.status, 200, `${told}: ${answer.text}`);
    assert.equal(upstream.requests.at(-1)?.body, sent, `${told} over REST`);
    const takesType = operation === 'object' || operation === 'list';
    const result = await client.callTool({
      name: operation,
      arguments: takesType ? { ...args, 'Content-Type': type } : { ...args },
    });
    assert.ok(!result.isError, `${told}: ${textOf(result)}`);
    assert.equal(upstream.requests.at(-1)?.body, sent, `${told} over MCP`);
    const [first, second] = upstream.requests.slice(-2);
    assert.equal(second?.headers['content-type'], first?.headers['content-type'], told);
  }
});

test('what is no text and not of the type is refused all the same', async (t) => {
  const upstream = await startUpstream(t, {});
  const { rest, mcp } = await startGateway(t, capability({ operations }), {
    upstream: upstream.origin,
  });
  const client = await connectAgent(t, mcp);
  const answer = await send(rest, '/object', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[1]',
  });
  assert.match(answer.text, /payload must be an object, not a list/);
  const result = await client.callTool({ name: 'object', arguments: { payload: [1] } });
  assert.match(textOf(result), /payload: must be an object, not a list/);
});
