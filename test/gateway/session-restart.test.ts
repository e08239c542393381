import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ASKING, SHOP } from '../mcp/ask-capability.ts';
import { textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

const stateKey = 'a secret of more than thirty-two characters';

test('a client does not notice that its gateway was started anew', {
  timeout: 60_000,
}, async (t) => {
  const api = await startUpstream(t, SHOP);
  const first = await startGateway(t, ASKING, { upstream: api.origin, stateKey });
  const client = new Client(
    { name: 'patient', version: '1.0.0' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'accept',
    content: { name: 'Ann' },
  }));
  const transport = new StreamableHTTPClientTransport(new URL(first.mcp));
  await client.connect(transport as Transport);
  t.after(() => client.close());
  const { sessionId } = transport;
  await first.gateway.stop();

  const mcpPort = Number(new URL(first.mcp).port);
  await startGateway(t, ASKING, { upstream: api.origin, stateKey, mcpPort });
  assert.ok((await client.listTools()).tools.length > 3);
  // What the client can do was told to the first one only.
  assert.match(textOf(await client.callTool({ name: 'greet' })), /Ann/);
  assert.equal(transport.sessionId, sessionId);
});

test('questions of two gateways in one session are never of one id', {
  timeout: 60_000,
}, async (t) => {
  const api = await startUpstream(t, SHOP);
  const ids = new Set<unknown>();
  for (let count = 0; count < 2; count += 1) {
    const { mcp } = await startGateway(t, ASKING, { upstream: api.origin, stateKey });
    const transport = new StreamableHTTPClientTransport(new URL(mcp)) as Transport;
    const client = new Client({ name: 'a', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, (_request, { requestId }) => {
      ids.add(requestId);
      return { action: 'accept', content: { name: 'Ann' } };
    });
    await client.connect(transport);
    t.after(() => client.close());
    await client.callTool({ name: 'greet' });
  }
  assert.equal(ids.size, 2);
});
