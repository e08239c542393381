// An MCP server as a careful hand writes one for speed: JSON-RPC on bare node:http, the answer of the
// consumed API collected by dispatch and set into the result as text and as structured content.
//   hand-mcp.mjs UPSTREAM checked|unchecked [FILE]
// `checked`: what is set in was parsed before, so that a broken answer breaks no envelope. FILE: the
// result of tools/list, as JSON.
import fs from 'node:fs';
import http from 'node:http';
import process from 'node:process';
import { Ajv } from 'ajv';
import { collect, openPool, readBody } from './collect.mjs';
import { listen } from './listen.mjs';

const [, , upstream, mode, listFile] = process.argv;
const pool = openPool(upstream);
const isChecked = mode === 'checked';
const inputSchema = {
  type: 'object',
  properties: { id: { type: 'string' } },
  required: ['id'],
};
const validate = new Ajv().compile(inputSchema);
const tools = new Map([['get-item', (id) => `/2kb/${encodeURIComponent(id)}`]]);
const listed = listFile
  ? fs.readFileSync(listFile)
  : Buffer.from(JSON.stringify({ tools: [{ name: 'get-item', inputSchema }] }));
const VERSIONS = new Set(['2025-11-25', '2025-06-18', '2025-03-26']);
const JSON_TYPE = ['content-type', 'application/json'];

listen(
  http.createServer((request, response) => {
    readBody(request, (body) => {
      if (!(request.headers.accept ?? '').includes('application/json'))
        return refuse(response, 406);
      const version = request.headers['mcp-protocol-version'];
      if (version !== undefined && !VERSIONS.has(version)) return refuse(response, 400);
      answer(JSON.parse(body), response);
    });
  }),
);

function answer({ jsonrpc, id, method, params }, response) {
  if (jsonrpc !== '2.0') return refuse(response, 400);
  if (method === 'tools/list') return list(id, response);
  if (method !== 'tools/call') return fail(response, id, -32601, 'Method not found');
  const pathOf = tools.get(params.name);
  if (pathOf === undefined) return fail(response, id, -32602, 'Unknown tool');
  if (!validate(params.arguments)) return fail(response, id, -32602, 'Invalid arguments');
  collect(
    pool,
    { method: 'GET', path: pathOf(params.arguments.id) },
    (_, __, bytes) => {
      const text = bytes.toString();
      if (isChecked) JSON.parse(text);
      const content = `[{"type":"text","text":${JSON.stringify(text)}}]`;
      const result = `{"content":${content},"structuredContent":${text}}`;
      send(response, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
    },
    (error) => fail(response, id, -32603, error.message),
  );
}

function list(id, response) {
  const tail = `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`;
  const length = 10 + listed.length + Buffer.byteLength(tail);
  response.writeHead(200, [...JSON_TYPE, 'content-length', String(length)]);
  response.write('{"result":');
  response.write(listed);
  response.end(tail);
}

function fail(response, id, code, message) {
  send(response, JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
}

function send(response, text) {
  const body = Buffer.from(text);
  response.writeHead(200, [...JSON_TYPE, 'content-length', String(body.length)]);
  response.end(body);
}

function refuse(response, status) {
  response.writeHead(status).end();
}
