import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { connectAgentOverStreams } from '../support/agent.ts';
import { readToml } from '../support/toml.ts';
import { closedOrigin } from '../support/upstream.ts';
import { fileOf, folderOf, items, naftiko, startRun } from './naftiko.ts';

const ALL = ['claude-desktop', 'claude-code', 'cursor', 'vscode', 'codex', 'gemini'] as const;
type Id = (typeof ALL)[number];

const SECRET = 'open$sesame`s;&|*';
const bounded = { timeout: 30_000 };

/** The items, with an `authentication` block on the MCP expose and a credential of the API. */
function guarded(block: readonly string[], binds: readonly string[] = ['CONFIG_KEY']): string {
  const lines = ['port: 9090', 'authentication:', ...block.map((line) => `  ${line}`)];
  return items({
    binds: Object.fromEntries(binds.map((key) => [key, key])),
    mcp: lines,
  });
}

/** What each client's file says, read by the rules of its format, without its outermost key. */
async function filesOf(args: readonly string[]): Promise<Record<Id, Record<string, unknown>>> {
  const read: Partial<Record<Id, Record<string, unknown>>> = {};
  for (const client of ALL) {
    const { status, out, err } = await naftiko(['mcp-config', ...args, '--client', client]);
    assert.equal(status, 0, err);
    assert.doesNotMatch(out + err, /sesame/);
    if (client === 'codex') {
      const tables = Object.entries(readToml(out.trimEnd()));
      read[client] = Object.fromEntries(
        tables.map(([name, table]) => [name.replace(/^mcp_servers\./, ''), table]),
      );
    } else {
      const { mcpServers, servers, ...rest } = JSON.parse(out);
      read[client] = { ...(mcpServers ?? servers), ...rest };
    }
  }
  return read as Record<Id, Record<string, unknown>>;
}

async function protectedFiles(t: TestContext, block: readonly string[], more: string[] = []) {
  const file = await fileOf(t, guarded(block));
  return filesOf([file, ...more]);
}

const url = 'http://127.0.0.1:9090/mcp';

test('each client gets a file of its own, which parses', async (t) => {
  const files = await filesOf([await fileOf(t, items())]);
  assert.deepEqual(files, {
    'claude-desktop': { 'items-mcp': { command: 'npx', args: ['-y', 'mcp-remote', url] } },
    'claude-code': { 'items-mcp': { type: 'http', url } },
    cursor: { 'items-mcp': { url } },
    vscode: { 'items-mcp': { type: 'http', url } },
    codex: { 'items-mcp': { url } },
    gemini: { 'items-mcp': { httpUrl: url } },
  });
});

test('where the file goes is said beside it, on each system where that differs', async (t) => {
  const file = await fileOf(t, items());
  const places: Readonly<Record<Id, RegExp>> = {
    'claude-desktop': /macOS: ~\/Library\/.*\n.*Windows: %APPDATA%.*\n.*Linux: ~\/\.config\//,
    'claude-code': /\.mcp\.json/,
    cursor: /\.cursor\/mcp\.json/,
    vscode: /\.vscode\/mcp\.json/,
    codex: /~\/\.codex\/config\.toml/,
    gemini: /~\/\.gemini\/settings\.json/,
  };
  const all = await naftiko(['mcp-config', file]);
  for (const client of ALL) {
    const { err } = await naftiko(['mcp-config', file, '--client', client]);
    assert.match(err, places[client]);
    assert.match(all.out, places[client]);
  }
});

test('a token is named by its variable, in the words of each client', async (t) => {
  const files = await protectedFiles(t, ['type: bearer', "token: '{{CONFIG_KEY}}'"]);
  const headers = (spelled: string) => ({ Authorization: `Bearer ${spelled}` });
  assert.deepEqual(files, {
    'claude-desktop': {
      'items-mcp': {
        command: 'npx',
        args: ['-y', 'mcp-remote', url, '--header', `Authorization:\${ITEMS_MCP_HEADER}`],
        env: { ITEMS_MCP_HEADER: 'Bearer <CONFIG_KEY>' },
      },
    },
    'claude-code': { 'items-mcp': { type: 'http', url, headers: headers(`\${CONFIG_KEY}`) } },
    cursor: { 'items-mcp': { url, headers: headers(`\${env:CONFIG_KEY}`) } },
    vscode: {
      inputs: [
        { type: 'promptString', id: 'CONFIG_KEY', description: 'CONFIG_KEY', password: true },
      ],
      'items-mcp': { type: 'http', url, headers: headers(`\${input:CONFIG_KEY}`) },
    },
    codex: { 'items-mcp': { url, bearer_token_env_var: 'CONFIG_KEY' } },
    gemini: { 'items-mcp': { httpUrl: url, headers: headers(`\${CONFIG_KEY}`) } },
  });
});

