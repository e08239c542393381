// Clients of both eras, with sessions and without. Each call checks what it is answered.
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as SessionClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as SessionTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { ANSWERS, elicited } from '../clients/answers.mjs';
import { GATEWAY_HEADER } from './proxy.mjs';

const REVISION = '2026-07-28';
const META = 'io.modelcontextprotocol';
const TEXT = 'This is a simple text response for testing.';
const STATIC = 'This is the content of the static text resource.';
const ROUNDS = {
  test_input_required_result_elicitation: `Hello, ${ANSWERS.name}!`,
  test_input_required_result_request_state: 'Confirmed with state-ok.',
  test_input_required_result_multi_round: `${ANSWERS.name} likes ${ANSWERS.color}.`,
};

/** Rounds of asking calls, and those that another gateway took than had asked. */
export const rounds = { all: 0, moved: 0 };

/** By the kind of client: connects one and gives its calls by name. */
export const CALLERS = {
  'pinned to 2026-07-28': (url) => withSdk(url, { pin: REVISION }),
  'finding the revision out': (url) => withSdk(url, 'auto'),
  'in a session of 2025-11-25': withSession,
  'bare, of 2026-07-28': async (url) => ({ calls: bareCalls(url, asModern), close: nothing }),
  'bare, without a handshake': async (url) => ({ calls: bareCalls(url, asLegacy), close: nothing }),
  'bare, asked in between': async (url) => ({ calls: askingCalls(url), close: nothing }),
};

async function withSdk(url, mode) {
  const options = { capabilities: { elicitation: {} }, versionNegotiation: { mode } };
  const client = new Client({ name: 'balanced', version: '1' }, options);
  client.setRequestHandler('elicitation/create', ({ params }) => elicited(params));
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  assert.equal(client.getNegotiatedProtocolVersion(), REVISION);
  const fresh = { cacheMode: 'bypass' };
  const list = async () => (await client.listTools({}, fresh)).tools;
  const read = (uri) => client.readResource({ uri }, fresh);
  const call = (name, args = {}) => client.callTool({ name, arguments: args });
  const get = (name, args) => client.getPrompt({ name, arguments: args });
  const asked = async () => {
    for (const [name, text] of Object.entries(ROUNDS)) assertText(await call(name), text);
  };
  return {
    calls: { ...plainCalls({ list, call, read, get }), asked },
    close: () => client.close(),
  };
}

/** What a session keeps, levels of logs and open questions, is of one gateway, which all must find. */
async function withSession(url) {
  const client = new SessionClient(
    { name: 'balanced', version: '1' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params));
  let logged = 0;
  client.setNotificationHandler(LoggingMessageNotificationSchema, () => {
    logged += 1;
  });
  const transport = new SessionTransport(new URL(url));
  await client.connect(transport);
  assert.ok(transport.sessionId);
  const call = (name, args = {}) => client.callTool({ name, arguments: args });
  return {
    calls: {
      ...plainCalls({
        list: async () => (await client.listTools()).tools,
        call,
        read: (uri) => client.readResource({ uri }),
        get: (name, args) => client.getPrompt({ name, arguments: args }),
      }),
      asked: async () => {
        for (const [name, text] of Object.entries(ROUNDS)) assertText(await call(name), text);
      },
      logged: async () => {
        const before = logged;
        await client.setLoggingLevel('info');
        await call('test_tool_with_logging');
        assert.ok(logged > before, 'nothing was logged');
        const between = logged;
        await client.setLoggingLevel('emergency');
        await call('test_tool_with_logging');
        assert.equal(logged, between, 'something was logged below the level');
      },
    },
    async close() {
      await transport.terminateSession();
      const { sessionId } = transport;
      assert.equal(sessionId, undefined);
      await client.close();
    },
  };
}

function bareCalls(url, written) {
  const ask = async (method, params) => (await send(url, written(method, params))).result;
  return plainCalls({
    list: async () => (await ask('tools/list', {})).tools,
    call: (name, args = {}) => ask('tools/call', { name, arguments: args }),
    read: (uri) => ask('resources/read', { uri }),
    get: (name, args) => ask('prompts/get', { name, arguments: args }),
  });
}

function plainCalls({ list, call, read, get }) {
  return {
    listed: async () => assert.ok((await list()).length > 20),
    text: async () => assertText(await call('test_simple_text'), TEXT),
    image: async () => {
      const [{ mimeType }] = (await call('test_image_content')).content;
      assert.equal(mimeType, 'image/png');
    },
    failing: async () => assert.equal((await call('test_error_handling')).isError, true),
    read: async () => assert.equal((await read('test://static-text')).contents[0].text, STATIC),
    prompt: async () => {
      const { messages } = await get('test_prompt_with_arguments', { arg1: 'a', arg2: 'b' });
      assert.equal(messages[0].content.text, "Prompt with arguments: arg1='a', arg2='b'");
    },
  };
}

/** Calls that are put again with the answers, by hand, to see where each round went. */
function askingCalls(url) {
  const finish = async (name, text) => {
    let params = { name, arguments: {} };
    let before;
    for (;;) {
      const { result, gateway } = await send(url, asModern('tools/call', params));
      if (before !== undefined) {
        rounds.all += 1;
        if (gateway !== before) rounds.moved += 1;
      }
      before = gateway;
      if (result.resultType !== 'input_required') return assertText(result, text);
      const { inputRequests, requestState } = result;
      const inputResponses = Object.fromEntries(
        Object.entries(inputRequests).map(([key, question]) => [key, elicited(question.params)]),
      );
      params = { name, arguments: {}, inputResponses, requestState };
    }
  };
  return Object.fromEntries(
    Object.entries(ROUNDS).map(([name, text]) => [name, () => finish(name, text)]),
  );
}

const asLegacy = (method, params) => ({ headers: {}, body: { method, params } });

function asModern(method, params) {
  const name = params.name ?? params.uri;
  return {
    headers: {
      'mcp-protocol-version': REVISION,
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
    },
    body: {
      method,
      params: {
        ...params,
        _meta: {
          [`${META}/protocolVersion`]: REVISION,
          [`${META}/clientCapabilities`]: { elicitation: {} },
        },
      },
    },
  };
}

async function send(url, { headers, body }) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, `${answer.status} ${text}`);
  const { result, error } = JSON.parse(text.startsWith('{') ? text : lastEvent(text));
  assert.equal(error, undefined, JSON.stringify(error));
  return { result, gateway: answer.headers.get(GATEWAY_HEADER) };
}

function lastEvent(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.at(-1)?.slice('data: '.length) ?? '';
}

function assertText({ isError, content }, text) {
  assert.ok(!isError, content[0].text);
  assert.equal(content[0].text, text);
}

async function nothing() {}
