import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { folderOf } from '../support/faces.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, open, send, until } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

function everything(folder: string): string {
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'Everything' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [
            {
              name: 'users',
              path: '/users/{id}',
              inputParameters: [{ name: 'id', in: 'path', type: 'string' }],
              operations: [{ name: 'user', method: 'GET' }],
            },
            { name: 'slow', path: '/slow', operations: [{ name: 'slow', method: 'GET' }] },
          ],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'users-rest',
          port: 8080,
          resources: [
            { path: '/slow', operations: [{ method: 'GET', name: 'slow', call: 'api.slow' }] },
          ],
        },
        {
          type: 'mcp',
          namespace: 'users-mcp',
          port: 8081,
          tools: [{ name: 'slow', description: 'Slow', call: 'api.slow' }],
          resources: [
            {
              name: 'user',
              uri: 'data://users/{id}',
              description: 'A user',
              call: 'api.user',
              with: { id: '{{id}}' },
            },
            {
              name: 'guides',
              uri: 'guide://all',
              description: 'Guides',
              location: `file://${folder}`,
            },
          ],
          prompts: [
            {
              name: 'greet',
              description: 'Greets',
              arguments: [{ name: 'who', description: 'Whom' }],
              template: [{ role: 'user', content: 'Greet {{who}}.' }],
            },
          ],
        },
        {
          type: 'skill',
          namespace: 'users-skill',
          port: 8082,
          skills: [
            {
              name: 'users',
              description: 'About users',
              location: `file://${folder}`,
              tools: [
                { name: 'by-rest', from: { sourceNamespace: 'users-rest', action: 'slow' } },
                { name: 'by-mcp', from: { sourceNamespace: 'users-mcp', action: 'slow' } },
                { name: 'guide', instruction: 'guide.md' },
              ],
            },
          ],
        },
        {
          type: 'control',
          namespace: 'ops',
          port: 8083,
          management: { health: true, info: true },
        },
      ],
    },
  });
}

const ports = { 'users-skill': 0, ops: 0 };

test('an agent reads resources and gets prompts of the gateway', async (t) => {
  const folder = await folderOf(t, { 'guide.md': '# Guide' });
  const upstream = await startUpstream(t, ({ url }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url }));
  });
  const { mcp } = await startGateway(t, everything(folder), { ports, upstream: upstream.origin });
  const client = await connectAgent(t, mcp);
  const { resources } = await client.listResources();
  assert.deepEqual(
    resources.map(({ uri }) => uri),
    ['guide://all/guide.md'],
  );
  const user = await client.readResource({ uri: 'data://users/a%20b' });
  assert.deepEqual(user.contents[0], {
    uri: 'data://users/a%20b',
    mimeType: 'application/json',
    text: '{"url":"/users/a%20b"}',
  });
  const guide = await client.readResource({ uri: 'guide://all/guide.md' });
  assert.equal((guide.contents[0] as { text: string }).text, '# Guide');
  const prompt = await client.getPrompt({ name: 'greet', arguments: { who: '{{who}}' } });
  assert.deepEqual(prompt.messages, [
    { role: 'user', content: { type: 'text', text: 'Greet {{who}}.' } },
  ]);
});

test('a skill gives the URL that each of its tools is called at', async (t) => {
  const folder = await folderOf(t, { 'guide.md': '# Guide' });
  const upstream = await startUpstream(t, { 'GET /slow': { body: 'came' } });
  const { gateway, rest, mcp } = await startGateway(t, everything(folder), {
    ports,
    upstream: upstream.origin,
  });
  const skill = gateway.listeners.find(({ mount }) => mount.skill.length > 0);
  const origin = `http://127.0.0.1:${skill?.port}`;
  const { tools } = (await send(origin, '/skills/users')).json() as {
    tools: { url?: string; invocationRef?: { url: string } }[];
  };
  assert.deepEqual(
    tools.map(({ url, invocationRef }) => url ?? invocationRef?.url),
    [
      `${rest}/slow`,
      `${new URL(mcp).origin}/users-mcp/mcp`,
      `${origin}/skills/users/contents/guide.md`,
    ],
  );
  assert.equal((await send(rest, '/slow')).text, 'came');
  assert.equal((await send(origin, '/skills/users/contents/guide.md')).text, '# Guide');
  assert.equal((await send(origin, '/skills/users/contents/..%2f..%2fetc/passwd')).status, 400);
  assert.equal((await send(origin, '/nothing')).status, 404);
});

test(
  'operators hear that the gateway is ready, and to the end that it is not',
  bounded,
  async (t) => {
    const folder = await folderOf(t, { 'guide.md': '# Guide' });
    let finish = (): void => {};
    const upstream = await startUpstream(t, async (_, response) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      response.end('done');
    });
    const { gateway, rest } = await startGateway(t, everything(folder), {
      ports,
      upstream: upstream.origin,
      stopTimeout: 30_000,
    });
    const control = gateway.listeners.find(({ mount }) => mount.control.length > 0);
    const origin = `http://127.0.0.1:${control?.port}`;
    const ready = await send(origin, '/health/ready');
    assert.equal(ready.status, 200);
    const { adapters } = ready.json() as { adapters: { type: string; port: number }[] };
    assert.deepEqual(
      adapters.map(({ type, port }) => [type, port]),
      gateway.listeners.map(({ mount, port }) => [
        (['rest', 'mcp', 'skill', 'control'] as const).find((face) => mount[face].length > 0),
        port,
      ]),
    );
    const status = (await send(origin, '/status')).json() as { capability: object };
    assert.deepEqual(status.capability, { label: 'Everything', specVersion: '1.0.0-alpha2' });
    const running = open(rest, '/slow');
    await until(() => upstream.requests.length === 1);
    const stopped = gateway.stop();
    const draining = await send(origin, '/health/ready');
    assert.equal(draining.status, 503);
    assert.match(draining.text, /shutting down/);
    assert.equal((await send(origin, '/health/live')).status, 200);
    assert.equal((await send(origin, '/other')).status, 503);
    finish();
    const answer = await running;
    assert.equal(answer.statusCode, 200);
    answer.resume();
    await once(answer, 'end');
    await stopped;
    await assert.rejects(send(origin, '/health/live'));
  },
);
