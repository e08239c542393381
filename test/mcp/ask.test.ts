import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { connectNewer, MODES } from '../support/newer-agent.ts';
import { startUpstream, type TestUpstream } from '../support/upstream.ts';
import { ASKING, SHOP } from './ask-capability.ts';
import { bounded } from './toolbox.ts';

interface Served extends TestGateway {
  readonly api: TestUpstream;
}

async function serve(t: TestContext): Promise<Served> {
  const api = await startUpstream(t, SHOP);
  return { ...(await startGateway(t, ASKING, { upstream: api.origin })), api };
}

type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> };
type Elicit = (params: { readonly message: string; readonly url?: string }) => Answer;

const named = (name: string): Answer => ({ action: 'accept', content: { name } });

const SAMPLE = {
  role: 'assistant' as const,
  model: 'm1',
  content: { type: 'text' as const, text: 'dear' },
};
const ROOTS = { roots: [{ uri: 'file:///home', name: 'Home' }] };
const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

/** What the tests do with a client of any SDK. */
interface Agent {
  callTool(
    call: { name: string; arguments?: Record<string, unknown> },
    onprogress?: (progress: number, message: string) => void,
  ): Promise<Record<string, unknown>>;
  getPrompt(call: { name: string; arguments?: Record<string, string> }): Promise<unknown>;
}

async function older(t: TestContext, url: string, elicit: Elicit, seen: unknown[]): Promise<Agent> {
  const info = { name: 'older', version: '1.0.0' };
  const client = new OlderClient(info, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    seen.push(params);
    return elicit(params as { message: string });
  });
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    seen.push(params);
    return SAMPLE;
  });
  client.setRequestHandler(ListRootsRequestSchema, () => ROOTS);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Transport);
  t.after(() => client.close());
  return {
    callTool: (call, heard) =>
      client.callTool(call, undefined, {
        ...(heard && {
          onprogress: ({ progress, message }) => heard(progress, String(message)),
        }),
      }),
    getPrompt: (call) => client.getPrompt(call),
  };
}

async function newer(
  t: TestContext,
  url: string,
  mode: Parameters<typeof connectNewer>[2],
  elicit: Elicit,
  seen: unknown[],
): Promise<Agent> {
  const prepare = (client: Client): void => {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      seen.push(params);
      return elicit(params as { message: string });
    });
    client.setRequestHandler('sampling/createMessage', async ({ params }) => {
      seen.push(params);
      return SAMPLE;
    });
    client.setRequestHandler('roots/list', async () => ROOTS);
  };
  const client = await connectNewer(t, url, mode, { capabilities: CAPABILITIES }, prepare);
  return {
    callTool: (call, heard) =>
      client.callTool(call, {
        ...(heard && {
          onprogress: ({ progress, message }) => heard(progress, String(message)),
        }),
      }),
    getPrompt: (call) => client.getPrompt(call),
  };
}

const CLIENTS: readonly (readonly [
  string,
  (t: TestContext, url: string, elicit: Elicit, seen: unknown[]) => Promise<Agent>,
])[] = [
  ['the older SDK', older],
  ...MODES.map(
    ([name, mode]) =>
      [
        `the newer SDK, ${name}`,
        (t: TestContext, url: string, elicit: Elicit, seen: unknown[]) =>
          newer(t, url, mode, elicit, seen),
      ] as const,
  ),
];