test('a key in a header, and one in the query', async (t) => {
  const header = await protectedFiles(t, ['type: apikey', 'key: X-Key', "value: '{{CONFIG_KEY}}'"]);
  assert.deepEqual(header.codex['items-mcp'], {
    url,
    env_http_headers: { 'X-Key': 'CONFIG_KEY' },
  });
  assert.deepEqual(header.gemini['items-mcp'], {
    httpUrl: url,
    headers: { 'X-Key': `\${CONFIG_KEY}` },
  });
  const query = await protectedFiles(t, [
    'type: apikey',
    'key: k',
    'placement: query',
    "value: '{{CONFIG_KEY}}'",
  ]);
  assert.deepEqual(query['claude-code']['items-mcp'], {
    type: 'http',
    url: `${url}?k=\${CONFIG_KEY}`,
  });
  assert.deepEqual(query.codex['items-mcp'], { url: `${url}?k=<CONFIG_KEY>` });
});

test('a password comes encoded, by a command that is told', async (t) => {
  const block = ['type: basic', 'username: ada', "password: '{{CONFIG_KEY}}'"];
  const file = await fileOf(t, guarded(block));
  const { cursor, codex } = await filesOf([file]);
  assert.deepEqual(cursor['items-mcp'], {
    url,
    headers: { Authorization: `Basic \${env:ITEMS_MCP_BASIC}` },
  });
  assert.deepEqual(codex['items-mcp'], {
    url,
    env_http_headers: { Authorization: 'ITEMS_MCP_HEADER' },
  });
  const { err } = await naftiko(['mcp-config', file, '--client', 'codex']);
  const exports = err.match(/export [A-Z_]+=.*$/gm) ?? [];
  assert.equal(exports.length, 2);
  const [whole = '', encoded = ''] = exports;
  const show = `${encoded}; ${whole}; printf %s "$ITEMS_MCP_HEADER"`;
  const env = { ...process.env, CONFIG_KEY: SECRET };
  const { stdout } = await promisify(execFile)('sh', ['-c', show], { env });
  assert.equal(stdout, `Basic ${Buffer.from(`ada:${SECRET}`).toString('base64')}`);
});

test('what clients do by themselves, and what none of them does, is said', async (t) => {
  const oauth2 = await fileOf(
    t,
    guarded(
      [
        'type: oauth2',
        'authorizationServerUri: https://issuer.example',
        'resource: https://api.example/items',
      ],
      [],
    ),
  );
  const signing = await naftiko(['mcp-config', oauth2, '--client', 'cursor']);
  assert.deepEqual(JSON.parse(signing.out), { mcpServers: { 'items-mcp': { url } } });
  assert.match(signing.err, /items-mcp sends clients to https:\/\/issuer\.example to sign in/);
  const digest = await fileOf(
    t,
    guarded(['type: digest', 'username: ada', "password: '{{CONFIG_KEY}}'"]),
  );
  const said = await naftiko(['mcp-config', digest, '--client', 'cursor']);
  assert.match(said.err, /digest authentication, which no MCP client answers: use --stdio/);
});

test('a secret that the file writes out is shown by no name but a made-up one', async (t) => {
  const file = await fileOf(t, guarded(['type: bearer', `token: '${SECRET}'`], []));
  const files = await filesOf([file]);
  assert.deepEqual(files.codex['items-mcp'], { url, bearer_token_env_var: 'ITEMS_MCP_TOKEN' });
});

