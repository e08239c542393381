// The client of the SDK that knows both eras, in each of its ways to find out what a server speaks.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { CAPABILITIES, elicited, rooted, sampled } from './answers.mjs';
import { calls, quiet, versionOf } from './sdk.mjs';

const MODES = { legacy: 'legacy', auto: 'auto', pinned: { pin: '2026-07-28' } };

export const newerSdk = {
  name: '@modelcontextprotocol/client',
  version: versionOf('@modelcontextprotocol/client'),
  modes: Object.entries(MODES).flatMap(([way, mode]) => [
    { way, transport: 'HTTP', open: ({ url }) => connect(overHttp(url), mode) },
    { way, transport: 'stdio', open: ({ stdio }) => connect(overPipes(stdio), mode) },
  ]),
};

const overHttp = (url) => new StreamableHTTPClientTransport(new URL(url));
const overPipes = (stdio) => new StdioClientTransport(quiet(stdio));

async function connect(transport, mode) {
  const info = { name: 'clients', version: '1' };
  const options = { capabilities: CAPABILITIES, versionNegotiation: { mode } };
  const client = new Client(info, options);
  client.setRequestHandler('elicitation/create', ({ params }) => elicited(params));
  client.setRequestHandler('sampling/createMessage', sampled);
  client.setRequestHandler('roots/list', rooted);
  await client.connect(transport);
  return {
    revision: client.getNegotiatedProtocolVersion(),
    asks: ['elicitation', 'sampling', 'roots'],
    ...calls(client),
    callTool: (name, args) => client.callTool({ name, arguments: args }),
    progress: (name, onprogress) => client.callTool({ name, arguments: {} }, { onprogress }),
    close: () => client.close(),
  };
}
