import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { connectNewer } from '../support/newer-agent.ts';

const entry = (id: number) => ({ id, name: `entry ${id}`, text: 'lorem ipsum '.repeat(10) });
const entries = Array.from({ length: 2_000 }, (_, id) => entry(id));

/** Lists many entries, and notes what it was asked. */
async function upstream(t: TestContext): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ total: entries.length, entries }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const typed = [
  {
    type: 'object',
    properties: {
      total: { type: 'integer', mapping: '$.total' },
      entries: {
        type: 'array',
        mapping: '$.entries',
        items: {
          type: 'object',
          properties: {
            id: { type: 'integer', mapping: '$.id' },
            name: { type: 'string', mapping: '$.name' },
          },
        },
      },
    },
  },
];

/** Two tools of one list: `raw` as it comes, `typed` with an outputSchema; `more` is put on both. */
function file(more: object = {}, onExpose: object = {}): string {
  const operation = {
    route: 'GET /entries',
    parameters: [{ name: 'page', in: 'query', type: 'integer' }],
  };
  const document = JSON.parse(
    capability({
      operations: { raw: operation, typed: { ...operation, output: typed, route: 'GET /typed' } },
      faces: ['mcp'],
    }),
  );
  const [expose] = document.capability.exposes;
  Object.assign(expose, onExpose);
  for (const tool of expose.tools) Object.assign(tool, more);
  return JSON.stringify(document);
}

async function serve(t: TestContext, text: string, options: TestGatewayOptions = {}) {
  const { origin, asked } = await upstream(t);
  const { mcp } = await startGateway(t, text, { upstream: origin, ...options });
  return { mcp, asked };
}

/** Both kinds of client check structured content by the outputSchema that was listed. */
async function clientsOf(t: TestContext, url: string) {
  return [await connectAgent(t, url), await connectNewer(t, url, { pin: '2026-07-28' })];
}

describe('an answer larger than its limit', () => {
  test('comes shortened, says so, and still satisfies the outputSchema, for clients of both eras', async (t) => {
    const { mcp } = await serve(t, file({}, { maxAnswer: { characters: 5_000 } }));
    for (const client of await clientsOf(t, mcp)) {
      await client.listTools();
      for (const name of ['raw', 'typed']) {
        const result = await client.callTool({ name, arguments: {} });
        assert.notEqual(result.isError, true);
        const texts = (result.content as { text: string }[]).map(({ text }) => text);
        assert.ok(texts.join('').length <= 5_000);
        assert.deepEqual(JSON.parse(texts[0] as string), result.structuredContent);
        const { total, entries: kept } = result.structuredContent as {
          total: number;
          entries: unknown[];
        };
        assert.equal(total, 2_000);
        assert.ok(kept.length > 10 && kept.length < 2_000);
        assert.match(texts[1] ?? '', /- entries: the first \d+ of 2000 items/);
        assert.match(texts[1] ?? '', /give page/);
        assert.ok(result._meta?.['naftiko/shortened'], JSON.stringify(result._meta));
      }
    }
  });

  test('is limited in tokens, too', async (t) => {
    const { mcp } = await serve(t, file({ maxAnswer: { tokens: 1_000 } }));
    for (const client of await clientsOf(t, mcp)) {
      const result = await client.callTool({ name: 'raw', arguments: {} });
      assert.match(
        JSON.stringify(result.content),
        /the limit of 150000 characters and about 1000 tokens/,
      );
      assert.ok(textOf(result).length < 8_000 && textOf(result).length > 1_000);
    }
  });

  test('has 150,000 characters by default, another number by option, and none by 0', async (t) => {
    const whole = JSON.stringify({ total: entries.length, entries });
    assert.ok(whole.length > 150_000);
    for (const [options, least, most] of [
      [{}, 100_000, 150_000],
      [{ maxAnswerChars: 10_000 }, 5_000, 10_000],
      [{ maxAnswerChars: 0 }, whole.length, whole.length],
      [{ maxAnswerChars: 0, maxAnswerTokens: 500 }, 500, 4_000],
    ] as const) {
      const { mcp } = await serve(t, file(), options);
      const client = await connectAgent(t, mcp);
      const { length } = textOf(await client.callTool({ name: 'raw', arguments: {} }));
      assert.ok(length >= least && length <= most, `${JSON.stringify(options)}: ${length}`);
    }
  });
});

describe('fields that a caller chooses', () => {
  test('are what it gets, and never go upstream, for clients of both eras', async (t) => {
    const { mcp, asked } = await serve(t, file({ fields: true }));
    for (const client of await clientsOf(t, mcp)) {
      const { tools } = await client.listTools();
      for (const { name, inputSchema, outputSchema } of tools) {
        assert.ok(inputSchema.properties?._fields, name);
        assert.equal(JSON.stringify(outputSchema ?? {}).includes('required'), false);
        const args = { page: 2, _fields: ['entries[].id', 'nope'] };
        const result = await client.callTool({ name, arguments: args });
        assert.notEqual(result.isError, true);
        const ids = { entries: entries.map(({ id }) => ({ id })) };
        assert.deepEqual(result.structuredContent, ids);
        assert.deepEqual(JSON.parse(textOf(result)), ids);
        assert.match(
          JSON.stringify(result.content),
          /The answer has no \\"nope\\", named in _fields/,
        );
        assert.deepEqual(result._meta?.['naftiko/unknownFields'], ['nope']);
      }
    }
    assert.deepEqual([...new Set(asked)].sort(), ['/entries?page=2', '/typed?page=2']);
  });

  test('are no input of a tool that does not offer them', async (t) => {
    const { mcp } = await serve(t, file());
    const client = await connectAgent(t, mcp);
    const result = await client.callTool({ name: 'raw', arguments: { _fields: ['a'] } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /_fields: is not an input of this tool/);
  });

  test('that are no paths are refused before anything is sent', async (t) => {
    const { mcp, asked } = await serve(t, file({ fields: true }));
    const client = await connectAgent(t, mcp);
    const result = await client.callTool({ name: 'raw', arguments: { _fields: 5 } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /_fields: must be a list of paths/);
    assert.deepEqual(asked, []);
  });
});
