import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ToolNames } from '../../src/compile/tool-name.ts';
import { connectAgent } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { connectNewer, MODES } from '../support/newer-agent.ts';
import { startUpstream, type TestUpstream } from '../support/upstream.ts';
import { GRAPH_TOOLS, graphCapability, graphNames, KEYS } from './graph-capability.ts';

const bounded = { timeout: 120_000 };

interface Listed {
  readonly name: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
}

/** What the tests ask of a client, whatever SDK it is of. */
interface Agent {
  listTools(params?: {
    cursor: string;
  }): Promise<{ readonly tools: readonly Listed[]; readonly nextCursor?: string }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
}

type Connect = (t: TestContext, url: string) => Promise<Agent>;

const CLIENTS: readonly (readonly [name: string, connect: Connect])[] = [
  ['the SDK of the first era', (t, url) => connectAgent(t, url) as Promise<Agent>],
  ...MODES.map(([name, mode]): readonly [string, Connect] => [
    `the SDK of both eras, ${name}`,
    (t, url) => connectNewer(t, url, mode) as Promise<Agent>,
  ]),
];

const ALPHABETS: Readonly<Record<ToolNames, RegExp>> = {
  published: /^[A-Za-z0-9_./-]{1,128}$/,
  short: /^[A-Za-z0-9_./-]{1,64}$/,
  snake: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
};

const startGraphApi = (t: TestContext): Promise<TestUpstream> =>
  startUpstream(t, (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://upstream.invalid');
    const body = JSON.stringify({ path: pathname, query: [...searchParams] });
    response.setHeader('content-type', 'application/json').end(body);
  });

/** By the key of each input, in the order of the file. */
const ARGUMENTS: Readonly<Record<string, unknown>> = {
  'item-id': 'a/b',
  select: 'id,name',
  filter: "name eq 'x'",
  fields: ['a', 'b'],
  id: 'i-1',
  page_size: 20,
};

const publishedOf = (key: string): string =>
  Object.entries(KEYS).find(([, safe]) => safe === key)?.[0] ?? key;

const SENT = [
  ['$select', 'id,name'],
  ['$filter', "name eq 'x'"],
  ['fields[]', 'a'],
  ['fields[]', 'b'],
  ['@id', 'i-1'],
  ['page[size]', '20'],
];

test('the names that the tests are made of', () => {
  const names = graphNames(GRAPH_TOOLS);
  assert.equal(new Set(names).size, GRAPH_TOOLS);
  assert.equal(Math.max(...names.map(({ length }) => length)), 82);
});

const SERVED: readonly (readonly [style: ToolNames, count: number])[] = [
  ['published', GRAPH_TOOLS],
  ['short', 50],
  ['snake', 50],
];
for (const [style, count] of SERVED) {
  test(`every client lists ${count} tools and calls them, names ${style}`, bounded, async (t) => {
    const upstream = await startGraphApi(t);
    const { mcp } = await startGateway(t, graphCapability(count), {
      upstream: upstream.origin,
      toolNames: style,
    });
    const published = graphNames(count);
    let first: readonly string[] | undefined;
    for (const [title, connect] of CLIENTS) {
      const client = await connect(t, mcp);
      const { tools, nextCursor } = await client.listTools();
      assert.equal(nextCursor, undefined, title);
      const names = tools.map(({ name }) => name);
      assert.equal(new Set(names).size, count, title);
      assert.deepEqual(
        names.filter((name) => !ALPHABETS[style].test(name)),
        [],
      );
      if (style === 'published') assert.deepEqual(names, published);
      first ??= names;
      assert.deepEqual(names, first, `${title} is told the same names in the same order`);
      for (const { inputSchema } of tools) {
        assert.deepEqual(Object.keys(inputSchema.properties ?? {}), Object.keys(ARGUMENTS));
      }
      for (const at of [0, 1, 2, 3, 4, count - 1]) {
        const called = [names[at] as string, published[at] as string];
        for (const name of new Set(called)) {
          const result = await client.callTool({ name, arguments: { ...ARGUMENTS } });
          const expected = { path: `/entities/${at}/a%2Fb`, query: SENT };
          const { structuredContent } = result as { structuredContent?: unknown };
          assert.deepEqual(structuredContent, expected, `${title}: ${name}`);
        }
      }
    }
  });
}

test('inputs are taken under their published names too, one name at a time', bounded, async (t) => {
  const upstream = await startGraphApi(t);
  const { mcp } = await startGateway(t, graphCapability(5), { upstream: upstream.origin });
  const published = Object.fromEntries(
    Object.entries(ARGUMENTS).map(([key, value]) => [publishedOf(key), value]),
  );
  for (const [title, connect] of CLIENTS) {
    const client = await connect(t, mcp);
    const name = graphNames(5)[4] as string;
    const result = await client.callTool({ name, arguments: published });
    const { structuredContent } = result as { structuredContent?: { query: unknown } };
    assert.deepEqual(structuredContent?.query, SENT, title);
    const twice = await client.callTool({
      name,
      arguments: { ...ARGUMENTS, $select: 'id' },
    });
    const { isError, content } = twice as { isError?: boolean; content: { text: string }[] };
    assert.equal(isError, true, title);
    assert.match(content[0]?.text ?? '', /\$select: is given twice, as "\$select" and "select"/);
  }
});

test('a client that reads pages gets the same list', bounded, async (t) => {
  const { mcp } = await startGateway(t, graphCapability(250), { pageSize: 100 });
  for (const [title, connect] of CLIENTS) {
    const client = await connect(t, mcp);
    const names: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      // A client that gathers pages by itself gives all of them for no cursor.
      const page = await client.listTools(cursor === undefined ? undefined : { cursor });
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== undefined && pages < 20);
    assert.deepEqual(names, graphNames(250), title);
  }
});
