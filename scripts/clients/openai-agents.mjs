// The MCP servers of OpenAI's agents: listed and called as an agent would, without a model.
import process from 'node:process';
import { installed } from './cache.mjs';

/** It waits 5 s for a command to start, which is short where everything runs at the same time. */
const PATIENCE = { clientSessionTimeoutSeconds: 60 };
const PACKAGES = { '@openai/agents': '0.20.0', zod: '4.4.3' };

export const openaiAgents = {
  name: '@openai/agents',
  version: PACKAGES['@openai/agents'],
  note: 'given 60 s instead of its 5 s for a command to start; a file of 1,158 tools takes 2 to 3 s of a processor',
  modes: [
    { transport: 'HTTP', open: ({ url }) => connect('MCPServerStreamableHttp', { url }) },
    {
      transport: 'stdio',
      open: ({ stdio }) => connect('MCPServerStdio', { ...silent(stdio), env: process.env }),
    },
  ],
};

async function connect(kind, options) {
  const { load } = await installed(PACKAGES);
  const server = new (await load('@openai/agents'))[kind]({
    ...options,
    ...PATIENCE,
    name: 'gateway',
  });
  await server.connect();
  return {
    // Agents are not told; it stands where the library keeps its client.
    revision: server.underlying?.session?.getNegotiatedProtocolVersion?.(),
    asks: [],
    listTools: () => server.listTools(),
    callTool: (name, args) => server.callToolResult(name, args),
    listResources: async () => (await server.listResources()).resources,
    listTemplates: async () => (await server.listResourceTemplates()).resourceTemplates,
    readResource: (uri) => server.readResource(uri),
    close: () => server.close(),
  };
}

/** It hands on what a server logs, which is no part of what is printed here. */
const silent = ({ command, args }) => ({
  command: 'sh',
  args: ['-c', 'exec "$@" 2>/dev/null', 'sh', command, ...args],
});
