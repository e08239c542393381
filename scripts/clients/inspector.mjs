// The MCP Inspector's command line, a process for each request, as people use it in scripts. Both
// major versions need a newer Node than the gateway does; the gateway keeps its own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { execute, installed, newerNode } from './cache.mjs';

const PACKAGE = '@modelcontextprotocol/inspector';
const NODE_NEEDED = [22, 19];
const RUN_TIMEOUT_MS = 120_000;
const LONGEST = 64 * 1024 * 1024;

const OLDER = { version: '1.0.3', script: 'cli/build/cli.js', flags: [] };
const NEWER = { version: '2.12.0', script: 'clients/launcher/build/index.js' };
/** What it speaks with each of its flags; what `auto` came to, it does not tell. */
const REVISIONS = { legacy: '2025-11-25', modern: '2026-07-28' };

export const inspectors = [
  { name: PACKAGE, version: OLDER.version, modes: modesOf(OLDER) },
  {
    name: PACKAGE,
    version: NEWER.version,
    modes: ['legacy', 'auto', 'modern'].flatMap((way) =>
      modesOf({ ...NEWER, flags: ['--protocol-era', way, '--format', 'json', '--quiet'] }, way),
    ),
  },
];

function modesOf(cli, way) {
  return [
    {
      way,
      transport: 'HTTP',
      open: ({ url }) => open(cli, { type: 'streamable-http', url }),
    },
    { way, transport: 'stdio', open: ({ stdio }) => open(cli, { type: 'stdio', ...stdio }) },
  ];
}

async function open({ version, script, flags }, server) {
  const node = await newerNode(NODE_NEEDED);
  const { file } = await installed({ [PACKAGE]: version });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inspector-'));
  // A package.json beside or above where it runs leads the older one astray.
  const cwd = path.join(folder, 'empty', 'inner');
  fs.mkdirSync(cwd, { recursive: true });
  const config = path.join(folder, 'config.json');
  fs.writeFileSync(config, JSON.stringify({ mcpServers: { gateway: server } }));
  const first = [file(PACKAGE, ...script.split('/')), '--cli', '--config', config];
  // The command starts others as `node`.
  const env = { ...process.env, PATH: [path.dirname(node), process.env.PATH].join(path.delimiter) };
  const send = async (method, ...rest) => {
    const args = [...first, '--server', 'gateway', ...flags, '--method', method, ...rest];
    const options = { timeout: RUN_TIMEOUT_MS, env, cwd, maxBuffer: LONGEST };
    return resultIn(await execute(node, args, options).catch(withOutput));
  };
  const pairs = (flag, args) =>
    Object.entries(args).flatMap(([key, value]) => [
      flag,
      `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ]);
  return {
    revision: REVISIONS[flags[1] ?? 'legacy'],
    asks: [],
    slow: true,
    listTools: async () => (await send('tools/list')).tools,
    callTool: (name, args) => send('tools/call', '--tool-name', name, ...pairs('--tool-arg', args)),
    listResources: async () => (await send('resources/list')).resources,
    listTemplates: async () => (await send('resources/templates/list')).resourceTemplates,
    readResource: (uri) => send('resources/read', '--uri', uri),
    listPrompts: async () => (await send('prompts/list')).prompts,
    getPrompt: (name, args) =>
      send('prompts/get', '--prompt-name', name, ...pairs('--prompt-args', args)),
    close: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** A tool that failed ends the command with a status of its own; its result is printed all the same. */
function withOutput(error) {
  if (!error.stdout?.trim().startsWith('{')) throw error;
  return error;
}

function resultIn({ stdout }) {
  const { result, ...plain } = JSON.parse(stdout);
  return result ?? plain;
}
