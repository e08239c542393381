import { resolve } from 'node:path';
import type { Gateway } from '../gateway/gateway.ts';
import { hasCommonEndpoint } from '../gateway/merge.ts';
import type { RunFlags } from './run-flags.ts';
import { quote } from './shell.ts';
import { mcpUrlOf, originOf } from './summary.ts';

/** How the usual MCP clients are told of the gateway, each in the spelling that it takes. */
export function clientLines(
  { capabilities, listeners }: Gateway,
  flags: RunFlags,
  invocation: readonly string[],
): string[] {
  const listener = listeners.find(({ mount }) =>
    mount.mcp.some(({ plan }) => plan.tools.length > 0),
  );
  if (listener === undefined) return [];
  const { mcp } = listener.mount;
  const name = mcp.length === 1 ? serverName(mcp[0]?.plan.namespace ?? '') : 'naftiko';
  const url = hasCommonEndpoint(listener.mount)
    ? `${originOf(listener)}/mcp`
    : mcpUrlOf(listener, mcp[0]?.plan.namespace ?? '');
  const files = capabilities.map(({ file }) => resolve(file));
  const stdio = stdioCommand(files, flags, invocation);
  return [
    '',
    `Connect an MCP client to ${url}:`,
    `  Claude Code     ${['claude', 'mcp', 'add', '--transport', 'http', name, url].map(quote).join(' ')}`,
    `  Cursor          .cursor/mcp.json`,
    `                  ${JSON.stringify({ mcpServers: { [name]: { url } } })}`,
    `  VS Code         .vscode/mcp.json`,
    `                  ${JSON.stringify({ servers: { [name]: { type: 'http', url } } })}`,
    ...(stdio === undefined
      ? []
      : [
          `  Claude Desktop  claude_desktop_config.json`,
          `                  ${JSON.stringify({ mcpServers: { [name]: stdio } })}`,
        ]),
  ];
}

/** Clients take letters, digits, `-` and `_` in the name of a server. */
const serverName = (namespace: string): string =>
  namespace.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'naftiko';

/** More files than this make no command that a person would paste. */
const FILES_NAMED = 3;

/** The command that serves the same tools on stdin and stdout, from whatever folder it is started in. */
function stdioCommand(
  files: readonly string[],
  flags: RunFlags,
  [program = 'naftiko', ...before]: readonly string[],
): { readonly command: string; readonly args: readonly string[] } | undefined {
  if (files.length > FILES_NAMED) return undefined;
  const pairs = (option: string, given: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(given).flatMap(([namespace, value]) => [option, `${namespace}=${value}`]);
  const openapi = Object.entries(flags.mockOpenapi ?? {}).map(
    ([namespace, file]) => [namespace, resolve(file)] as const,
  );
  const args = [
    ...before,
    'run',
    ...files,
    '--stdio',
    ...(flags.mock === true ? ['--mock'] : []),
    ...pairs('--mock-openapi', Object.fromEntries(openapi)),
    ...pairs('--base-uri', flags.baseUri),
    ...(flags.envFile === undefined ? [] : ['--env-file', resolve(flags.envFile)]),
  ];
  return { command: program, args };
}
