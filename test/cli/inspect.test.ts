import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileOf, folderOf, items, naftiko } from './naftiko.ts';

const authentication = ['type: bearer', "token: '{{CLI_TEST_KEY}}'"];
const binds = { CLI_TEST_KEY: 'CLI_TEST_KEY' };

test('text: routes and tools with their inputs in columns, and what they reach', async (t) => {
  const file = await fileOf(t, items({ authentication, binds, baseUri: 'https://api.example/v2' }));
  const { status, out, err } = await naftiko(['inspect', file]);
  assert.deepEqual([status, err], [0, '']);
  assert.ok(out.startsWith(`Items of items  ${file}\n`));
  assert.match(
    out,
    / {2}consumes {2}items {2}https:\/\/api\.example\/v2 {2}bearer, 4 operations\n/,
  );
  assert.match(out, / {2}variable {2}CLI_TEST_KEY {2}has no value\n/);
  assert.ok(
    out.includes(`
    POST   /v1/items
      -> POST https://api.example/v2/items
      body     body object  required
        title  string       required  What it is called.
        email  string       required
        note   string
`),
    out,
  );
  assert.ok(
    out.includes(`
    get-item
      -> GET https://api.example/v2/items/{id}
      id  string  required  Fills {id} in GET /items/{id}
`),
    out,
  );
});

test('json: the same as data, for programs', async (t) => {
  const file = await fileOf(t, items({ authentication, binds }));
  const { status, out, err } = await naftiko(['inspect', file, '--format', 'json']);
  assert.deepEqual([status, err], [0, '']);
  const { capabilities, findings } = JSON.parse(out);
  const [{ rest, mcp, about: _, ...facts }] = capabilities;
  assert.deepEqual(facts, {
    file,
    label: 'Items of items',
    consumes: [
      {
        namespace: 'items',
        baseUri: 'http://127.0.0.1:9',
        authentication: 'bearer',
        operations: 4,
      },
    ],
    variables: [{ key: 'CLI_TEST_KEY', hasValue: false }],
  });
  assert.deepEqual(
    [rest[0].namespace, rest[0].port, rest[0].routes.length],
    ['items-rest', 8080, 4],
  );
  const [, create] = rest[0].routes;
  assert.deepEqual(create.upstream, [
    { operation: 'items.create', method: 'POST', url: 'http://127.0.0.1:9/items' },
  ]);
  assert.deepEqual([create.inputs[0].name, create.inputs[0].in], ['body', 'body']);
  assert.deepEqual([mcp[0].namespace, mcp[0].transport, mcp[0].port], ['items-mcp', 'http', 9090]);
  const tool = mcp[0].tools[2];
  assert.deepEqual([tool.name, tool.inputSchema.required], ['get-item', ['id']]);
  assert.deepEqual(
    findings.map(({ code }: { code: string }) => code),
    ['VARIABLE_MISSING'],
  );
});

test('a variable shows that it has a value, never which', async (t) => {
  const folder = await folderOf(t, {
    'items.yaml': items({ authentication, binds }),
    '.env': 'CLI_TEST_KEY=sesame-open\n',
  });
  const args = ['inspect', join(folder, 'items.yaml'), '--env-file', join(folder, '.env')];
  const text = await naftiko(args);
  assert.match(text.out, /CLI_TEST_KEY {2}has a value\n/);
  const json = await naftiko([...args, '--format', 'json']);
  assert.deepEqual(JSON.parse(json.out).capabilities[0].variables, [
    { key: 'CLI_TEST_KEY', hasValue: true },
  ]);
  for (const { out, err } of [text, json]) assert.doesNotMatch(out + err, /sesame/);
});

test('a file with errors shows what there is of it, the errors on stderr, status 1', async (t) => {
  const file = await fileOf(t, items().replace('call: items.get,', 'call: items.gett,'));
  const { status, out, err } = await naftiko(['inspect', file]);
  assert.equal(status, 1);
  assert.match(out, /DELETE \/v1\/items\/\{id\}/);
  assert.doesNotMatch(out, /GET {4}\/v1\/items\/\{id\}/);
  assert.match(err, /error CALL_UNKNOWN/);
});

test('--prefix, --base-uri and --tool-names show what run would serve', async (t) => {
  const name = 'get-item-'.padEnd(80, 'x');
  const file = await fileOf(t, items().replace('name: get-item', `name: ${name}`));
  const more = ['--prefix', '--base-uri', 'items=https://other.example', '--tool-names', 'short'];
  const { out } = await naftiko(['inspect', file, ...more]);
  assert.match(out, /GET {4}\/items-rest\/v1\/items\n {6}-> GET https:\/\/other\.example\/items\n/);
  assert.doesNotMatch(out, new RegExp(name));
});

test('--lint judges tools as they are served, beside what they become', async (t) => {
  const text = items().replace('name: list-items', 'name: items/list.all');
  const file = await fileOf(t, text);
  const published = await naftiko(['inspect', file, '--lint']);
  assert.equal(published.status, 0);
  assert.match(published.out, /items\/list\.all/);
  assert.match(published.err, /TOOL_NAME_ALPHABET/);
  const snake = await naftiko(['inspect', file, '--lint', '--tool-names', 'snake']);
  assert.match(snake.out, /items_list_all/);
  assert.match(snake.err, /TOOL_LABEL_MISSING/);
  assert.doesNotMatch(snake.err, /TOOL_NAME_ALPHABET/);
  assert.equal((await naftiko(['inspect', file])).err, '');
});

test('what is kept of answers is told with the call', async (t) => {
  const text = items({ authentication, binds, baseUri: 'https://api.example' });
  const file = await fileOf(t, text.replace(/( +)baseUri: .*/, '$&\n$1cache: { ttl: 5m }'));
  const { out } = await naftiko(['inspect', file]);
  assert.match(out, /-> GET https:\/\/api\.example\/items\/\{id\}, kept 300 s\n/);
  assert.match(out, /-> POST https:\/\/api\.example\/items\n/);
});
