import { codeFile, type Spell, spelled } from './client-file.ts';
import type { ClientId } from './client-ids.ts';
import { codexFile } from './codex-file.ts';
import { desktopServer } from './desktop-server.ts';
import type { HttpServer, ServerFacts } from './mcp-server-facts.ts';
import { quote, type Word } from './shell.ts';

/** What one client is to be told. */
export interface ClientConfiguration {
  readonly client: ClientId;
  readonly title: string;
  /** Where the file lies, on each system where that differs. */
  readonly files: readonly string[];
  readonly format: 'json' | 'toml';
  /** The file, or what is to be added to it. */
  readonly text: string;
  /** Commands that do the same, without a file. */
  readonly commands: readonly string[];
  readonly notes: readonly string[];
}

export function configurationFor(
  client: ClientId,
  servers: readonly ServerFacts[],
): ClientConfiguration {
  return { client, ...WRITERS[client](servers) };
}

type Writer = (servers: readonly ServerFacts[]) => Omit<ClientConfiguration, 'client'>;

const WRITERS: Readonly<Record<ClientId, Writer>> = {
  'claude-desktop': (servers) => ({
    title: 'Claude Desktop',
    files: [
      'macOS: ~/Library/Application Support/Claude/claude_desktop_config.json',
      'Windows: %APPDATA%\\Claude\\claude_desktop_config.json',
      'Linux: ~/.config/Claude/claude_desktop_config.json',
    ],
    format: 'json',
    text: json({ mcpServers: named(servers, desktopServer) }),
    commands: [],
    notes: [
      ...(servers.some(({ transport }) => transport === 'http')
        ? ['It starts servers only; mcp-remote, which npx fetches, brings it to the URL.']
        : []),
      ...placeholderNotes(servers),
      'Quit and start it again after the change.',
    ],
  }),
  'claude-code': (servers) => ({
    title: 'Claude Code',
    files: ['.mcp.json in the folder of the project'],
    format: 'json',
    text: json({ mcpServers: named(servers, (server) => typed(server, braces)) }),
    commands: servers.map(claudeCommand),
    notes: [],
  }),
  cursor: (servers) => ({
    title: 'Cursor',
    files: [
      '.cursor/mcp.json in the folder of the project',
      'for all projects: ~/.cursor/mcp.json',
    ],
    format: 'json',
    text: json({
      mcpServers: named(servers, (server) => bare(server, (variable) => `\${env:${variable}}`)),
    }),
    commands: [],
    notes: [],
  }),
  vscode: (servers) => ({
    title: 'VS Code',
    files: [
      '.vscode/mcp.json in the folder of the project',
      'for all projects: run "MCP: Open User Configuration"',
    ],
    format: 'json',
    text: json(codeFile((spell) => named(servers, (server) => typed(server, spell)))),
    commands: [],
    notes: [],
  }),
  codex: codexFile,
  gemini: (servers) => ({
    title: 'Gemini CLI',
    files: ['~/.gemini/settings.json', 'for one project: .gemini/settings.json in its folder'],
    format: 'json',
    // It reads a name up to the first underscore where it decides what a tool may do.
    text: json({
      mcpServers: named(
        servers.map((server) => ({ ...server, name: server.name.replaceAll('_', '-') })),
        (server) => {
          const { url, ...rest } = bare(server, braces);
          return url === undefined ? rest : { httpUrl: url, ...rest };
        },
      ),
    }),
    commands: [],
    notes: [],
  }),
};

const json = (value: object): string => JSON.stringify(value, null, 2);

const named = (
  servers: readonly ServerFacts[],
  write: (server: ServerFacts) => object,
): Record<string, object> =>
  Object.fromEntries(servers.map((server) => [server.name, write(server)]));

const braces: Spell = (variable) => `\${${variable}}`;

const typed = (server: ServerFacts, spell: Spell): object => ({
  type: server.transport,
  ...bare(server, spell),
});

function bare(server: ServerFacts, spell: Spell): { readonly [key: string]: unknown } {
  if (server.transport === 'http') {
    const { header } = server;
    const headers = header && { [header.name]: spelled(header.value, spell) };
    return { url: spelled(server.url, spell), ...(headers === undefined ? {} : { headers }) };
  }
  const { command, args, variables } = server;
  const env = Object.fromEntries(variables.map((variable) => [variable, spell(variable)]));
  return { command, args, ...(variables.length === 0 ? {} : { env }) };
}

function claudeCommand(server: ServerFacts): string {
  const words: Word[] = ['claude', 'mcp', 'add'];
  if (server.transport === 'http') {
    words.push('--transport', 'http', server.name, server.url);
    const { header } = server;
    if (header !== undefined) words.push('--header', [`${header.name}: `, ...header.value]);
  } else {
    for (const variable of server.variables) words.push('--env', [`${variable}=`, { variable }]);
    words.push('--transport', 'stdio', server.name, '--', server.command, ...server.args);
  }
  return words.map(quote).join(' ');
}

function placeholderNotes(servers: readonly ServerFacts[]): string[] {
  const needsValue = (server: ServerFacts): boolean =>
    server.transport === 'stdio' ? server.variables.length > 0 : hasVariable(server);
  return servers.some(needsValue)
    ? ['It reads no variables of the shell: write each value where <its name> stands.']
    : [];
}

const hasVariable = ({ url, header }: HttpServer): boolean =>
  [url, header?.value ?? ''].some(
    (word) => typeof word !== 'string' && word.some((piece) => typeof piece !== 'string'),
  );
