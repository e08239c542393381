import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Closer } from '../support/upstream.ts';

/** Stands before a server, counts what goes there, and can make its tokens look ended. */
export interface Front {
  readonly origin: string;
  /** `METHOD /path` of all that came. */
  readonly calls: readonly string[];
  count(call: string): number;
  /** From now on no token of before reaches the server as it is, but to those paths. */
  endTokens(...but: readonly string[]): void;
}

export interface Place {
  /** The server as it calls itself. */
  readonly url: URL;
  /** `<host>:<port>` that takes the connections in its place. */
  readonly address?: string;
}

export async function startFront(t: Closer, { url, address }: Place): Promise<Front> {
  const calls: string[] = [];
  const seen = new Set<string>();
  let ended: ReadonlySet<string> = new Set();
  let spared: readonly string[] = [];
  const at = new URL(`connect://${address ?? url.host}`);
  const agent = url.protocol === 'https:' ? new https.Agent({ keepAlive: true }) : new http.Agent();
  const { request } = url.protocol === 'https:' ? https : http;

  function shown({ headers }: IncomingMessage, path: string): object {
    const token = headers.authorization?.slice('Bearer '.length);
    if (token === undefined) return {};
    seen.add(token);
    return ended.has(token) && !spared.includes(path)
      ? { authorization: `Bearer ${spoiled(token)}` }
      : {};
  }

  const server = http.createServer((incoming, response) => {
    const [path = ''] = String(incoming.url).split('?');
    calls.push(`${incoming.method} ${path}`);
    const outgoing = request({
      agent,
      ...(url.protocol === 'https:' ? { servername: url.hostname } : {}),
      hostname: at.hostname.replace(/[[\]]/g, ''),
      port: at.port || url.port || (url.protocol === 'https:' ? 443 : 80),
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: url.host, ...shown(incoming, path) },
    });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    count: (call) => calls.filter((each) => each === call).length,
    endTokens(...but) {
      ended = new Set(seen);
      spared = but;
    },
  };
}

/** The same claims under a signature that is none. */
function spoiled(token: string): string {
  const [head, claims, signature = ''] = token.split('.');
  return [head, claims, [...signature].reverse().join('')].join('.');
}
