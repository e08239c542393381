// The MCP SDK's own client: a session, every tool called once, the session ended.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { root } from '../setup.mjs';
import { LOGIN, LOGOUT, resultValue } from './expected.mjs';

export async function sdk({ mcp }, loginArguments) {
  const client = new Client({ name: 'clients', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(mcp));
  await client.connect(transport);
  try {
    assert.ok(transport.sessionId, 'initialize gave no session');
    const { tools } = await client.listTools();
    const values = {};
    for (const { name, inputSchema } of tools) {
      const given = name === LOGIN ? loginArguments : argumentsFor(inputSchema);
      values[name] = resultValue(await client.callTool({ name, arguments: given }));
    }
    await transport.terminateSession();
    return {
      version: sdkVersion(),
      tools: tools.map(({ name }) => name),
      login: values[LOGIN],
      logout: values[LOGOUT],
      note: `each tool called in a session of ${transport.protocolVersion}`,
    };
  } finally {
    await client.close();
  }
}

const SAMPLES = { string: 'text', integer: 1, number: 1.5, boolean: true, array: [] };

function argumentsFor({ properties = {}, required = [] }) {
  return Object.fromEntries(required.map((key) => [key, sampleOf(properties[key])]));
}

function sampleOf(schema) {
  return SAMPLES[schema.type] ?? argumentsFor(schema);
}

function sdkVersion() {
  const file = path.join(root, 'node_modules', '@modelcontextprotocol', 'sdk', 'package.json');
  return JSON.parse(fs.readFileSync(file, 'utf8')).version;
}