test('commands of clients reach them word by word, with the value of the variable', async (t) => {
  const file = await fileOf(t, guarded(['type: bearer', "token: '{{CONFIG_KEY}}'"]));
  const wordsOf = async (args: readonly string[], client: string): Promise<string[]> => {
    const { err } = await naftiko(['mcp-config', file, ...args, '--client', client]);
    const command = /or run: (.*)/.exec(err)?.[1] ?? '';
    const [program = ''] = command.split(' ');
    const shown = `${program}() { printf '%s\\n' "$@"; }; ${command}`;
    const env = { ...process.env, CONFIG_KEY: SECRET };
    const { stdout } = await promisify(execFile)('sh', ['-c', shown], { env });
    return stdout.trimEnd().split('\n');
  };
  assert.deepEqual(await wordsOf([], 'claude-code'), [
    ...['mcp', 'add', '--transport', 'http', 'items-mcp', url],
    ...['--header', `Authorization: Bearer ${SECRET}`],
  ]);
  assert.deepEqual(await wordsOf([], 'codex'), [
    ...['mcp', 'add', 'items-mcp', '--url', url, '--bearer-token-env-var', 'CONFIG_KEY'],
  ]);
  assert.deepEqual((await wordsOf(['--stdio'], 'claude-code')).slice(0, 8), [
    ...['mcp', 'add', '--env', `CONFIG_KEY=${SECRET}`, '--transport', 'stdio', 'items-mcp', '--'],
  ]);
});

test('clients that start the gateway get its command and the variables that it reads', async (t) => {
  const text = items({
    binds: { CONFIG_KEY: 'CONFIG_KEY', CONFIG_OTHER: 'CONFIG_OTHER' },
    authentication: ['type: bearer', "token: '{{CONFIG_KEY}}'"],
  }).replace('baseUri: http://127.0.0.1:9', "baseUri: 'http://127.0.0.1:9/{{CONFIG_OTHER}}'");
  const folder = await folderOf(t, { 'items.yaml': text, '.env': 'CONFIG_OTHER=v1\n' });
  const file = join(folder, 'items.yaml');
  const envFile = join(folder, '.env');
  const elsewhere = ['--connect-to', 'api.example=[::1]:8443'];
  const more = ['--base-uri', 'items=http://127.0.0.1:1', ...elsewhere, '--tool-names', 'snake'];
  const files = await filesOf([file, '--stdio', '--env-file', envFile, ...more]);
  const command = '/opt/node';
  const args = [
    ...['/opt/naftiko/main.js', 'run', file, '--stdio', '--base-uri', 'items=http://127.0.0.1:1'],
    ...[...elsewhere, '--env-file', envFile, '--tool-names', 'snake'],
  ];
  const env = (spelled: string) => ({ CONFIG_KEY: spelled });
  const name = 'items-mcp';
  assert.deepEqual(files['claude-desktop'][name], { command, args, env: env('<CONFIG_KEY>') });
  assert.deepEqual(files['claude-code'][name], {
    type: 'stdio',
    command,
    args,
    env: env(`\${CONFIG_KEY}`),
  });
  assert.deepEqual(files.cursor[name], { command, args, env: env(`\${env:CONFIG_KEY}`) });
  const code = files.vscode[name] as { env: object };
  assert.deepEqual(code.env, env(`\${input:CONFIG_KEY}`));
  assert.deepEqual(files.codex[name], { command, args, env_vars: ['CONFIG_KEY'] });
  assert.deepEqual(files.gemini[name], { command, args, env: env(`\${CONFIG_KEY}`) });
});

test('the command of a configuration serves the tools', { timeout: 60_000 }, async (t) => {
  const file = await fileOf(t, items());
  const invocation = [process.execPath, '--import', 'tsx', join('src', 'cli', 'main.ts')];
  const args = ['mcp-config', file, '--stdio', '--mock', '--client', 'claude-desktop'];
  const { out } = await naftiko(args, { invocation });
  const server = JSON.parse(out).mcpServers['items-mcp'];
  const child = spawn(server.command, server.args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  t.after(() => {
    child.kill();
    return ended;
  });
  const client = await connectAgentOverStreams(t, child);
  assert.equal((await client.listTools()).tools.length, 4);
});

test('an expose of stdio has no URL, so that its command is shown unasked', async (t) => {
  const file = await fileOf(t, items({ mcp: ['transport: stdio'] }));
  const { cursor } = await filesOf([file]);
  assert.equal((cursor['items-mcp'] as { command: string }).command, '/opt/node');
});

test('a running server says its name and what it asks for', bounded, async (t) => {
  const folder = await folderOf(t, {
    'items.yaml': guarded(['type: bearer', "token: '{{CONFIG_KEY}}'"]),
    '.env': `CONFIG_KEY='${SECRET}'\n`,
  });
  const guardedRun = await startRun(t, [
    ...[join(folder, 'items.yaml'), '--mock', '--env-file', join(folder, '.env')],
  ]);
  const guardedUrl = `${guardedRun.mcp}/mcp`;
  const asked = await naftiko([
    'mcp-config',
    '--url',
    guardedUrl,
    '--client',
    'codex',
    '--name',
    'shop',
  ]);
  assert.deepEqual(readToml(asked.out.trimEnd()), {
    'mcp_servers.shop': { url: guardedUrl, bearer_token_env_var: 'NAFTIKO_TOKEN' },
  });
  assert.match(asked.err, /NAFTIKO_TOKEN set to its token/);

  const { mcp } = await startRun(t, [await fileOf(t, items()), '--mock']);
  const open = await naftiko(['mcp-config', '--url', `${mcp}/mcp`, '--client', 'cursor']);
  assert.deepEqual(JSON.parse(open.out), { mcpServers: { 'items-mcp': { url: `${mcp}/mcp` } } });
});

test('a server that does not answer is told of by its address', bounded, async () => {
  const origin = await closedOrigin();
  const { status, out, err } = await naftiko([
    ...['mcp-config', '--url', `${origin}/mcp`, '--client', 'gemini'],
  ]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), { mcpServers: { naftiko: { httpUrl: `${origin}/mcp` } } });
  assert.match(err, /did not answer \(.*ECONNREFUSED.*\)/);
});

