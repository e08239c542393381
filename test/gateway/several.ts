import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ASKING, SHOP } from '../mcp/ask-capability.ts';
import { textOf } from '../support/agent.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

export interface Several {
  readonly gateways: readonly TestGateway[];
  /** As a client does it whose connections are spread: each request goes to the next gateway. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

/** Gateways that ask questions, with one state key. */
export async function startSeveral(
  t: TestContext,
  options: readonly TestGatewayOptions[],
): Promise<Several> {
  const upstream = await startUpstream(t, SHOP);
  const gateways = await Promise.all(
    options.map((each) =>
      startGateway(t, ASKING, {
        upstream: upstream.origin,
        stateKey: 'one-key-for-all-of-them-0123456789',
        ...each,
      }),
    ),
  );
  let turn = 0;
  return {
    gateways,
    fetch(url, init) {
      turn += 1;
      const { port } = new URL(gateways[turn % gateways.length]?.mcp as string);
      const to = new URL(url);
      to.port = port;
      return fetch(to, init);
    },
  };
}

export interface Connected {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/** A client that answers with its name when it is asked something. */
export async function connectTo(
  t: TestContext,
  { gateways, fetch }: Several,
  name: string,
): Promise<Connected> {
  const client = new Client(
    { name, version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'accept' as const,
    content: { name },
  }));
  const url = new URL(gateways[0]?.mcp as string);
  const transport = new StreamableHTTPClientTransport(url, { fetch });
  await client.connect(transport as Transport);
  t.after(() => client.close());
  return { client, transport };
}

/** So many clients at the same time: each is asked who it is, several times, and lists and pings in between. */
export async function converseWithAll(
  t: TestContext,
  several: Several,
  count: number,
): Promise<readonly Connected[]> {
  const names = Array.from({ length: count }, (_, at) => `client ${at}`);
  const clients = await Promise.all(names.map((name) => connectTo(t, several, name)));
  await Promise.all(
    clients.map(async ({ client }, at) => {
      for (let round = 0; round < 4; round += 1) {
        const greeted = await client.callTool({ name: 'greet', arguments: {} });
        assert.deepEqual(JSON.parse(textOf(greeted)), { 'user-name': names[at] });
        assert.ok((await client.listTools()).tools.length > 0);
        await client.ping();
      }
    }),
  );
  return clients;
}
