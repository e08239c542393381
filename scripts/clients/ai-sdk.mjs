// The MCP client of the AI SDK: the major version that runs on every Node of ours, and the newest.
import process from 'node:process';
import { CAPABILITIES, elicited } from './answers.mjs';
import { installed } from './cache.mjs';

/** Its own schema of results ends without sounds. */
const LIMITS = { '1.0.101': { audio: 'takes no sound in a result' } };

export const aiSdk = ['1.0.101', '2.0.99'].map((version) => ({
  name: '@ai-sdk/mcp',
  version,
  limits: LIMITS[version] ?? {},
  modes: [
    {
      transport: 'HTTP',
      open: ({ url }) => connect(version, () => ({ type: 'http', url })),
    },
    {
      transport: 'stdio',
      open: ({ stdio }) =>
        connect(version, async ({ load }) => {
          const { Experimental_StdioMCPTransport: Transport } = await load('@ai-sdk/mcp/mcp-stdio');
          return new Transport({ ...stdio, stderr: 'ignore', env: process.env });
        }),
    },
  ],
}));

async function connect(version, transportOf) {
  const { load } = await packages(version);
  const { createMCPClient, ElicitationRequestSchema } = await load('@ai-sdk/mcp');
  const transport = await transportOf({ load });
  const { elicitation } = CAPABILITIES;
  const client = await createMCPClient({ transport, capabilities: { elicitation } });
  client.onElicitationRequest(ElicitationRequestSchema, ({ params }) => elicited(params));
  const tools = await client.tools();
  const options = { toolCallId: 'call', messages: [] };
  return {
    // The older one does not say it, and knows no newer one.
    revision: client.initializeResult?.protocolVersion ?? '2025-11-25',
    asks: ['elicitation'],
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, args) => tools[name].execute(args, options),
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: (uri) => client.readResource({ uri }),
    listPrompts: async () => (await client.experimental_listPrompts()).prompts,
    getPrompt: (name, args) => client.experimental_getPrompt({ name, arguments: args }),
    ...(client.complete && {
      complete: async (params) => (await client.complete(params)).completion.values,
    }),
    close: () => client.close(),
  };
}

const packages = (version) => installed({ '@ai-sdk/mcp': version, zod: '4.4.3' });
