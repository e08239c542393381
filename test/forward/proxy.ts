import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { collectGarbage } from '../support/memory.ts';
import type { Closer } from '../support/upstream.ts';

export const MEGABYTE = 1024 * 1024;

const TRUSTED = ['Accept', 'Range', 'If-None-Match', 'If-Range', 'TE'];

/** A gateway that forwards `/proxy/…` to an upstream; gives its origin. */
export async function startProxy(
  t: Closer,
  upstream: string,
  options: TestGatewayOptions = {},
  trustedHeaders: readonly string[] = TRUSTED.slice(0, -1),
): Promise<string> {
  const text = JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'A proxy' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [{ name: 'one', path: '/one', operations: [{ name: 'one', method: 'GET' }] }],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'proxy-rest',
          port: 8080,
          resources: [
            { path: '/proxy/{{path}}', forward: { targetNamespace: 'api', trustedHeaders } },
          ],
        },
      ],
    },
  });
  return (await startGateway(t, text, { upstream, ...options })).rest;
}

/** An upstream whose handler gets a request while it still comes; gives its origin. */
export async function startServer(t: Closer, handle: RequestListener): Promise<string> {
  const server = http.createServer({ requestTimeout: 0 }, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Opened {
  readonly request: http.ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

/** A request on a connection of its own, whose body is still to be written. */
export function begin(
  origin: string,
  path: string,
  options: { readonly method?: string; readonly headers?: http.OutgoingHttpHeaders } = {},
): Opened {
  const { hostname, port } = new URL(origin);
  const request = http.request({ hostname, port, path, agent: false, ...options });
  const response = once(request, 'response').then(([answer]) => answer as IncomingMessage);
  // Whoever does not wait for it does not want to hear that there is none.
  response.catch(() => {});
  return { request, response };
}

/** Bytes that compress badly and repeat late: each chunk is another, and both sides can make them. */
export function* noise(size: number): Generator<Buffer> {
  const block = Buffer.alloc(64 * 1024);
  for (let at = 0; at < block.length; at += 1) block[at] = (at * at * 31 + at * 7) >>> 3;
  for (let sent = 0, turn = 0; sent < size; turn += 1) {
    block.writeUInt32BE(turn, 0);
    const chunk = Buffer.from(block.subarray(0, Math.min(block.length, size - sent)));
    sent += chunk.length;
    yield chunk;
  }
}

export function digestOf(chunks: Iterable<Buffer>): string {
  const hash: Hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** Reads all, slowly enough for whatever can pile up, and gives the digest of it. */
export async function digestSlowly(
  stream: AsyncIterable<Buffer>,
  onProgress: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    size += chunk.length;
    onProgress(size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

/**
 * Says how much more memory than in the beginning is held, at most, at the moments of calling
 * `sample`. What nothing holds any more does not count, whenever the engine collects it.
 */
export function measureHeld(every: number): {
  readonly sample: (bytes: number) => void;
  readonly most: () => number;
} {
  const start = held();
  let most = 0;
  let next = every;
  return {
    sample(bytes) {
      if (bytes < next) return;
      next += every;
      most = Math.max(most, held() - start);
    },
    most: () => most,
  };
}

function held(): number {
  // The first collection only marks some bytes of buffers as free; the second counts them so.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
