// The MCP Inspector's command line, by npx as a person would start it.
import process from 'node:process';
import { execute } from './cache.mjs';
import { LOGIN, LOGOUT, resultValue } from './expected.mjs';

const VERSION = '1.0.3';
const RUN_TIMEOUT_MS = 120_000;

export async function inspector({ mcp }, loginArguments) {
  const inspect = async (...args) => {
    const all = [...npxArguments(), '--cli', mcp, '--transport', 'http', ...args];
    const { stdout } = await execute('npx', all, { timeout: RUN_TIMEOUT_MS });
    return JSON.parse(stdout);
  };
  const given = Object.entries(loginArguments).flatMap(([key, value]) => [
    '--tool-arg',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  const { tools } = await inspect('--method', 'tools/list');
  const call = ['--method', 'tools/call', '--tool-name'];
  return {
    version: VERSION,
    tools: tools.map(({ name }) => name),
    login: resultValue(await inspect(...call, LOGIN, ...given)),
    logout: resultValue(await inspect(...call, LOGOUT)),
  };
}

/** The Inspector needs Node 22.7.5; an older Node borrows a newer one for this command only. */
function npxArguments() {
  const [major, minor, patch] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > 22 || (major === 22 && (minor > 7 || (minor === 7 && patch >= 5)));
  const name = `@modelcontextprotocol/inspector@${VERSION}`;
  if (isNewEnough) return ['--yes', name];
  return ['--yes', '-p', 'node@24', '-p', name, 'mcp-inspector'];
}
