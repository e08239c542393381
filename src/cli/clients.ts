import { resolve } from 'node:path';
import type { Gateway } from '../gateway/gateway.ts';
import { hasCommonEndpoint } from '../gateway/merge.ts';
import type { FacePlan, McpPlan } from '../plan/plan.ts';
import { type Credential, credentialOf, withKey } from './credential.ts';
import type { RunFlags } from './run-flags.ts';
import { quote, type Word } from './shell.ts';
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
  const variables = capabilities.flatMap(({ faces }) => faces.flatMap(variablesOf));
  const stdio = stdioCommand(files, flags, invocation, variables);
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
  const cursor = { mcpServers: { [name]: server((variable) => `\${env:${variable}}`) } };
  return [
    `Connect an MCP client to ${url}${needsOf(plan, credential)}:`,
    ...(prepare === undefined ? [] : [`  before it       ${prepare}`]),
    `  Claude Code     ${claude.map(quote).join(' ')}`,
    `  Cursor          .cursor/mcp.json`,
    `                  ${JSON.stringify(cursor)}`,
    `  VS Code         .vscode/mcp.json`,
    `                  ${JSON.stringify(codeServers(name, server))}`,
  ];
}

function needsOf(plan: McpPlan | undefined, credential: Credential | undefined): string {
  if (credential === undefined) return '';
  return plan?.authentication?.type === 'oauth2'
    ? `, which sends it to ${plan.authentication.issuer} to sign in`
    : `, with ${credential.needs}`;
}

/** VS Code asks its user once for each input, and keeps what it is told. */
function codeServers(name: string, server: (spell: Spell) => object): object {
  const asked = new Set<string>();
  const spell: Spell = (variable) => {
    asked.add(variable);
    return `\${input:${variable}}`;
  };
  const servers = { [name]: { type: 'http', ...server(spell) } };
  if (asked.size === 0) return { servers };
  const inputOf = (id: string): object => ({
    type: 'promptString',
    id,
    description: id,
    password: true,
  });
  return { inputs: Array.from(asked, inputOf), servers };
}

type Spell = (variable: string) => string;

const spelled = (word: Word, spell: Spell): string =>
  typeof word === 'string'
    ? word
    : word.map((piece) => (typeof piece === 'string' ? piece : spell(piece.variable))).join('');

/** Those that the start needs, whether or not anybody is asked for them. */
const variablesOf = ({ credential = {} }: FacePlan): string[] =>
  Object.values(credential).flatMap((fact) => ('variable' in fact ? [fact.variable] : []));

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
  variables: readonly string[],
): StdioServer | undefined {
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
  const env = Object.fromEntries(variables.map((variable) => [variable, '…']));
  return { command: program, args, ...(variables.length === 0 ? {} : { env }) };
}

interface StdioServer {
  readonly command: string;
  readonly args: readonly string[];
  /** To be filled in: a client starts the command without the variables of the shell. */
  readonly env?: Readonly<Record<string, string>>;
}
