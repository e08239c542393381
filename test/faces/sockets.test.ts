import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ToolResult } from '../../src/mcp/result.ts';
import { connectAgent } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { type RecordedRequest, startUpstream } from '../support/upstream.ts';
import { argumentsOf, differentValues } from './compare.ts';
import { counterpartsOf } from './counterparts.ts';
import { KINDS } from './kinds.ts';
import { facesOf } from './pairs.ts';
import { requestFor } from './request.ts';
import { givenFor } from './values.ts';

const SEED = 20_260_501;
const TRIED = 4;

/** What the gateway chose to send, without what the connection adds and what is random. */
function chosen({ method, url, headers, body }: RecordedRequest): object {
  const { host: _, connection: __, 'content-length': ___, ...rest } = headers;
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
  const text = JSON.stringify({ method, url, rest, body });
  return JSON.parse(boundary === undefined ? text : text.replaceAll(boundary, 'B')) as object;
}

test('what holds in memory holds over the wire', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const upstream = await startUpstream(t, ({ method, url }, response) => {
    response.setHeader('content-type', 'application/json');
    if (url.length % 7 === 0) response.statusCode = 404;
    response.end(method === 'HEAD' ? '' : JSON.stringify({ url, text: 'x', count: url.length }));
  });
  const document = JSON.parse(KINDS);
  const { exposes } = counterpartsOf(document, () => true);
  const made = exposes.map((expose) => ({ ...expose, namespace: 'made' }));
  document.capability.exposes.push(...made);
  document.capability.consumes[0].baseUri = 'http://upstream.invalid/base';
  const { rest, mcp } = await startGateway(t, JSON.stringify(document), {
    upstream: upstream.origin,
  });
  const client = await connectAgent(t, mcp);
  const { pairs } = await facesOf('kinds.yaml', KINDS, { everyOther: true });
  let compared = 0;
  for (const { label, route, tool } of pairs) {
    const { inputs } = tool.operation;
    for (const given of fc.sample(givenFor({ label, route, tool }), {
      seed: SEED,
      numRuns: TRIED,
    })) {
      const asked = requestFor(route, given);
      if (asked === undefined) continue;
      const told = `${label} ${JSON.stringify(given)}`;
      const { host: _, ...headers } = asked.headers;
      const before = upstream.requests.length;
      const answer = await send(rest, asked.url, {
        method: asked.method,
        headers,
        ...(asked.body === undefined ? {} : { body: asked.body }),
      });
      const between = upstream.requests.length;
      const result = await client.callTool({
        name: tool.definition.name,
        arguments: argumentsOf(inputs, given),
      });
      assert.deepEqual(
        upstream.requests.slice(between).map(chosen),
        upstream.requests.slice(before, between).map(chosen),
        told,
      );
      const { status, bytes } = answer;
      const seen = { status, bytes, contentType: answer.headers['content-type'] };
      assert.equal(differentValues(seen, result as ToolResult, given), undefined, told);
      compared += 1;
    }
  }
  assert.ok(compared > 100, `only ${compared} inputs were compared`);
});
