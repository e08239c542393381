import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import {
  Client,
  type ClientOptions,
  ReadBuffer,
  StreamableHTTPClientTransport,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client';

/** How a client finds out what a server speaks. */
export type Mode = NonNullable<NonNullable<ClientOptions['versionNegotiation']>['mode']>;

export const MODES: readonly (readonly [name: string, mode: Mode, version: string])[] = [
  ['legacy', 'legacy', '2025-11-25'],
  ['auto', 'auto', '2026-07-28'],
  ['pinned', { pin: '2026-07-28' }, '2026-07-28'],
];

type Prepare = (client: Client) => void;

/** A connected client of the SDK that knows both eras, closed with the test. */
export async function connectNewer(
  t: TestContext,
  url: string,
  mode: Mode,
  options: ClientOptions = {},
  prepare: Prepare = () => {},
): Promise<Client> {
  const transport = new StreamableHTTPClientTransport(new URL(url));
  return connect(t, transport as Transport, mode, options, prepare);
}

/** The same over a server's `stdin` and `stdout`. */
export async function connectNewerOverStreams(
  t: TestContext,
  { stdin, stdout }: { readonly stdin: Writable; readonly stdout: Readable },
  mode: Mode,
  options: ClientOptions = {},
  prepare: Prepare = () => {},
): Promise<Client> {
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
  return connect(t, transport, mode, options, prepare);
}

async function connect(
  t: TestContext,
  transport: Transport,
  mode: Mode,
  options: ClientOptions,
  prepare: Prepare,
): Promise<Client> {
  const info = { name: 'newer-agent', version: '1.0.0' };
  const client = new Client(info, { ...options, versionNegotiation: { mode } });
  prepare(client);
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

/** A request of the revision without a handshake, as an object. */
export const modern = (
  method: string,
  params: object = {},
  id: string | number = 1,
  meta: object = {},
): object => ({ jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...CLAIM, ...meta } } });

export const CLAIM = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The headers that go with it. */
export const modernHeaders = (method: string, name?: string): Record<string, string> => ({
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  ...(name === undefined ? {} : { 'mcp-name': name }),
});
