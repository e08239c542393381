// The adapters through which LangChain agents reach MCP tools. They keep no results as the protocol
// writes them, so the parts are told by what the adapters make of them.
import process from 'node:process';
import { installed } from './cache.mjs';

const PACKAGES = { '@langchain/mcp-adapters': '1.1.4', '@langchain/core': '1.4.0' };

export const langchain = {
  name: '@langchain/mcp-adapters',
  version: PACKAGES['@langchain/mcp-adapters'],
  modes: [
    { transport: 'HTTP', open: ({ url }) => connect({ transport: 'http', url }) },
    {
      transport: 'stdio',
      open: ({ stdio }) =>
        connect({ transport: 'stdio', ...stdio, stderr: 'ignore', env: process.env }),
    },
  ],
};

async function connect(gateway) {
  const { load } = await installed(PACKAGES);
  const { MultiServerMCPClient } = await load('@langchain/mcp-adapters');
  const client = new MultiServerMCPClient({
    mcpServers: { gateway },
    useStandardContentBlocks: true,
    outputHandling: 'content',
  });
  const tools = new Map((await client.getTools()).map((tool) => [tool.name, tool]));
  return {
    revision: '2025-11-25',
    asks: [],
    listTools: async () =>
      Array.from(tools.values(), ({ name, schema }) => ({ name, inputSchema: schema })),
    callTool: async (name, args) => {
      try {
        return resultOf(await tools.get(name).invoke(args));
      } catch (error) {
        if (error.name !== 'ToolException') throw error;
        return { isError: true, content: [{ type: 'text', text: error.message }] };
      }
    },
    listResources: async () => (await client.listResources()).gateway,
    listTemplates: async () => (await client.listResourceTemplates()).gateway,
    readResource: async (uri) => ({ contents: await client.readResource('gateway', uri) }),
    close: () => client.close(),
  };
}

/** One text comes as itself: as its text, or with the structured value beside it. */
function resultOf(answer) {
  const blocks = typeof answer === 'string' ? [{ type: 'text', text: answer }] : [answer].flat();
  return { content: blocks.map(partOf), structuredContent: blocks[0].structuredContent };
}

function partOf({ type, source_type: source, data, mime_type: mimeType, text, metadata }) {
  if (type === 'text') return { type, text };
  if (type !== 'file') return { type, data, mimeType };
  const held = source === 'text' ? { text } : { blob: data };
  return { type: 'resource', resource: { uri: metadata?.uri, mimeType, ...held } };
}
