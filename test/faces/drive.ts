import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { isInputRequired, plainContext } from '../../src/mcp/conversation.ts';
import type { ToolResult } from '../../src/mcp/result.ts';
import { createToolCore } from '../../src/mcp/tools.ts';
import type { CallStep, RoutePlan, ToolPlan, UpstreamClient } from '../../src/plan/plan.ts';
import { compileHandler, type HandleRoute } from '../../src/rest/handler.ts';
import { compileRoutes } from '../../src/rest/router.ts';
import { execute } from '../../src/runtime/execute.ts';
import { type Answer, responseOf } from './answers.ts';
import type { Asked } from './request.ts';

/** A request that reached the consumed API. */
export interface Reached {
  readonly method: string;
  readonly url: string;
  /** `name: value`, sorted. */
  readonly headers: readonly string[];
  /** Its bytes, one a character. */
  readonly body: string | undefined;
}

export interface RestAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
}

/** Answers by turns, and keeps what it is sent. */
export interface RecordingUpstream extends UpstreamClient {
  readonly reached: Reached[];
}

export function recordingUpstream(
  answers: readonly Answer[],
  steps: readonly CallStep[],
): RecordingUpstream {
  const reached: Reached[] = [];
  return {
    reached,
    async send({ origin, method, path, headers, body, credential }) {
      const pairs = headers.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : [],
      );
      if (credential !== undefined) pairs.push(`credential: ${JSON.stringify(credential)}`);
      const boundary = /boundary=(\S+)/.exec(pairs.join('\n'))?.[1];
      const plain = (text: string): string =>
        boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
      const bytes = body === undefined ? undefined : Buffer.from(body as string | Buffer);
      const answer = answers[reached.length % answers.length] as Answer;
      const { format } = steps[reached.length % steps.length] as CallStep;
      reached.push({
        method,
        url: origin + path,
        headers: pairs.map(plain).sort(),
        body: bytes === undefined ? undefined : plain(bytes.toString('latin1')),
      });
      const response = responseOf(answer, format);
      return method === 'HEAD' ? { ...response, body: Buffer.alloc(0) } : response;
    },
    async close() {},
  };
}

/** The routes of a file, reached as a request reaches them; undefined when another one is meant. */
export type AskRest = (
  route: RoutePlan,
  asked: Asked,
  upstream: UpstreamClient,
) => Promise<RestAnswer> | undefined;

export function restFace(routes: readonly RoutePlan[]): AskRest {
  const find = compileRoutes(
    routes.map((route) => ({ method: route.method, path: route.path, target: route })),
  );
  return function askRest(route, asked, upstream) {
    const [path = '', query = ''] = splitOnce(asked.url, '?');
    const found = find(asked.method, path);
    if (found.kind !== 'route' || found.target !== route) return undefined;
    // What one variable holds may read as the end of it and the start of the next.
    if (found.values.some((value, at) => value !== asked.segments[at])) return undefined;
    const handle = compileHandler(route, {
      upstream,
      bodyLimit: 10_000_000,
      forwardHeaders: [],
      mask: (text) => text,
      onFailure: () => {},
    });
    return exchange(handle, asked, query, found.values);
  };
}

const splitOnce = (text: string, mark: string): readonly [string, string] => {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
};

const nowhere = new Socket();

/** One request and its answer without a connection. */
function exchange(
  handle: HandleRoute,
  { method, url, headers, body }: Asked,
  query: string,
  segments: readonly string[],
): Promise<RestAnswer> {
  const request = new IncomingMessage(nowhere);
  Object.assign(request, { method, url, headers });
  request.push(body === undefined ? null : Buffer.from(body, 'utf8'));
  if (body !== undefined) request.push(null);
  const response = new ServerResponse(request);
  return new Promise((resolve) => {
    let contentType: string | undefined;
    const writeHead = (status: number, flat: readonly string[] = []): ServerResponse => {
      response.statusCode = status;
      const at = flat.findIndex((name, index) => index % 2 === 0 && name === 'content-type');
      contentType = at === -1 ? undefined : flat[at + 1];
      return response;
    };
    const pieces: Buffer[] = [];
    const write = (piece: string | Buffer, encoding?: BufferEncoding): boolean => {
      pieces.push(typeof piece === 'string' ? Buffer.from(piece, encoding) : piece);
      return true;
    };
    const end = (piece: string | Buffer = '', encoding?: BufferEncoding): void => {
      write(piece, encoding);
      resolve({ status: response.statusCode, contentType, bytes: Buffer.concat(pieces) });
    };
    Object.assign(response, { writeHead, write, end });
    handle(request, response, query, segments);
  });
}

/** A tool, called as the protocol calls it; arguments go through JSON, as they do on the way. */
export async function askTool(
  tool: ToolPlan,
  args: Readonly<Record<string, unknown>>,
  upstream: UpstreamClient,
): Promise<ToolResult> {
  const core = createToolCore(
    { name: 'faces', version: '1', tools: [tool] },
    {
      run: ({ operation }, values, { signal }) =>
        execute(operation, values, { upstream, signal, hold: true }),
    },
  );
  const received = JSON.parse(JSON.stringify(args)) as Record<string, unknown>;
  const { signal } = new AbortController();
  const result = await core.call(tool.definition.name, received, plainContext(signal));
  if (isInputRequired(result)) throw new TypeError(`${tool.definition.name} asks its client.`);
  return result;
}
