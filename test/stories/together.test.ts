import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';

const FOLDER = path.join(import.meta.dirname, '..', '..', 'capabilities');
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => path.join(FOLDER, name));

test('all capability files are served together on two ports, without a finding', async (t) => {
  const { gateway, rest, mcp } = await startGateway(t, FILES, { mock: true });
  const found = gateway.findings.filter(({ code }) => code !== 'VARIABLE_MOCKED');
  assert.deepEqual(found, []);
  assert.equal(gateway.listeners.length, 2);
  const plans = gateway.capabilities.flatMap(({ faces }) => faces);
  const named = plans.flatMap((plan) =>
    plan.face === 'mcp' ? plan.tools.map(({ definition }) => definition.name) : [],
  );
  assert.equal(new Set(named).size, named.length, 'no two tools have one name');
  const agent = await connectAgent(t, mcp);
  const { tools } = await agent.listTools();
  assert.deepEqual(tools.map(({ name }) => name).sort(), [...named].sort());
  for (const { name, description = '', annotations = {} } of tools) {
    assert.ok(description.length > 20, name);
    assert.equal(typeof annotations.readOnlyHint, 'boolean', name);
  }
  assert.equal((await fetch(`${rest}/v1/v1/apps`)).status, 200);
  const result = await agent.callTool({ name: 'list-secrets', arguments: { types: ['SIMPLE'] } });
  assert.notEqual(result.isError, true, textOf(result));
});
