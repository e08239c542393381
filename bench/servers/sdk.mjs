// An MCP server as the SDK's examples write one, on Express:
//   sdk.mjs UPSTREAM stateless|session sse|json [COUNT]
// stateless: a server and a transport for each request. COUNT: how many tools; one when absent.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import process from 'node:process';
import express from 'express';
import { peer } from '../peers.mjs';
import { openPool } from './collect.mjs';
import { listen } from './listen.mjs';

const [, , upstream, mode, reply, count = '0'] = process.argv;
const { McpServer } = await peer('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } = await peer(
  '@modelcontextprotocol/sdk/server/streamableHttp.js',
);
const { z } = await peer('zod');
const pool = openPool(upstream);
const enableJsonResponse = reply === 'json';
const sessions = new Map();
const app = express();
app.use(express.json());
app.post('/mcp', mode === 'stateless' ? stateless : inSession);
listen(http.createServer(app));

function createServer() {
  const server = new McpServer({ name: 'bench', version: '1' });
  server.registerTool(
    'get-item',
    { description: 'Read one item.', inputSchema: { id: z.string() } },
    getItem,
  );
  for (let index = 0; index < Number(count); index += 1) {
    server.registerTool(
      `get-item-${index}`,
      {
        description: `Read item ${index}.`,
        inputSchema: {
          id: z.string().describe('Which item.'),
          fields: z.array(z.string()).describe('Fields to answer.').optional(),
          limit: z.number().int().describe('How many at most.').optional(),
        },
      },
      getItem,
    );
  }
  return server;
}

async function getItem({ id }) {
  const path = `/2kb/${encodeURIComponent(id)}`;
  const { body } = await pool.request({ method: 'GET', path });
  const text = await body.text();
  return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
}

async function stateless(incoming, response) {
  const server = createServer();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse,
  });
  response.on('close', () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(incoming, response, incoming.body);
}

async function inSession(incoming, response) {
  const known = sessions.get(incoming.headers['mcp-session-id']);
  const transport = known ?? (await open());
  await transport.handleRequest(incoming, response, incoming.body);
}

async function open() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await createServer().connect(transport);
  return transport;
}