for (const [name, connect] of CLIENTS) {
  test(`${name}: steps before a question run once, whatever is asked after`, bounded, async (t) => {
    const { mcp, api } = await serve(t);
    const seen: { message: string }[] = [];
    const answers = [named('x'), named('Ada'), named('Rome')];
    const agent = await connect(t, mcp, () => answers.shift() ?? named('late'), seen);
    const points: [number, string][] = [];
    const result = await agent.callTool(
      { name: 'order', arguments: { item: 'lamp' } },
      (progress, message) => {
        // The newer SDK's client has points of its own between the rounds.
        if (!message.startsWith('Fulfilling')) points.push([progress, message]);
      },
    );
    assert.deepEqual(result.structuredContent, {
      'hold-id': 'H1',
      'order-id': 'O1',
      'buyer-name': 'Ada',
      'to-name': 'Rome',
    });
    assert.deepEqual(
      api.requests.map(({ method, url, body }) => [method, url, body]),
      [
        ['POST', '/holds', '"lamp"'],
        ['DELETE', '/holds', ''],
        ['POST', '/orders', '"Ada"'],
      ],
    );
    assert.deepEqual(
      seen.map(({ message }) => message),
      [
        'Hold H1 for lamp stands. Who are you?',
        'Hold H1 for lamp stands. Who are you?\n\nThe last answer did not fit: name must NOT have fewer than 2 characters.',
        'Where to, Ada?',
      ],
    );
    assert.deepEqual(points, [
      [0, 'started'],
      [1, 'hold'],
      [2, 'release'],
      [3, 'buyer'],
      [4, 'to'],
      [5, 'order'],
      [6, 'completed'],
    ]);
  });

  test(`${name}: what can be asked at once is asked at once`, bounded, async (t) => {
    const { mcp, api } = await serve(t);
    const seen: Record<string, unknown>[] = [];
    const agent = await connect(t, mcp, () => named('Ada'), seen);
    const result = await agent.callTool({ name: 'at-once' });
    assert.deepEqual(result.structuredContent, {
      'user-name': 'Ada',
      'word-text': 'dear',
      'word-model': 'm1',
      places: ROOTS.roots,
      'prices-lamp': 12,
    });
    assert.equal(api.requests.length, 1);
    const { messages, systemPrompt, maxTokens, temperature, stopSequences, modelPreferences } =
      seen.find((params) => 'messages' in params) ?? {};
    assert.deepEqual(
      [systemPrompt, maxTokens, temperature, stopSequences, modelPreferences],
      ['Be short.', 5, 0.5, ['.'], { hints: [{ name: 'small' }], speedPriority: 1 }],
    );
    const [, , last] = messages as { role: string; content: unknown }[];
    assert.deepEqual(last, { role: 'user', content: { type: 'text', text: 'A word for 12?' } });
  });

  test(`${name}: who refuses ends the call, and nothing further is done`, bounded, async (t) => {
    const { mcp, api } = await serve(t);
    let action: Answer['action'] = 'decline';
    const agent = await connect(t, mcp, () => ({ action }), []);
    const declined = await agent.callTool({ name: 'agree' });
    assert.equal(declined.isError, true);
    assert.match(textOf(declined), /^ASK_REFUSED \(403\): The user declined .* step "sure"/);
    action = 'cancel';
    assert.match(textOf(await agent.callTool({ name: 'agree' })), /closed the question/);
    assert.equal(api.requests.length, 0);
    const left = await agent.callTool({ name: 'perhaps' });
    assert.deepEqual(left.structuredContent, {
      user: null,
      word: { text: 'dear', content: [{ type: 'text', text: 'dear' }], model: 'm1' },
    });
    action = 'accept';
    const agreed = await agent.callTool({ name: 'agree' });
    assert.deepEqual(agreed.structuredContent, { 'order-id': 'O1', 'sure-accepted': true });
  });

  test(`${name}: a user is sent to a page, and nothing leads elsewhere`, bounded, async (t) => {
    const { mcp } = await serve(t);
    const seen: { url?: string; mode?: string }[] = [];
    const agent = await connect(t, mcp, () => ({ action: 'accept' }), seen);
    const result = await agent.callTool({ name: 'page', arguments: { id: 'a&b/../c' } });
    assert.deepEqual(result.structuredContent, { 'paid-accepted': true });
    const [{ mode, url } = {}] = seen;
    assert.deepEqual([mode, url], ['url', 'https://pay.example.com/start?for=a%26b%2F..%2Fc']);
  });

  test(`${name}: bytes from before a question are given after it`, bounded, async (t) => {
    const { mcp, api } = await serve(t);
    const agent = await connect(t, mcp, () => named('Ada'), []);
    const { content } = await agent.callTool({ name: 'picture' });
    assert.deepEqual(content, [
      { type: 'image', data: 'iVD/AA==', mimeType: 'image/png' },
      { type: 'text', text: 'For Ada.' },
    ]);
    assert.equal(api.requests.length, 1);
  });

  test(`${name}: a prompt asks and calls before it is written`, bounded, async (t) => {
    const { mcp, api } = await serve(t);
    const seen: { message: string }[] = [];
    const agent = await connect(t, mcp, () => named('Ada {{topic}}'), seen);
    const letter = await agent.getPrompt({ name: 'letter', arguments: { topic: 'sea' } });
    const { messages } = letter as { messages: { content: unknown }[] };
    assert.deepEqual(messages[0]?.content, {
      type: 'text',
      text: 'Ada {{topic}} on sea: 12 of {"lamp":12}',
    });
    assert.equal(seen[0]?.message, 'Who writes about sea?');
    assert.equal(api.requests.length, 1);
    const { messages: priced } = (await agent.getPrompt({ name: 'priced' })) as typeof letter & {
      messages: { content: unknown }[];
    };
    assert.deepEqual(priced[0]?.content, { type: 'text', text: 'A lamp costs 12.' });
  });
}

test('a client without the capability is told before anything is done', bounded, async (t) => {
  const { mcp, api } = await serve(t);
  const agent = await connectAgent(t, mcp);
  const refused = await agent.callTool({ name: 'order', arguments: { item: 'lamp' } });
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /needs a client that can be asked with elicitation\/create/);
  assert.equal(api.requests.length, 0);
  const left = await agent.callTool({ name: 'perhaps' });
  assert.deepEqual(left.structuredContent, { user: null, word: null });
  await assert.rejects(agent.getPrompt({ name: 'letter', arguments: { topic: 'a' } }), {
    code: -32603,
  });
});
