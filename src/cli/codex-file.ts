import { spelled } from './client-file.ts';
import type { ClientConfiguration } from './mcp-clients.ts';
import type { HttpServer, ServerFacts } from './mcp-server-facts.ts';
import { type Piece, quote, type Word } from './shell.ts';

/** Codex names the variable of a header, and has no way to put one into a URL. */
export function codexFile(servers: readonly ServerFacts[]): Omit<ClientConfiguration, 'client'> {
  const notes: string[] = [];
  const tables = servers.map((server) => {
    const pairs = server.transport === 'http' ? httpPairs(server, notes) : stdioPairs(server);
    return [`[mcp_servers.${server.name}]`, ...pairs].join('\n');
  });
  return {
    title: 'Codex',
    files: ['~/.codex/config.toml', 'for one trusted project: .codex/config.toml in its folder'],
    format: 'toml',
    text: tables.join('\n\n'),
    commands: servers.flatMap(codexCommand),
    notes,
  };
}

function httpPairs({ name, url, header }: HttpServer, notes: string[]): string[] {
  if (typeof url !== 'string')
    notes.push('Codex fills nothing into a URL: write the value where <its name> stands.');
  const pairs = [`url = ${text(spelled(url, (variable) => `<${variable}>`))}`];
  if (header === undefined) return pairs;
  const token = bearerVariable(header);
  const [only, ...others] = header.value;
  if (token !== undefined) pairs.push(`bearer_token_env_var = ${text(token)}`);
  else if (header.value.every((piece) => typeof piece === 'string'))
    pairs.push(`http_headers = { ${text(header.name)} = ${text(header.value.join(''))} }`);
  else if (only !== undefined && typeof only !== 'string' && others.length === 0)
    pairs.push(`env_http_headers = { ${text(header.name)} = ${text(only.variable)} }`);
  else {
    const whole = `${name.toUpperCase().replace(/\W/g, '_')}_HEADER`;
    pairs.push(`env_http_headers = { ${text(header.name)} = ${text(whole)} }`);
    notes.push(
      `Codex takes the whole header from one variable: export ${whole}=${quote(header.value)}`,
    );
  }
  return pairs;
}

/** It starts servers with few variables of the shell; the others have to be named. */
const stdioPairs = ({
  command,
  args,
  variables,
}: Extract<ServerFacts, { transport: 'stdio' }>): string[] => [
  `command = ${text(command)}`,
  `args = ${list(args)}`,
  ...(variables.length === 0 ? [] : [`env_vars = ${list(variables)}`]),
];

function codexCommand(server: ServerFacts): string[] {
  const words: Word[] = ['codex', 'mcp', 'add', server.name];
  if (server.transport === 'stdio') {
    // It would keep the values of variables that are named here.
    if (server.variables.length > 0) return [];
    words.push('--', server.command, ...server.args);
  } else {
    const token = server.header && bearerVariable(server.header);
    if (typeof server.url !== 'string' || (server.header !== undefined && token === undefined))
      return [];
    words.push('--url', server.url);
    if (token !== undefined) words.push('--bearer-token-env-var', token);
  }
  return [words.map(quote).join(' ')];
}

function bearerVariable({ name, value }: NonNullable<HttpServer['header']>): string | undefined {
  const [scheme, token, ...others]: readonly (Piece | undefined)[] = value;
  const isBearer = name.toLowerCase() === 'authorization' && scheme === 'Bearer ';
  if (!isBearer || others.length > 0) return undefined;
  return typeof token === 'object' ? token.variable : undefined;
}

/** A basic string of TOML escapes as JSON does, and DEL as well. */
const text = (value: string): string => JSON.stringify(value).replaceAll('\u007f', '\\u007f');

const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;
