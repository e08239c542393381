// The client of the SDK of the revisions with a handshake, by HTTP, by pipes, or through a bridge.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { CAPABILITIES, elicited, rooted, sampled } from './answers.mjs';
import { installed } from './cache.mjs';

export const sdk = {
  name: '@modelcontextprotocol/sdk',
  version: versionOf('@modelcontextprotocol/sdk'),
  modes: [
    { transport: 'HTTP', open: openHttp },
    { transport: 'stdio', open: ({ stdio }) => connect(new StdioClientTransport(quiet(stdio))) },
  ],
};

const BRIDGE = { 'mcp-remote': '0.15.1' };

export const mcpRemote = {
  name: 'mcp-remote',
  version: BRIDGE['mcp-remote'],
  note: 'a bridge from stdio to HTTP, driven by the client of `@modelcontextprotocol/sdk`',
  modes: [{ transport: 'stdio to HTTP', open: openBridge }],
};

async function openHttp({ url }) {
  const transport = new StreamableHTTPClientTransport(new URL(url));
  const session = await connect(transport, () => transport.terminateSession());
  if (!transport.sessionId) throw new Error('initialize gave no session');
  return session;
}

async function openBridge({ url }) {
  const { file } = await installed(BRIDGE);
  const script = file('mcp-remote', 'dist', 'proxy.js');
  const args = [script, url, '--allow-http', '--transport', 'http-only'];
  return connect(new StdioClientTransport(quiet({ command: process.execPath, args })));
}

async function connect(transport, leave = async () => {}) {
  const info = { name: 'clients', version: '1' };
  const client = new Client(info, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params));
  client.setRequestHandler(CreateMessageRequestSchema, sampled);
  client.setRequestHandler(ListRootsRequestSchema, rooted);
  let revision;
  transport.setProtocolVersion = following(transport, (version) => {
    revision = version;
  });
  await client.connect(transport);
  return {
    revision,
    asks: ['elicitation', 'sampling', 'roots'],
    ...calls(client),
    callTool: (name, args) => client.callTool({ name, arguments: args }),
    progress: (name, onprogress) =>
      client.callTool({ name, arguments: {} }, undefined, { onprogress }),
    close: async () => {
      await leave();
      await client.close();
    },
  };
}

/** What the clients of both SDKs call alike. */
export function calls(client) {
  return {
    listTools: async () => (await client.listTools()).tools,
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: (uri) => client.readResource({ uri }),
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    complete: async (params) => (await client.complete(params)).completion.values,
  };
}

/** The client tells its transport which revision was agreed on; stdio has no use for it, we have. */
function following(transport, tell) {
  const own = transport.setProtocolVersion?.bind(transport);
  return (version) => {
    tell(version);
    own?.(version);
  };
}

/** What the other side logs is no part of what is printed here. */
export const quiet = (stdio) => ({ ...stdio, stderr: 'ignore', env: process.env });

export function versionOf(name) {
  const paths = createRequire(import.meta.url).resolve.paths(name);
  const folder = paths.map((each) => path.join(each, name)).find((each) => fs.existsSync(each));
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}
