import assert from 'node:assert/strict';
import test from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const file = (outputMeta: object, own?: object): string =>
  JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          outputMeta,
          resources: [
            {
              path: '/ship',
              operations: [{ name: 'get', ...(own === undefined ? {} : { outputMeta: own }) }],
            },
          ],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [
            {
              path: '/ship',
              operations: [
                { name: 'get', call: 'api.get', outputParameters: [{ mapping: '$.data' }] },
              ],
            },
            { path: '/whole', operations: [{ name: 'whole', call: 'api.get' }] },
          ],
        },
        {
          type: 'mcp',
          namespace: 'mcp',
          port: 9090,
          tools: [
            {
              name: 'get',
              description: 'Gets it.',
              call: 'api.get',
              outputParameters: [{ mapping: '$.data' }],
            },
          ],
        },
      ],
    },
  });

async function serve(t: Parameters<typeof startGateway>[0], body: unknown, text: string) {
  const upstream = await startUpstream(t, { 'GET /ship': { body } });
  return startGateway(t, text, { upstream: upstream.origin });
}

const ANSWER = { data: { name: 'Ada' }, time: 1735000000, reqId: 'r-1', gone: null, é: 'é\n' };
const META = { time: '$.time', reqId: '$.reqId', gone: '$.gone', other: '$.other', note: '$.é' };

test('what an answer says about itself stands in headers, and in _meta of a result', async (t) => {
  const { rest, mcp } = await serve(t, ANSWER, file(META));
  const answer = await send(rest, '/ship');
  assert.deepEqual(answer.json(), { name: 'Ada' });
  const { headers } = answer;
  assert.equal(headers['x-time'], '1735000000');
  assert.equal(headers['x-req-id'], 'r-1');
  assert.equal(headers['x-note'], '%C3%A9%0A');
  assert.equal('x-gone' in headers || 'x-other' in headers, false);
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'get', arguments: {} });
  assert.deepEqual(result.structuredContent, { name: 'Ada' });
  assert.deepEqual(result._meta, { time: 1735000000, reqId: 'r-1', note: 'é\n' });
});

test('an operation says its own; nothing found is nothing told', async (t) => {
  const { rest, mcp } = await serve(t, { data: 1 }, file(META, { took: '$.took' }));
  const answer = await send(rest, '/ship');
  assert.equal(answer.text, '1');
  assert.equal('x-took' in answer.headers || 'x-time' in answer.headers, false);
  const agent = await connectAgent(t, mcp);
  assert.equal('_meta' in (await agent.callTool({ name: 'get', arguments: {} })), false);
});

test('an answer that is handed on whole says it itself', async (t) => {
  const { rest } = await serve(t, ANSWER, file(META));
  const answer = await send(rest, '/whole');
  assert.deepEqual(answer.json(), ANSWER);
  assert.equal('x-time' in answer.headers, false);
});
