// The two libraries through which most agents reach MCP tools in JavaScript.
import { importClient, versionOf } from './cache.mjs';
import { LOGIN, LOGOUT, resultValue } from './expected.mjs';

export async function aiSdk({ mcp }, loginArguments) {
  const { createMCPClient } = await importClient('@ai-sdk/mcp');
  const client = await createMCPClient({ transport: { type: 'http', url: mcp } });
  try {
    const tools = await client.tools();
    const call = async (name, given) =>
      resultValue(await tools[name].execute(given, { toolCallId: name, messages: [] }));
    return {
      version: versionOf('@ai-sdk/mcp'),
      tools: Object.keys(tools),
      login: await call(LOGIN, loginArguments),
      logout: await call(LOGOUT, {}),
    };
  } finally {
    await client.close();
  }
}

export async function langchain({ mcp }, loginArguments) {
  const { MultiServerMCPClient } = await importClient('@langchain/mcp-adapters');
  const client = new MultiServerMCPClient({
    mcpServers: { gateway: { transport: 'http', url: mcp } },
  });
  try {
    const tools = await client.getTools();
    const call = async (name, given) => {
      const answer = await tools.find((tool) => tool.name === name).invoke(given);
      // One text block comes as itself: as its text, or with the structured value beside it.
      const block = typeof answer === 'string' ? { text: answer } : answer;
      return resultValue({ content: [block], structuredContent: block.structuredContent });
    };
    return {
      version: versionOf('@langchain/mcp-adapters'),
      tools: tools.map(({ name }) => name),
      login: await call(LOGIN, loginArguments),
      logout: await call(LOGOUT, {}),
    };
  } finally {
    await client.close();
  }
}
