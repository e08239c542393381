import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Who starts a sandbox: a test, or a gateway. */
export interface Host {
  /** The sandbox ends with it. */
  after(close: () => void | Promise<void>): void;
  /** Told of each call when it is answered. */
  heard?(call: Call, status: number): void;
}

/** A request to a sandbox, its path taken apart. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Values of the variables of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted when the caller leaves. */
  readonly gone: AbortSignal;
}

/** `body` is sent as JSON; `text` as plain text. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  /** A body of JSON that is sent in pieces, each when it comes. */
  readonly pieces?: AsyncIterable<string>;
}

export type Route = (call: Call) => Answer | Promise<Answer>;
/** By `METHOD /path/{variable}`. */
export type Routes = Readonly<Record<string, Route>>;

/** A sandbox that serves until its host ends. */
export interface Service {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** What came, oldest first; of very many the last ones. */
  readonly calls: readonly Call[];
  /** How many calls came to a route, as it is written. */
  count(route: string): number;
  /** Refuses connections, and breaks those that are open. */
  stop(): Promise<void>;
  /** Serves again at the same port. */
  start(): Promise<void>;
}

/** What ends a call with an answer, from wherever it is found out. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('refused');
    this.answer = answer;
  }
}

const MOST_KEPT = 10_000;

export async function startService(
  host: Host,
  routes: Routes,
  fallback: Route = () => ({ status: 404, text: 'Not found' }),
): Promise<Service> {
  const calls: Call[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const table = Object.entries(routes).map(([route, run]) => ({ route, run, ...patternOf(route) }));

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => {});
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { method = '', url = '', headers } = incoming;
    const [path = '', query = ''] = url.split('?', 2);
    const found = table
      .map((entry) => ({ entry, match: entry.pattern.exec(`${method} ${path}`) }))
      .find(({ match }) => match !== null);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const values = (found?.match ?? []).slice(1).map((value) => decodeURIComponent(value));
    const call: Call = {
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body: Buffer.concat(chunks).toString('utf8'),
      params: Object.fromEntries(
        (found?.entry.names ?? []).map((name, at) => [name, values[at] as string]),
      ),
      gone: gone.signal,
    };
    if (calls.push(call) > MOST_KEPT) calls.shift();
    if (found !== undefined)
      counts.set(found.entry.route, (counts.get(found.entry.route) ?? 0) + 1);
    const answer = await answerOf(found?.entry.run ?? fallback, call);
    host.heard?.(call, answer.status ?? 200);
    await send(response, answer);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });

  let port = 0;
  async function start(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }
  async function stop(): Promise<void> {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  }
  await start();
  host.after(stop);
  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    count: (route) => counts.get(route) ?? 0,
    stop,
    start,
  };
}

function patternOf(route: string): { readonly pattern: RegExp; readonly names: readonly string[] } {
  const names = Array.from(route.matchAll(/\{(\w+)\}/g), ([, name]) => name as string);
  const text = route.replace(/[.+*?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '([^/]+)');
  return { pattern: new RegExp(`^${text}$`), names };
}

async function answerOf(run: Route, call: Call): Promise<Answer> {
  try {
    return await run(call);
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.answer;
    return { status: 500, text: String(thrown) };
  }
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status = 200, headers = {}, body, text, pieces } = answer;
  if (response.destroyed) return;
  if (pieces !== undefined) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.flushHeaders();
    for await (const piece of pieces) response.write(piece);
    response.end();
    return;
  }
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8';
  const content = text ?? (body === undefined ? '' : JSON.stringify(body));
  response.writeHead(status, { ...(content === '' ? {} : { 'content-type': type }), ...headers });
  response.end(content);
}
