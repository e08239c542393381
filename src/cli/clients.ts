import type { Gateway } from '../gateway/gateway.ts';
import { hasCommonEndpoint } from '../gateway/merge.ts';
import type { FacePlan, McpPlan } from '../plan/plan.ts';
import { codeFile, type Spell, serverName, spelled } from './client-file.ts';
import { type Credential, credentialOf, withKey } from './credential.ts';
import type { RunFlags } from './run-flags.ts';
import { quote, type Word } from './shell.ts';
import { stdioCommand } from './stdio-command.ts';
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
  const files = capabilities.map(({ file }) => file);
  const variables = capabilities.flatMap(({ faces }) => faces.flatMap(variablesOf));
  const stdio = stdioServer(files, flags, invocation, variables);
  const plan = mcp[0]?.plan;
  return [
    '',
    ...(plan?.authentication?.type === 'digest'
      ? [`MCP clients do not answer the digest challenge of ${url}; curl does.`]
      : httpLines(name, url, plan)),
    ...(stdio === undefined
      ? []
      : [
          `  Claude Desktop  claude_desktop_config.json`,
          `                  ${JSON.stringify({ mcpServers: { [name]: stdio } })}`,
        ]),
  ];
}

function httpLines(name: string, url: string, plan: McpPlan | undefined): string[] {
  const credential = plan && credentialOf(plan);
  const { header, prepare } = credential ?? {};
  const address = withKey(url, credential);
  const claude: Word[] = ['claude', 'mcp', 'add', '--transport', 'http', name, address];
  if (header !== undefined) claude.push('--header', [`${header.name}: `, ...header.value]);
  /** A server as a client's file has it, in whose own words a variable is named. */
  const server = (spell: Spell): object => ({
    url: spelled(address, spell),
    ...(header === undefined ? {} : { headers: { [header.name]: spelled(header.value, spell) } }),
  });
  const code = codeFile((spell) => ({ [name]: { type: 'http', ...server(spell) } }));
  const cursor = { mcpServers: { [name]: server((variable) => `\${env:${variable}}`) } };
  return [
    `Connect an MCP client to ${url}${needsOf(plan, credential)}:`,
    ...(prepare === undefined ? [] : [`  before it       ${prepare}`]),
    `  Claude Code     ${claude.map(quote).join(' ')}`,
    `  Cursor          .cursor/mcp.json`,
    `                  ${JSON.stringify(cursor)}`,
    `  VS Code         .vscode/mcp.json`,
    `                  ${JSON.stringify(code)}`,
  ];
}

function needsOf(plan: McpPlan | undefined, credential: Credential | undefined): string {
  if (credential === undefined) return '';
  return plan?.authentication?.type === 'oauth2'
    ? `, which sends it to ${plan.authentication.issuer} to sign in`
    : `, with ${credential.needs}`;
}

/** Those that the start needs, whether or not anybody is asked for them. */
const variablesOf = ({ credential = {} }: FacePlan): string[] =>
  Object.values(credential).flatMap((fact) => ('variable' in fact ? [fact.variable] : []));

/** More files than this make no command that a person would paste. */
const FILES_NAMED = 3;

/** Filled in are variables only by name: a client starts the command without those of the shell. */
function stdioServer(
  files: readonly string[],
  flags: RunFlags,
  invocation: readonly string[],
  variables: readonly string[],
): object | undefined {
  if (files.length > FILES_NAMED) return undefined;
  const env = Object.fromEntries(variables.map((variable) => [variable, '…']));
  const command = stdioCommand(files, flags, invocation);
  return { ...command, ...(variables.length === 0 ? {} : { env }) };
}
