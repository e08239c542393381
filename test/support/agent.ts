import http from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/** A connected MCP client over Streamable HTTP, closed with the test; `headers` go with every request. */
export async function connectAgent(
  t: TestContext,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const options = { requestInit: { headers } };
  return connect(t, new StreamableHTTPClientTransport(new URL(url), options) as Transport);
}

/** A connected MCP client that writes to a server's `stdin` and reads its `stdout`. */
export async function connectAgentOverStreams(
  t: TestContext,
  streams: { readonly stdin: Writable; readonly stdout: Readable },
): Promise<Client> {
  return connect(t, streamTransport(streams.stdin, streams.stdout));
}

async function connect(t: TestContext, transport: Transport): Promise<Client> {
  const client = new Client({ name: 'test-agent', version: '1.0.0' });
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

function streamTransport(stdin: Writable, stdout: Readable): Transport {
  const lines = new ReadBuffer();
  const transport: Transport = {
    async start() {
      stdout.on('data', (chunk: Buffer) => {
        lines.append(chunk);
        for (let message = lines.readMessage(); message !== null; message = lines.readMessage()) {
          transport.onmessage?.(message);
        }
      });
    },
    async send(message) {
      stdin.write(serializeMessage(message));
    },
    async close() {
      stdin.end();
      transport.onclose?.();
    },
  };
  return transport;
}

/** The text of a tool result's first content part. */
export function textOf(result: unknown): string {
  const [first] = (result as { content: { type: string; text?: string }[] }).content;
  if (first?.text === undefined) throw new Error(`no text in ${JSON.stringify(result)}`);
  return first.text;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** One HTTP request exactly as given: `null` takes a default header away, a string body goes as it is. */
export function sendRaw(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string | null>> = {},
  method = 'POST',
): Promise<RawAnswer> {
  const all = Object.entries({ 'content-type': 'application/json', ...headers });
  const given = Object.fromEntries(all.filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: given, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    request.end(body === undefined ? undefined : raw ? body : JSON.stringify(body));
  });
}

/** A JSON-RPC request as an object. */
export const rpc = (
  method: string,
  params?: unknown,
  id: string | number | undefined = 1,
): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

export const initialize = (protocolVersion = '2025-11-25'): object =>
  rpc('initialize', {
    protocolVersion,
    capabilities: {},
    clientInfo: { name: 'test-agent', version: '1.0.0' },
  });
