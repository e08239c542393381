import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuard } from '../guard.ts';

/** What operators see of a gateway, whatever number of processes it is. */
export interface AdminView {
  /** Why no request should be sent here now; undefined where requests are welcome. */
  readonly unready: () => string | undefined;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Facts as JSON. No secret may be among them. */
  readonly status: () => object;
}

export interface AdminAddress {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

export interface AdminServer extends AdminAddress {
  close(): Promise<void>;
}

/** It could not be opened. */
export class AdminError extends Error {}

/**
 * Probes, metrics and status on a port of their own, from before the files are read until everything
 * else is closed.
 * @throws AdminError when the port cannot be opened
 */
export async function openAdmin(address: AdminAddress, view: AdminView): Promise<AdminServer> {
  const endpoints: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/livez': () => json(200, { status: 'UP' }),
    '/readyz': () => {
      const reason = view.unready();
      return reason === undefined
        ? json(200, { status: 'UP' })
        : json(503, { status: 'DOWN', reason });
    },
    '/status': () => json(200, view.status()),
    '/metrics': async () => {
      const { contentType, text } = await view.metrics();
      return { status: 200, contentType, text };
    },
  };
  const guard = createGuard({
    loopback: address.host === '::1' || /^127\./.test(address.host),
    allowedHosts: [],
    allowedOrigins: [],
  });

  async function answer(request: IncomingMessage): Promise<Answer> {
    const refusal = guard(request);
    if (refusal !== undefined) return json(403, { error: refusal });
    const path = (request.url ?? '').split('?', 1)[0] as string;
    const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
    if (endpoint === undefined) {
      const error = `There is ${Object.keys(endpoints).join(', ')}, and nothing else here.`;
      return json(404, { error });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(405, { error: 'These are read only: ask with GET.' });
    return endpoint();
  }

  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    request.resume();
    void answer(request)
      .catch(({ message }: Error) => json(500, { error: message }))
      .then((found) => send(request, response, found));
  });
  await listen(server, address);
  const { port } = server.address() as AddressInfo;
  return {
    host: address.host,
    port,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const json = (status: number, body: object): Answer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  text: JSON.stringify(body),
});

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, text }: Answer,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function listen(server: Server, { host, port }: AdminAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? 'another program listens there'
          : code === 'EACCES'
            ? 'this user may not open it'
            : message;
      const mend = 'Give another address with --admin [HOST:]PORT; port 0 takes a free one.';
      reject(new AdminError(`The admin port ${host}:${port} cannot be opened: ${why}. ${mend}`));
    });
    server.listen(port, host, resolve);
  });
}
