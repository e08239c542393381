import type { ToolNames } from '../compile/tool-name.ts';
import { renderFindings } from '../document/render.ts';
import {
  type Loaded,
  type LoadOptions,
  loadCapabilities,
  planOf,
  readEnvironment,
} from '../gateway/load.ts';
import { mountFaces } from '../gateway/mount.ts';
import type { McpPlan } from '../plan/plan.ts';
import { createMask } from '../secrets.ts';
import { serverName } from './client-file.ts';
import { CLIENTS, type ClientId } from './client-ids.ts';
import { isOfThePlace } from './findings.ts';
import { type ClientConfiguration, configurationFor } from './mcp-clients.ts';
import {
  distinctNames,
  endpointsOf,
  type ServerFacts,
  type StdioServer,
} from './mcp-server-facts.ts';
import { checkedUrl, probeServer } from './probe.ts';
import { stdioCommand } from './stdio-command.ts';
import { type Terminal, UsageError } from './terminal.ts';

export interface McpConfigFlags {
  readonly url?: string;
  readonly client: ClientId | 'all';
  readonly stdio?: boolean;
  readonly name?: string;
  readonly host?: string;
  readonly port?: Readonly<Record<string, number>>;
  readonly mcpPort?: number;
  readonly mock?: boolean;
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly toolNames: ToolNames;
  readonly format: 'text' | 'json';
}

/**
 * Prints what MCP clients have to be told of a running server, or of capability files: the file of one
 * client alone on stdout, where it goes on stderr. Nothing is served, and no variable needs its value.
 * @throws UsageError
 */
export async function mcpConfig(
  files: readonly string[],
  flags: McpConfigFlags,
  terminal: Terminal,
): Promise<number> {
  const found = await serversOf(files, flags, terminal);
  if (found === undefined) return 1;
  const servers = distinctNames(found.map((server) => renamed(server, found.length, flags)));
  const wanted = flags.client === 'all' ? CLIENTS : [flags.client];
  const clients = wanted.map((client) => configurationFor(client, servers));
  const notes = servers.flatMap((server) => server.notes);
  if (flags.format === 'json') {
    terminal.out(
      JSON.stringify(
        { servers: servers.map(({ name, transport }) => ({ name, transport })), notes, clients },
        null,
        2,
      ),
    );
    return 0;
  }
  const [only, ...others] = clients;
  if (only !== undefined && others.length === 0) {
    terminal.out(only.text);
    terminal.err([...aboutOf(only), ...notes].join('\n'));
    return 0;
  }
  terminal.out(clients.map((each) => [...aboutOf(each), '', each.text].join('\n')).join('\n\n\n'));
  if (notes.length > 0) terminal.err(notes.join('\n'));
  return 0;
}

const aboutOf = ({ title, files, commands, notes }: ClientConfiguration): string[] => [
  `# ${title}`,
  ...files.map((file) => `#   ${file}`),
  ...commands.map((command) => `#   or run: ${command}`),
  ...notes.map((note) => `#   ${note}`),
];

const renamed = (server: ServerFacts, count: number, { name }: McpConfigFlags): ServerFacts =>
  name === undefined
    ? server
    : { ...server, name: serverName(count === 1 ? name : `${name}-${server.name}`) };

/** undefined when a file cannot be read, which has been said. */
async function serversOf(
  files: readonly string[],
  flags: McpConfigFlags,
  terminal: Terminal,
): Promise<readonly ServerFacts[] | undefined> {
  const url = flags.url === undefined ? undefined : checkedUrl(flags.url).href;
  if (url !== undefined && flags.stdio === true) {
    throw new UsageError('--url names a running server, and --stdio lets clients start one.');
  }
  if (url !== undefined && files.length === 0) return [await probeServer(url)];
  if (files.length === 0) {
    throw new UsageError(
      'Name a capability file, or a running server with --url: naftiko mcp-config --url http://127.0.0.1:9090/mcp',
    );
  }
  const loaded = await load(files, flags);
  const errors = loaded.findings.filter(
    (finding) => finding.severity === 'error' && !isOfThePlace(finding),
  );
  if (errors.length > 0) {
    const mask = createMask(loaded.secrets);
    terminal.err(mask(renderFindings(errors, loaded.sources, { color: terminal.color })));
    return undefined;
  }
  const capabilities = loaded.drafts.map(planOf);
  const { stdio, host, port: ports, mcpPort } = flags;
  const mounts = mountFaces(capabilities, {
    files,
    ...(host === undefined ? {} : { host }),
    ...(ports === undefined ? {} : { ports }),
    ...(mcpPort === undefined ? {} : { mcpPort }),
  });
  const http = mounts.flatMap((mount) => endpointsOf(mount, url));
  const plans = capabilities
    .flatMap(({ faces }) => faces)
    .filter((face): face is McpPlan => face.face === 'mcp');
  if (plans.length === 0) {
    throw new UsageError(
      `${files.join(', ')} has no expose of type mcp, so there is nothing to connect to.`,
    );
  }
  if (url !== undefined && http.length !== 1) {
    throw new UsageError(
      `--url names one endpoint, and the files have ${http.length}. Name one file of one MCP expose with it, or leave it out.`,
    );
  }
  if (stdio !== true && http.length > 0) return http;
  return [await stdioServer(files, flags, loaded, plans, terminal)];
}

async function stdioServer(
  files: readonly string[],
  flags: McpConfigFlags,
  { drafts }: Loaded,
  [first, ...others]: readonly McpPlan[],
  terminal: Terminal,
): Promise<StdioServer> {
  const { envFile } = flags;
  const given = await readEnvironment({
    environment: {},
    ...(envFile === undefined ? {} : { envFile }),
  });
  const variables = new Set(drafts.flatMap(({ compiled }) => compiled.environment));
  for (const key of Object.keys(given.environment)) variables.delete(key);
  const names = [...variables];
  return {
    transport: 'stdio',
    name: serverName(others.length === 0 ? (first?.namespace ?? '') : 'naftiko'),
    ...stdioCommand(files, flags, terminal.invocation),
    variables: names,
    notes: names.length === 0 ? [] : [`It needs ${names.join(', ')} in its environment.`],
  };
}

/** Once more with something in place of what has no value: how callers show themselves is known then. */
async function load(files: readonly string[], flags: McpConfigFlags): Promise<Loaded> {
  const { baseUri: baseUris = {}, envFile, allowImport = [], toolNames } = flags;
  const options: LoadOptions = {
    files,
    baseUris,
    allowImport,
    toolNames,
    ...(envFile === undefined ? {} : { envFile }),
  };
  const loaded = await loadCapabilities(options);
  const missing = loaded.drafts
    .flatMap(({ compiled }) => compiled.variables)
    .filter(({ hasValue }) => !hasValue);
  if (missing.length === 0) return loaded;
  const made = missing.map(({ key }) => [key, `https://${key.toLowerCase()}.invalid`]);
  return loadCapabilities({
    ...options,
    environment: { ...Object.fromEntries(made), ...process.env },
  });
}
