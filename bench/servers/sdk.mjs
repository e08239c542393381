// An MCP server as the SDK's examples write one without sessions: a server and a transport for each
// request, on Express.
import http from 'node:http';
import process from 'node:process';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';
import { request } from 'undici';
import { listen } from './listen.mjs';

const origin = process.argv[2];
const app = express();
app.use(express.json());

app.post('/mcp', async (incoming, response) => {
  const server = new Server({ name: 'bench', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const answer = await request(`${origin}/items/${encodeURIComponent(params.arguments.id)}`);
    const value = await answer.body.json();
    return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
  });
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  response.on('close', () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(incoming, response, incoming.body);
});

listen(http.createServer(app));
