import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const shared = join(import.meta.dirname, '../../../shared/reference/fixtures');
const skip = existsSync(shared) ? false : 'the shared reference is not here';
const fixture = (name: string): string => join(shared, name);

test('the reference’s resources and prompts are served', { skip }, async (t) => {
  const upstream = await startUpstream(t, ({ url, body }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url, filter: JSON.parse(body).filter.property }));
  });
  const { mcp } = await startGateway(t, fixture('mcp/mcp-resources-prompts-capability.yaml'), {
    baseUris: { 'mock-api': `${upstream.origin}/v1` },
  });
  const client = await connectAgent(t, mcp);
  const { contents } = await client.readResource({ uri: 'data://users/u%201/profile' });
  assert.equal(
    (contents[0] as { text: string }).text,
    '{"url":"/v1/databases/u%201/query","filter":"Status"}',
  );
  const { messages } = await client.getPrompt({ name: 'summary-prompt', arguments: { data: 'x' } });
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
  await assert.rejects(client.getPrompt({ name: 'summary-prompt', arguments: {} }), /data/);
});

test('the reference’s skills and health are served', { skip }, async (t) => {
  const { gateway, rest } = await startGateway(
    t,
    [fixture('skill-capability.yaml'), fixture('control/control-capability.yaml')],
    { ports: { 'orders-skills': 0, control: 0 } },
  );
  const originOf = (face: 'skill' | 'control'): string =>
    `http://127.0.0.1:${gateway.listeners.find(({ mount }) => mount[face].length > 0)?.port}`;
  const skill = (await send(originOf('skill'), '/skills/order-management')).json() as {
    tools: { invocationRef?: { url: string } }[];
  };
  assert.equal(skill.tools[0]?.invocationRef?.url, `${rest}/orders`);
  assert.equal((await send(originOf('control'), '/health/ready')).status, 200);
});

test('the reference’s forward is served', { skip }, async (t) => {
  const upstream = await startUpstream(t, (_, response) => void response.end('[]'));
  const { rest } = await startGateway(t, fixture('http/http-forward-value-capability.yaml'), {
    baseUris: { external: `${upstream.origin}/v1` },
  });
  assert.equal((await send(rest, '/forward/users/7?full=1')).text, '[]');
  const [request] = upstream.requests;
  assert.equal(request?.url, '/v1/users/7?full=1');
  assert.equal(request?.headers['x-api-version'], '2026-03-03');
  assert.equal(request?.headers['x-api-key'], 'secret-key-123');
});
