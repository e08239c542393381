import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { sampleOf } from '../../src/cli/sample.ts';
import { fileOf, folderOf, items, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const execute = promisify(execFile);

/** The command below a heading, as a person would paste it. */
function commandBelow(said: string, heading: string): string {
  const after = said.slice(said.indexOf(`\n${heading}\n`) + heading.length + 2);
  return after.slice(0, after.indexOf('\n\n'));
}

async function paste(command: string): Promise<string> {
  return (await execute('sh', ['-c', command])).stdout;
}

for (const file of ['koyeb-sessions.yaml', 'cloudally-authentication.yaml']) {
  test(`the printed commands work word for word: ${file}`, bounded, async (t) => {
    const running = await startRun(t, [`capabilities/${file}`, '--mock']);
    const route = commandBelow(running.err(), 'Try a REST route:');
    assert.match(route, /^ {2}curl -sS /);
    const answer = JSON.parse(
      await paste(`${route} -w '\n%{http_code}'`).then((text) => text.split('\n')[0] ?? ''),
    );
    assert.notEqual(answer.status, 400, JSON.stringify(answer));
    assert.match(await paste(`${route} -o /dev/null -w '%{http_code}'`), /^2\d\d$/);
    const call = JSON.parse(await paste(commandBelow(running.err(), 'Call a tool:')));
    assert.equal(call.result?.isError, undefined, JSON.stringify(call));
    assert.ok(call.result?.content.length > 0, JSON.stringify(call));
  });
}

test('the example fills in a body from its described fields', bounded, async (t) => {
  const { err } = await startRun(t, [await fileOf(t, items()), '--mock']);
  assert.match(
    err(),
    /Try a REST route:\n {2}curl -sS http:\S+\/v1\/items -H .* -d '\{"title":"example","email":"ada@example\.com"\}'|-d '\{"title":"example","email":"ada@example\.com"\}'\n/,
  );
  assert.match(
    err(),
    /"name":"create-item","arguments":\{"body":\{"title":"example","email":"ada@example\.com"\}\}/,
  );
});

test('against the real API the example only reads', bounded, async (t) => {
  const { err } = await startRun(t, [await fileOf(t, items())]);
  assert.match(
    err(),
    /Try a REST route:\n {2}curl -sS http:\/\/127\.0\.0\.1:\d+\/v1\/items\/example\n/,
  );
  assert.match(err(), /"name":"get-item","arguments":\{"id":"example"\}/);
});

test('each MCP client gets its own spelling of the configuration', bounded, async (t) => {
  const file = await fileOf(t, items());
  const { err, mcp } = await startRun(t, [file, '--mock']);
  const said = err();
  const configuration = (client: string): unknown =>
    JSON.parse(new RegExp(`\n  ${client} .*\n +(\\{.*\\})\n`).exec(said)?.[1] ?? 'null');
  const url = `${mcp}/mcp`;
  assert.ok(said.includes(`  Claude Code     claude mcp add --transport http items-mcp ${url}\n`));
  assert.deepEqual(configuration('Cursor'), { mcpServers: { 'items-mcp': { url } } });
  assert.deepEqual(configuration('VS Code'), { servers: { 'items-mcp': { type: 'http', url } } });
  assert.deepEqual(configuration('Claude Desktop'), {
    mcpServers: {
      'items-mcp': {
        command: '/opt/node',
        args: ['/opt/naftiko/main.js', 'run', resolve(file), '--stdio', '--mock'],
      },
    },
  });
});

test('several files share one endpoint and a neutral name', bounded, async (t) => {
  const folder = await folderOf(t, {
    'a.yaml': items({ name: 'a' }),
    'b.yaml': items({ name: 'b' }),
  });
  const { err, mcp } = await startRun(t, [folder, '--mock', '--prefix']);
  assert.match(err(), new RegExp(`claude mcp add --transport http naftiko ${mcp}/mcp\n`));
  assert.match(err(), new RegExp(`curl -sS ${mcp}/a-mcp/mcp `));
});

test('samples fit their schema', () => {
  const samples: readonly (readonly [object, string, unknown])[] = [
    [{ type: 'string' }, '', 'example'],
    [{ type: 'string', default: 'd' }, '', 'd'],
    [{ type: 'string', enum: ['e', 'f'] }, '', 'e'],
    [{ type: 'string', format: 'date-time' }, '', '2025-01-31T09:30:00Z'],
    [{ type: 'string' }, 'callback_url', 'https://example.com'],
    [{ type: 'string', minLength: 10 }, '', 'examplexxx'],
    [{ type: 'string', maxLength: 2 }, '', 'ex'],
    [{ type: 'integer' }, '', 1],
    [{ type: 'integer', minimum: 100 }, '', 100],
    [{ type: 'number', maximum: 0 }, '', 0],
    [{ type: 'boolean' }, '', true],
    [{ type: 'array', items: {} }, '', []],
    [{ type: 'array', items: { type: 'integer' } }, '', [1]],
    [{ type: 'object', additionalProperties: true }, '', {}],
    [
      {
        type: 'object',
        properties: { a: { type: 'integer' }, email: { type: 'string' } },
        required: ['email'],
      },
      '',
      { email: 'ada@example.com' },
    ],
  ];
  for (const [schema, name, sample] of samples)
    assert.deepEqual(sampleOf(schema as never, name), sample, JSON.stringify(schema));
});
