import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

/** What a test's context gives: `t` of node:test. */
export interface Closer {
  after(close: () => void | Promise<void>): void;
}

export interface RecordedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternating, spelled as sent. */
  readonly rawHeaders: readonly string[];
  /** The body as text, '' without one. */
  readonly body: string;
  readonly bytes: Buffer;
}

export type Handler = (request: RecordedRequest, response: ServerResponse) => void | Promise<void>;

/** A text or Buffer is sent as it is; anything else as JSON. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
}

/** Answers by `METHOD /path`, the query ignored; what is not listed gets a 404. */
export type Script = Readonly<Record<string, Reply | Handler>>;

export interface TestUpstream {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  /** Everything received so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Sockets accepted so far. */
  readonly connections: () => number;
  /** Sockets open now. */
  readonly openConnections: () => number;
  /** Closes now all connections, not the port: what a restart looks like to a client. */
  readonly dropConnections: () => void;
}

/** Starts a recording HTTP server on a free port of 127.0.0.1; it ends with the test. */
export async function startUpstream(
  t: Closer,
  script: Script | Handler,
  options: { readonly tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<TestUpstream> {
  const requests: RecordedRequest[] = [];
  const handle = typeof script === 'function' ? script : byRoute(script);
  const listener: Parameters<typeof createServer>[1] = async (incoming, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => {});
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return;
    }
    const bytes = Buffer.concat(chunks);
    const request: RecordedRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body: bytes.toString('utf8'),
      bytes,
    };
    requests.push(request);
    await handle(request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  return { ...(await listen(t, server, options.tls ? 'https' : 'http')), requests };
}

/**
 * Starts a server that speaks bare TCP: `speak` is called when a connection has received the head
 * of a request (all bytes so far, latin1), and once per further request on it.
 */
export async function startRawUpstream(
  t: Closer,
  speak: (socket: Socket, received: string, connection: number) => void,
): Promise<TestUpstream> {
  let accepted = 0;
  const server = createTcpServer((socket) => {
    const connection = ++accepted;
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      speak(socket, received, connection);
      received = '';
    });
  });
  return { ...(await listen(t, server as Server, 'http')), requests: [] };
}

/** The ways in which an upstream can be broken, each a `speak` for `startRawUpstream`. */
export const broken = {
  /** Takes the request and never says anything. */
  silent: () => {},
  /** Announces 1000 bytes, sends a few, then resets the connection. */
  resetsHalfWay: (socket: Socket) => {
    socket.write(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a":',
    );
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  /** Announces more than it sends, then ends politely. */
  announcesTooMuch: (socket: Socket) => {
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a":1}',
    );
  },
  /** Announces less than it sends. */
  announcesTooLittle: (socket: Socket) => {
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{"a":1}',
    );
  },
  /** Sends what is not HTTP. */
  garbage: (socket: Socket) => {
    socket.end('SSH-2.0-OpenSSH_9.6\r\n');
  },
  /** Resets before it has said anything. */
  resets: (socket: Socket) => {
    socket.resetAndDestroy();
  },
} as const;

/** An origin where nobody listens. */
export async function closedOrigin(): Promise<string> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

function byRoute(script: Script): Handler {
  return (request, response) => {
    const reply = script[`${request.method} ${request.url.replace(/\?.*$/s, '')}`];
    if (typeof reply === 'function') return reply(request, response);
    send(response, reply ?? { status: 404, body: { error: `no script for ${request.url}` } });
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const asIs = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  response.statusCode = status;
  if (!asIs) response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(asIs ? body : JSON.stringify(body));
}

async function listen(t: Closer, server: Server, scheme: string) {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    dropConnections();
    if (server.listening || sockets.size > 0) await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const origin = `${scheme}://127.0.0.1:${port}`;
  return {
    origin,
    port,
    connections: () => accepted,
    openConnections: () => sockets.size,
    dropConnections,
  };
}
