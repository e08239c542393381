import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const CAPABILITY = `
naftiko: 1.0.0-alpha2
info: {label: Pictures}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.invalid
    resources:
    - name: pictures
      path: /picture
      operations:
      - {name: picture, method: GET, outputRawFormat: binary}
  exposes:
  - type: rest
    namespace: pictures-rest
    port: 8080
    resources:
    - path: /picture
      operations: [{method: GET, name: picture, call: api.picture}]
  - type: mcp
    namespace: pictures-mcp
    port: 9090
    tools: [{name: picture, description: A picture, call: api.picture}]
    resources: [{name: picture, uri: 'data://picture', call: api.picture}]
`;

const LIMIT = 1_000;

async function serve(t: TestContext, bytes: Buffer, type: string) {
  const upstream = await startUpstream(t, {
    'GET /picture': { body: bytes, headers: { 'content-type': type } },
  });
  const { rest, mcp } = await startGateway(t, CAPABILITY, {
    upstream: upstream.origin,
    maxBinary: LIMIT,
  });
  return { rest, agent: await connectAgent(t, mcp) };
}

test('bytes up to the limit are content of a tool and of a resource', bounded, async (t) => {
  const bytes = Buffer.alloc(LIMIT, 200);
  const { agent } = await serve(t, bytes, 'image/png');
  const data = bytes.toString('base64');
  const { content } = await agent.callTool({ name: 'picture' });
  assert.deepEqual(content, [{ type: 'image', data, mimeType: 'image/png' }]);
  const { contents } = await agent.readResource({ uri: 'data://picture' });
  assert.deepEqual(contents, [{ uri: 'data://picture', mimeType: 'image/png', blob: data }]);
});

test(
  'past it each says how large they are and what to do; REST hands them on',
  bounded,
  async (t) => {
    for (const type of ['image/png', 'audio/wav', 'application/pdf']) {
      const bytes = Buffer.alloc(LIMIT + 1, 200);
      const { rest, agent } = await serve(t, bytes, type);
      const result = await agent.callTool({ name: 'picture' });
      assert.equal(result.isError, true);
      const said = `api.picture answered with 1001 bytes of ${type}, and as binary content at most 1000 bytes are handed on. Ask for a smaller one or for a part of it; whoever runs the gateway can raise --max-binary.`;
      assert.equal(textOf(result), `UPSTREAM_TOO_LARGE (502): ${said}`);
      await assert.rejects(agent.readResource({ uri: 'data://picture' }), (error: Error) => {
        assert.ok(error.message.includes(said), error.message);
        return true;
      });
      assert.deepEqual((await send(rest, '/picture')).bytes, bytes);
    }
  },
);
