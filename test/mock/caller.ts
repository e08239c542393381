import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { ConsumesHttp } from '../../src/document/document.ts';
import { type MockOptions, startMock } from '../../src/mock/server.ts';
import type { Closer } from '../support/upstream.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** undefined when the text is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into
  readonly json: any;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON with its content type; text and bytes as they are. */
  readonly body?: unknown;
}

/** Calls the mock with the target spelled exactly as given. */
export type Caller = (method: string, target: string, call?: Call) => Promise<Answer>;

/** Starts a mock of one block under the key `shop`; it ends with the test. */
export async function mockOf(
  t: Closer,
  consumes: Partial<ConsumesHttp>,
  more: { readonly openapi?: string; readonly accept?: MockOptions['accept'] } = {},
): Promise<Caller> {
  const { openapi, accept } = more;
  const block: ConsumesHttp = { namespace: 'shop', baseUri: 'https://shop.test/api', ...consumes };
  const mock = await startMock({
    consumes: [{ key: 'shop', consumes: block, ...(openapi === undefined ? {} : { openapi }) }],
    ...(accept === undefined ? {} : { accept }),
  });
  t.after(() => mock.close());
  return callerOf(mock.baseUri('shop'));
}

export function callerOf(baseUri: string): Caller {
  const { hostname, port, pathname } = new URL(baseUri);
  return (method, target, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const json = typeof body === 'object' && body !== null && !Buffer.isBuffer(body);
      const bytes = json ? JSON.stringify(body) : (body as string | Buffer | undefined);
      const length = bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) };
      const type = json ? { 'content-type': 'application/json' } : {};
      const outgoing = request({
        hostname,
        port,
        path: pathname + target,
        method,
        agent: false,
        headers: { ...type, ...length, ...headers },
      });
      outgoing.on('error', reject).on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject).on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json: parsed(text),
          });
        });
      });
      outgoing.end(bytes);
    });
}

/** Sends bytes as they are and gives back all that came until the connection ended. */
export function sendRaw(baseUri: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(baseUri).port), '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {}).on('close', () => resolve(text));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