test('an address from outside stands in place of the port of the file', async (t) => {
  const file = await fileOf(t, guarded(['type: bearer', "token: '{{CONFIG_KEY}}'"]));
  const outside = 'https://tools.example/mcp';
  const { codex } = await filesOf([file, '--url', outside]);
  assert.deepEqual(codex['items-mcp'], { url: outside, bearer_token_env_var: 'CONFIG_KEY' });
});

test('exposes of several files are one server, or one each where callers differ', async (t) => {
  const folder = await folderOf(t, {
    'a.yaml': items({ name: 'a' }),
    'b.yaml': items({ name: 'b' }),
    'c.yaml': guarded(['type: bearer', "token: '{{CONFIG_KEY}}'"]),
  });
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.yaml`)) as [
    string,
    string,
    string,
  ];
  const same = await filesOf([a, b, '--name', 'my shop']);
  assert.deepEqual(same.cursor, { 'my-shop': { url } });
  const differing = await filesOf([a, c]);
  assert.deepEqual(differing.codex, {
    'a-mcp': { url: 'http://127.0.0.1:9090/a-mcp/mcp' },
    'items-mcp': {
      url: 'http://127.0.0.1:9090/items-mcp/mcp',
      bearer_token_env_var: 'CONFIG_KEY',
    },
  });
});

test('all clients at once, as data', async (t) => {
  const { out } = await naftiko(['mcp-config', await fileOf(t, items()), '--format', 'json']);
  const { servers, clients } = JSON.parse(out);
  assert.deepEqual(servers, [{ name: 'items-mcp', transport: 'http' }]);
  assert.deepEqual(
    clients.map(({ client }: { client: string }) => client),
    ALL,
  );
  for (const { text, format } of clients) {
    if (format === 'json') JSON.parse(text);
    else readToml(text);
  }
});

test('what is asked wrongly is said', async (t) => {
  const file = await fileOf(t, items());
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [[], /Name a capability file, or a running server with --url/],
    [['--url', 'ftp://h/mcp'], /--url takes the address of an MCP endpoint/],
    [['--url', 'http://ada:sesame@h/mcp'], /holds a user name or a password/],
    [['--url', url, '--stdio'], /--url names a running server, and --stdio/],
    [[file, '--client', 'emacs'], /Allowed choices are claude-desktop/],
  ];
  for (const [args, message] of cases) {
    const { status, out, err } = await naftiko(['mcp-config', ...args]);
    assert.equal(status, 2, err);
    assert.equal(out, '');
    assert.match(err, message);
    assert.doesNotMatch(err, /sesame/);
  }
  const restOnly = items().replace(/ {4}- type: mcp[\s\S]*$/, '');
  const unserved = await naftiko(['mcp-config', await fileOf(t, restOnly)]);
  assert.equal(unserved.status, 2);
  assert.match(unserved.err, /no expose of type mcp/);
  const unreadable = await naftiko(['mcp-config', await fileOf(t, 'a: [')]);
  assert.equal(unreadable.status, 1);
  assert.match(unreadable.err, /YAML_SYNTAX/);
});
