import http from 'node:http';
import { connect, createServer, type Socket } from 'node:net';

export interface Sent {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
}

/** One request whose path goes as it is written: no client in between that tidies it up. */
export async function send(origin: string, path: string, sent: Sent = {}): Promise<Answer> {
  const response = await open(origin, path, sent);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  return {
    status: response.statusCode as number,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    bytes,
    text,
    json: () => JSON.parse(text),
  };
}

/** As `send`, but resolves with the head of the answer; its body is the caller's to read. */
export function open(
  origin: string,
  path: string,
  { method = 'GET', headers = {}, body, agent }: Sent = {},
): Promise<http.IncomingMessage> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, path, method, headers, agent: agent ?? false },
      resolve,
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** A JSON body with its header. */
export const jsonBody = (value: unknown, method = 'POST'): Sent => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});

/** Writes bytes to a connection and gives all that comes back until the other side closes it. */
export function converse(origin: string, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(origin);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(received));
    for (const piece of pieces) socket.write(piece);
  });
}

export function connectTo(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect({ host: hostname, port: Number(port) });
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** For tests that wait on something a fault would keep from ever coming. */
export const bounded = { timeout: 60_000 };

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
