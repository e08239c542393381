import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { folderOf, items, type Running, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const secrets = { CLI_TEST_USER: 'ada the "first"', CLI_TEST_KEY: 'open$sesame`s;&|*' };

/** The items with an `authentication` block on each expose, its variables in a file of their own. */
async function startProtected(t: TestContext, block: readonly string[]): Promise<Running> {
  const lines = ['authentication:', ...block.map((line) => `  ${line}`)];
  const binds = Object.fromEntries(Object.keys(secrets).map((key) => [key, key]));
  const text = items({ binds }).replace(
    /^( +)port: \d+$/gm,
    (port, indent: string) => `${port}\n${lines.map((line) => indent + line).join('\n')}`,
  );
  const folder = await folderOf(t, {
    'items.yaml': text,
    '.env': Object.entries(secrets)
      .map(([key, value]) => `${key}='${value}'\n`)
      .join(''),
  });
  const file = join(folder, 'items.yaml');
  return startRun(t, [file, '--mock', '--env-file', join(folder, '.env')]);
}

function commandBelow(said: string, title: string): string {
  const after = said.slice(said.indexOf(`\n${title}`) + 1);
  const command = after.slice(after.indexOf(':\n') + 2);
  return command.slice(0, command.indexOf('\n\n'));
}

const statusOf = async (command: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const words = `${command} -o /dev/null -w '%{http_code}'`;
  return (await promisify(execFile)('sh', ['-c', words], { env: { ...process.env, ...env } }))
    .stdout;
};

const blocks: Readonly<Record<string, readonly string[]>> = {
  bearer: ['type: bearer', "token: '{{CLI_TEST_KEY}}'"],
  'an API key in a header': ['type: apikey', 'key: X-Key', "value: '{{env.CLI_TEST_KEY}}'"],
  'basic, the user name in clear': [
    'type: basic',
    'username: grace$hopper',
    "password: '{{CLI_TEST_KEY}}'",
  ],
  basic: ['type: basic', "username: '{{CLI_TEST_USER}}'", "password: '{{CLI_TEST_KEY}}'"],
  digest: ['type: digest', 'username: grace', "password: '{{CLI_TEST_KEY}}'"],
};
for (const [kind, block] of Object.entries(blocks)) {
  test(`pasted commands show the credential that a variable holds: ${kind}`, bounded, async (t) => {
    const running = await startProtected(t, block);
    for (const title of ['Try a REST route', 'Call a tool']) {
      const command = commandBelow(running.err(), title);
      assert.match(await statusOf(command, secrets), /^2\d\d$/, command);
      assert.equal(await statusOf(command, { ...secrets, CLI_TEST_KEY: 'no' }), '401', command);
    }
    assert.match(running.err(), /, with .*CLI_TEST_KEY set to its .*:\n/);
    for (const secret of Object.values(secrets)) assert.ok(!running.err().includes(secret));
  });
}

test('a key for the query stands in the URL', bounded, async (t) => {
  const block = ['type: apikey', 'key: api key', 'placement: query', "value: '{{CLI_TEST_USER}}'"];
  const { err } = await startProtected(t, block);
  const command = commandBelow(err(), 'Try a REST route');
  assert.match(command, /"http:\S+\?api%20key=\$\{CLI_TEST_USER\}"/);
  assert.equal(await statusOf(command, { CLI_TEST_USER: 'ada+the+%22first%22' }), '200');
});

test('a literal secret is not shown: the example names a variable for it', bounded, async (t) => {
  const { err } = await startProtected(t, ['type: bearer', 'token: CLI_TEST_KEY.literal']);
  assert.match(err(), /with ITEMS_REST_TOKEN set to its token:\n/);
  assert.match(err(), /-H "Authorization: Bearer \$\{ITEMS_MCP_TOKEN\}"/);
  assert.doesNotMatch(err(), /literal/);
});

/** The configuration below the name of a client. */
const configurationOf = (said: string, client: string) =>
  JSON.parse(new RegExp(`\n  ${client} .*\n +(\\{.*\\})\n`).exec(said)?.[1] ?? 'null');

test('each MCP client is told of the credential in its own words', bounded, async (t) => {
  const { err, mcp } = await startProtected(t, blocks.bearer ?? []);
  const url = `${mcp}/mcp`;
  assert.ok(
    err().includes(
      `claude mcp add --transport http items-mcp ${url} --header "Authorization: Bearer \${CLI_TEST_KEY}"\n`,
    ),
    err(),
  );
  const headersOf = (variable: string) => ({ Authorization: `Bearer \${${variable}}` });
  assert.deepEqual(configurationOf(err(), 'Cursor'), {
    mcpServers: { 'items-mcp': { url, headers: headersOf('env:CLI_TEST_KEY') } },
  });
  const [id] = ['CLI_TEST_KEY'];
  assert.deepEqual(configurationOf(err(), 'VS Code'), {
    inputs: [{ type: 'promptString', id, description: id, password: true }],
    servers: { 'items-mcp': { type: 'http', url, headers: headersOf('input:CLI_TEST_KEY') } },
  });
  assert.deepEqual(configurationOf(err(), 'Claude Desktop').mcpServers['items-mcp'].env, {
    CLI_TEST_KEY: '…',
  });
});

test(
  'a password is encoded by a command, for clients that send headers only',
  bounded,
  async (t) => {
    const { err } = await startProtected(t, blocks.basic ?? []);
    const prepare = /before it +(export .*)\n/.exec(err())?.[1] ?? '';
    const show = `${prepare}; printf %s "$ITEMS_MCP_BASIC"`;
    const env = { ...process.env, ...secrets };
    const { stdout } = await promisify(execFile)('sh', ['-c', show], { env });
    const { CLI_TEST_USER: user, CLI_TEST_KEY: password } = secrets;
    assert.equal(Buffer.from(stdout, 'base64').toString('utf8'), `${user}:${password}`);
    assert.equal(
      configurationOf(err(), 'Cursor').mcpServers['items-mcp'].headers.Authorization,
      `Basic \${env:ITEMS_MCP_BASIC}`,
    );
  },
);

test('what clients cannot do, and what they do by themselves, is said', bounded, async (t) => {
  const digest = await startProtected(t, blocks.digest ?? []);
  assert.match(digest.err(), /MCP clients do not answer the digest challenge of http/);
  assert.doesNotMatch(digest.err(), /claude mcp add/);
  const oauth2 = await startProtected(t, [
    'type: oauth2',
    'authorizationServerUri: https://issuer.example',
    'resource: https://api.example/items',
    'scopes: [items.read]',
  ]);
  assert.match(
    oauth2.err(),
    /with ITEMS_REST_TOKEN set to a token of https:\/\/issuer\.example for https:\/\/api\.example\/items with items\.read:\n/,
  );
  assert.match(oauth2.err(), /which sends it to https:\/\/issuer\.example to sign in:\n/);
  assert.match(oauth2.err(), /claude mcp add --transport http items-mcp http:\S+\n/);
});
