import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConsumesHttp } from '../document/document.ts';
import { echo } from './answer.ts';
import { checkBody, readBody } from './body.ts';
import { checkParameters, type Received } from './check.ts';
import { checkCredential } from './credential.ts';
import { loadOpenApi, type OpenApi } from './openapi.ts';
import { findOperations, type Match, type MockOperation, readOperations } from './operation.ts';
import { type MockAnswer, MockError, problemOf, type Refusal, send } from './problem.ts';

interface MockBlock {
  /** Any name that tells the blocks apart; `baseUri` takes it back. */
  readonly key: string;
  readonly consumes: ConsumesHttp;
  /** Path of an OpenAPI 3 or Swagger 2.0 document that answers come from. */
  readonly openapi?: string;
}

export interface MockOptions {
  readonly consumes: readonly MockBlock[];
  /** Judges a credential that is there and well-formed: a token, an API key, or `user:password`. */
  readonly accept?: (key: string, credential: string) => boolean;
}

export interface Mock {
  /** What the block is reached under instead of its declared base URI. Throws MockError for a key not given. */
  baseUri(key: string): string;
  /** Ends every connection; resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Starts one upstream on a loopback port for all blocks, made from the blocks themselves: it checks
 * every request against its declaration and answers a problem or a JSON object that shows what it
 * received. Throws MockError when a document cannot be used or a key stands twice.
 */
export async function startMock(options: MockOptions): Promise<Mock> {
  const blocks = await readBlocks(options);
  const server = createServer((request, response) => {
    const head = request.method === 'HEAD';
    answerTo(request, blocks).then(
      (answer) => send(response, answer, head),
      () => fail(response, head),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUri(key) {
      for (const [segment, block] of blocks) {
        if (block.key === key) return `http://127.0.0.1:${port}/${segment}`;
      }
      throw new MockError(`The mock serves no block with the key '${key}'.`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Block {
  readonly key: string;
  readonly operations: readonly MockOperation[];
  readonly openapi: OpenApi | undefined;
  readonly accept: ((credential: string) => boolean) | undefined;
}

async function readBlocks({ consumes, accept }: MockOptions): Promise<Map<string, Block>> {
  const blocks = new Map<string, Block>();
  const keys = new Set<string>();
  for (const { key, consumes: block, openapi } of consumes) {
    if (keys.has(key)) throw new MockError(`Two consumed APIs have the key '${key}' in the mock.`);
    keys.add(key);
    const name = key.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'api';
    let segment = name;
    for (let count = 2; blocks.has(segment); count += 1) segment = `${name}-${count}`;
    blocks.set(segment, {
      key,
      operations: readOperations(block),
      openapi: openapi === undefined ? undefined : await loadOpenApi(openapi, block.baseUri),
      accept: accept === undefined ? undefined : (credential) => accept(key, credential),
    });
  }
  return blocks;
}

function fail(response: ServerResponse, head: boolean): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else send(response, problemOf({ code: 'FAILED', detail: 'The mock failed to answer.' }), head);
}

async function answerTo(
  request: IncomingMessage,
  blocks: ReadonlyMap<string, Block>,
): Promise<MockAnswer> {
  const body = await readBody(request);
  if (body === undefined) {
    const detail = 'The mock takes request bodies of up to 1 MiB.';
    return problemOf({ code: 'BODY_TOO_LARGE', detail, headers: { connection: 'close' } });
  }
  const target = readTarget(request.url ?? '/');
  if ('code' in target) return problemOf(target);
  const block = blocks.get(target.segment);
  if (block === undefined) {
    const detail = 'The first path segment names none of the consumed APIs that the mock serves.';
    return problemOf({ code: 'PATH_UNKNOWN', detail });
  }
  const { path, query } = target;
  const received = { method: request.method ?? 'GET', path, query, headers: request.headers, body };
  return answerFrom(block, received, target.segments);
}

interface Target {
  readonly segment: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

function readTarget(url: string): Target | Refusal {
  const local = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  try {
    const [, segment = '', ...rest] = path.split('/');
    return {
      segment,
      path: `/${rest.join('/')}`,
      segments: rest.length === 0 ? [''] : rest.map(decodeURIComponent),
      query: new URLSearchParams(mark < 0 ? '' : local.slice(mark + 1)),
    };
  } catch {
    return { code: 'PATH_INVALID', detail: 'The path holds a percent sign that escapes nothing.' };
  }
}

function answerFrom(block: Block, received: Received, segments: readonly string[]): MockAnswer {
  const { method, query, headers } = received;
  const found = findOperations(block.operations, method, segments, query);
  if (found.kind === 'otherMethod') {
    return problemOf({
      code: 'METHOD_NOT_ALLOWED',
      detail: `${received.path} is consumed with ${found.allow.join(', ')}, not with ${method}.`,
      headers: { allow: found.allow.join(', ') },
    });
  }
  if (found.kind !== 'matches') {
    const detail =
      found.kind === 'none'
        ? `No consumed operation has the path ${received.path}.`
        : `The path needs the query that the file writes in it: ${found.paths.slice(0, 5).join(' or ')}.`;
    return problemOf({ code: 'PATH_UNKNOWN', detail });
  }
  let first: Refusal | undefined;
  for (const match of found.matches) {
    const { authentication } = match.operation;
    const refusal = checkCredential(authentication, headers, query, block.accept);
    if (refusal !== undefined) return problemOf(refusal);
    const answer = answerMatch(block, match, received);
    if (!('code' in answer)) return answer;
    first ??= answer;
  }
  return problemOf(first ?? { code: 'FAILED', detail: 'The mock failed to answer.' });
}

function answerMatch(block: Block, match: Match, received: Received): MockAnswer | Refusal {
  const refusal = checkParameters(match, received);
  if (refusal !== undefined) return refusal;
  const body = checkBody(match, received);
  if ('code' in body) return body;
  const wrong = block.openapi?.check(match.operation, body);
  if (wrong !== undefined) return wrong;
  const answer = echo(match, received, body);
  return block.openapi?.answer(match.operation, answer) ?? answer;
}
