import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ToolNames } from '../../src/compile/tool-name.ts';
import { rpc, sendRaw } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

/** A file whose tools are named so; each calls a path of its own. */
const outline = (name: string, tools: readonly string[]): string =>
  capability({
    name,
    operations: Object.fromEntries(
      tools.map((tool, at) => [tool, { route: `GET /${name}/${at}` }]),
    ),
    faces: ['mcp'],
  });

async function serve(t: TestContext, texts: readonly string[], toolNames: ToolNames) {
  const upstream = await startUpstream(t, (req, res) => {
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url }));
  });
  const { mcp } = await startGateway(t, texts, { upstream: upstream.origin, toolNames });
  const ask = async (method: string, params: object, url = mcp) => {
    const { text } = await sendRaw(url, rpc(method, params), { accept: 'application/json' });
    return JSON.parse(text);
  };
  return {
    mcp,
    names: async (url?: string): Promise<string[]> =>
      (await ask('tools/list', {}, url)).result.tools.map(({ name }: { name: string }) => name),
    call: (name: string, url?: string) => ask('tools/call', { name, arguments: {} }, url),
  };
}

test('a name does not depend on what else is served, unless another is the same', async (t) => {
  const cats = outline('cats', ['list-all', 'a.b', 'x/y']);
  const dogs = outline('dogs', ['a-b', 'bark.loud']);
  const alone = await serve(t, [cats], 'snake');
  assert.deepEqual(await alone.names(), ['list_all', 'a_b', 'x_y']);
  const both = await serve(t, [cats, dogs], 'snake');
  const expected = ['list_all', 'cats_mcp_a_b', 'x_y', 'dogs_mcp_a_b', 'bark_loud'];
  assert.deepEqual(await both.names(), expected);
  const turned = await serve(t, [dogs, cats], 'snake');
  assert.deepEqual((await turned.names()).sort(), expected.sort());
  const own = both.mcp.replace(/mcp$/, 'dogs-mcp/mcp');
  assert.deepEqual(await both.names(own), ['a_b', 'bark_loud']);
});

test('namespaces that become alike are told apart by a hash, always the same', async (t) => {
  const texts = [outline('a-b', ['get']), outline('a.b', ['get']), outline('c', ['a_b_mcp_get'])];
  const named = async (): Promise<string[]> => (await serve(t, texts, 'snake')).names();
  const names = await named();
  assert.equal(names.length, 3);
  assert.match(names[0] ?? '', /^a_b_mcp_get_[0-9a-f]{8}$/);
  assert.match(names[1] ?? '', /^a_b_mcp_get_[0-9a-f]{8}$/);
  assert.notEqual(names[0], names[1]);
  assert.equal(names[2], 'a_b_mcp_get');
  assert.deepEqual(await named(), names);
});

test('calls by the published name reach the tool, by whatever name it is listed', async (t) => {
  const long = `users.messages/${'deep-'.repeat(20)}list`;
  for (const style of ['published', 'short', 'snake'] as const) {
    const { names, call } = await serve(t, [outline('cats', ['a.b/c', long])], style);
    const listed = await names();
    for (const [at, published] of ['a.b/c', long].entries()) {
      for (const name of [published, listed[at] as string]) {
        const { result } = await call(name);
        assert.deepEqual(result.structuredContent, { path: `/cats/${at}` }, `${style} ${name}`);
      }
    }
  }
});

test('a listed name wins over a published one', async (t) => {
  const { names, call } = await serve(t, [outline('cats', ['a.b', 'a_b'])], 'snake');
  const [renamed = ''] = await names();
  assert.match(renamed, /^a_b_[0-9a-f]{8}$/);
  assert.deepEqual((await call('a_b')).result.structuredContent, { path: '/cats/1' });
  assert.deepEqual((await call('a.b')).result.structuredContent, { path: '/cats/0' });
  assert.deepEqual((await call(renamed)).result.structuredContent, { path: '/cats/0' });
});

test('a published name of several tools is refused, and the answer says how they are listed', async (t) => {
  for (const style of ['published', 'snake'] as const) {
    const join = style === 'snake' ? '_' : '-';
    const texts = [outline('cats', ['get-all']), outline('dogs', ['get-all'])];
    const { call, names } = await serve(t, texts, style);
    const get = style === 'snake' ? 'get_all' : 'get-all';
    const listed = [`cats${join}mcp_${get}`, `dogs${join}mcp_${get}`];
    assert.deepEqual(await names(), listed);
    const { error } = await call('get-all');
    assert.equal(error.code, -32602);
    assert.equal(
      error.message,
      `Unknown tool: "get-all". Served as "${listed[0]}" and "${listed[1]}".`,
    );
  }
});

test('a name that is near a listed one is told', async (t) => {
  const { call } = await serve(t, [outline('cats', ['list.all-cats'])], 'snake');
  assert.equal(
    (await call('listallcat')).error.message,
    'Unknown tool: "listallcat". Did you mean "list_all_cats"?',
  );
});
