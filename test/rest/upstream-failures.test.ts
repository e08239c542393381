import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { bounded, send } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import {
  broken,
  type Closer,
  closedOrigin,
  startRawUpstream,
  startUpstream,
} from '../support/upstream.ts';

const mapped = [{ type: 'string', mapping: '$.name' }];
const SECRET = 'the-secret-token';

const text = capability({
  operations: {
    plain: { route: 'GET /plain/{id}', consumed: 'GET /secret-path/{id}' },
    mapped: { route: 'GET /mapped/{id}', consumed: 'GET /secret-path/{id}', output: mapped },
  },
  consumes: { authentication: { type: 'bearer', token: SECRET } },
});

async function serve(t: Closer, upstream: string, options: TestGatewayOptions = {}) {
  const log = keptLog();
  const { rest, mcp } = await startGateway(t, text, { upstream, log, ...options });
  return { rest, mcp, log };
}

/** Checks a problem to its last member, and that nothing of the request upstream is in it. */
async function isProblem(
  rest: string,
  path: string,
  status: number,
  code: string,
  title: string,
  words: RegExp,
): Promise<void> {
  const answer = await send(rest, path);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const { detail, ...problem } = answer.json() as Record<string, unknown>;
  assert.match(detail as string, words);
  const type = `urn:naftiko:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  const { upstreamStatus: _, ...rest_ } = problem;
  assert.deepEqual(rest_, { type, title, status, code });
  assert.doesNotMatch(answer.text, /secret|at \/|node:|\.ts/);
}

test('an upstream that refuses', async (t) => {
  const { rest, log } = await serve(t, await closedOrigin());
  for (const path of ['/plain/1', '/mapped/1']) {
    await isProblem(
      rest,
      path,
      502,
      'UPSTREAM_UNREACHABLE',
      'The consumed API could not be reached',
      /^127\.0\.0\.1:\d+ refused the connection\./,
    );
  }
  assert.equal(log.lines.length, 2);
  const [line] = log.lines;
  assert.equal(line?.level, 'warn');
  assert.equal(line?.fields.path, '/plain/1');
  assert.equal(line?.fields.code, 'UPSTREAM_UNREACHABLE');
  assert.match(String(line?.fields.cause), /ECONNREFUSED/);
});

test('an upstream that never answers', async (t) => {
  const upstream = await startRawUpstream(t, broken.silent);
  const { rest } = await serve(t, upstream.origin, { timeout: 200 });
  await isProblem(
    rest,
    '/plain/1',
    504,
    'UPSTREAM_TIMEOUT',
    'The consumed API did not answer in time',
    /within 200 ms/,
  );
});

test('an upstream that breaks off, lies about its length or is no HTTP', async (t) => {
  for (const [speak, code, title] of [
    [broken.resetsHalfWay, 'UPSTREAM_INTERRUPTED', 'The consumed API broke off its answer'],
    [broken.announcesTooMuch, 'UPSTREAM_INTERRUPTED', 'The consumed API broke off its answer'],
    [broken.resets, 'UPSTREAM_UNREACHABLE', 'The consumed API could not be reached'],
    [broken.garbage, 'UPSTREAM_UNUSABLE', 'The consumed API gave an answer that cannot be used'],
  ] as const) {
    const upstream = await startRawUpstream(t, speak);
    const { rest } = await serve(t, upstream.origin);
    for (const path of ['/plain/1', '/mapped/1']) {
      await isProblem(rest, path, 502, code, title, /^(The answer of )?127\.0\.0\.1:\d+ /);
    }
  }
});

test('an upstream that says less than it sends is taken at its word', async (t) => {
  const upstream = await startRawUpstream(t, broken.announcesTooLittle);
  const { rest } = await serve(t, upstream.origin);
  const answer = await send(rest, '/plain/1');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '{"');
});

test('HTML for JSON: refused where it is mapped, passed where it is not', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<html>secret</html>');
  });
  const { rest } = await serve(t, upstream.origin);
  const plain = await send(rest, '/plain/1');
  assert.equal(plain.status, 200);
  assert.equal(plain.text, '<html>secret</html>');
  const answer = await send(rest, '/mapped/1');
  assert.equal(answer.status, 502);
  assert.deepEqual(answer.json(), {
    type: 'urn:naftiko:problem:upstream-unusable',
    title: 'The consumed API gave an answer that cannot be used',
    status: 502,
    detail:
      'things-api.mapped gave an answer (text/html) that cannot be used. The answer cannot be read as json: it is no valid JSON.',
    code: 'UPSTREAM_UNUSABLE',
    upstreamStatus: 200,
  });
});

test('JSON that is nested without end is refused where it is mapped', async (t) => {
  const deep = `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const upstream = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(deep);
  });
  const { rest } = await serve(t, upstream.origin);
  const plain = await send(rest, '/plain/1');
  assert.equal(plain.text, deep);
  await isProblem(
    rest,
    '/mapped/1',
    502,
    'UPSTREAM_UNUSABLE',
    'The consumed API gave an answer that cannot be used',
    /nested more than 200 levels deep/,
  );
});

test(
  'an answer over the limit: refused where it is held, streamed where it is not',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`"${'x'.repeat(2_000_000)}"`);
    });
    const { rest, mcp } = await serve(t, upstream.origin, { maxAnswer: 1_000_000 });
    assert.equal((await send(rest, '/plain/1')).bytes.length, 2_000_002);
    await isProblem(
      rest,
      '/mapped/1',
      502,
      'UPSTREAM_TOO_LARGE',
      'The answer of the consumed API is larger than the limit',
      /larger than the limit of 1000000 bytes/,
    );
    const client = await connectAgent(t, mcp);
    const result = await client.callTool({ name: 'plain', arguments: { id: '1' } });
    assert.equal(result.isError, true);
    assert.match(
      textOf(result),
      /^UPSTREAM_TOO_LARGE \(502\): .* larger than the limit of 1000000/,
    );
  },
);

test('a secret that a caller happens to name is masked in what they are told', async (t) => {
  const { rest } = await serve(t, await closedOrigin());
  const answer = await send(rest, `/nothing/${SECRET}`);
  assert.equal(answer.status, 404);
  assert.match(answer.text, /Nothing is served at \/nothing\/••••\./);
});
