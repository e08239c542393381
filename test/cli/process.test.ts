import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { textOf } from '../support/agent.ts';
import { startUpstream } from '../support/upstream.ts';
import { COMMAND, start } from './child.ts';
import { fileOf, folderOf, items } from './naftiko.ts';

const bounded = { timeout: 60_000 };
test(
  'naftiko.yaml of the folder is served, until SIGTERM, which may come at once',
  bounded,
  async (t) => {
    const folder = await folderOf(t, { 'naftiko.yaml': items() });
    const child = start(t, ['run', '--mock', '--rest-port', '0', '--mcp-port', '0'], {
      cwd: folder,
    });
    await child.until(/Items of items {2}naftiko\.yaml/);
    child.process.kill('SIGTERM');
    assert.equal(await child.ended, 0);
    assert.equal(child.said.out, '');
  },
);

test('SIGINT ends it, and the log stays JSON to the end', bounded, async (t) => {
  const args = [
    'run',
    resolve('capabilities/koyeb-sessions.yaml'),
    '--mock',
    '--log-format',
    'json',
  ];
  const child = start(t, [...args, '--rest-port', '0', '--mcp-port', '0']);
  await child.until(/"listening"/);
  child.process.kill('SIGINT');
  assert.equal(await child.ended, 0);
  const lines = child.said.err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.at(-1)?.reason, 'SIGINT');
});

test("--stdio serves the SDK's client, with nothing but MCP on stdout", bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': { body: { id: 7 } },
    'GET /items/8': { status: 500, body: {} },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...COMMAND, 'run', file, '--stdio', '--log-level', 'debug'],
    stderr: 'pipe',
  });
  const faults: Error[] = [];
  let said = '';
  transport.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const agent = new Client({ name: 'test-agent', version: '1.0.0' });
  agent.onerror = (error) => faults.push(error);
  await agent.connect(transport as Transport);
  t.after(() => agent.close());
  const { tools } = await agent.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['list-items', 'create-item', 'get-item', 'remove-item'],
  );
  const call = (id: string) => agent.callTool({ name: 'get-item', arguments: { id } });
  assert.equal(textOf(await call('7')), '{"id":7}');
  assert.equal((await call('8')).isError, true);
  assert.equal((await agent.callTool({ name: 'get-item', arguments: {} })).isError, true);
  assert.deepEqual(faults, []);
  assert.match(said, /MCP +stdin and stdout +4 tools/);
  assert.match(said, /INPUT_INVALID/);
});

test(
  'the end of stdin ends it with 0, after the answers; lines of JSON alone are on stdout',
  bounded,
  async (t) => {
    const child = start(t, ['run', await fileOf(t, items()), '--mock', '--stdio']);
    const params = { name: 'get-item', arguments: { id: 'x' } };
    child.process.stdin.end(
      `{"jsonrpc":"2.0","id":1,"method":"ping"}\n${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params })}\n`,
    );
    assert.equal(await child.ended, 0);
    const ids = child.said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    assert.deepEqual(ids, [1, 2]);
  },
);

test('SIGTERM ends it while stdin stays open', bounded, async (t) => {
  const child = start(t, ['run', await fileOf(t, items()), '--mock', '--stdio']);
  await child.until(/4 tools/);
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, 0);
  assert.equal(child.said.out, '');
});

test('a reader that leaves early is no failure', bounded, async (t) => {
  const child = start(t, ['inspect', resolve('capabilities'), '--format', 'json']);
  child.process.stdout.destroy();
  assert.equal(await child.ended, 0);
  assert.equal(child.said.err, '');
});
