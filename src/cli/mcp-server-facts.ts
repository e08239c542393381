import { hasCommonEndpoint } from '../gateway/merge.ts';
import type { Mount } from '../gateway/mount.ts';
import type { McpPlan } from '../plan/plan.ts';
import { serverName } from './client-file.ts';
import { type Credential, credentialOf, withKey } from './credential.ts';
import type { Word } from './shell.ts';
import { mcpUrlOf, originOf } from './summary.ts';

/** A server that clients reach by HTTP, its credential by the names of variables. */
export interface HttpServer {
  readonly transport: 'http';
  readonly name: string;
  readonly url: Word;
  readonly header?: NonNullable<Credential['header']>;
  /** What has to be known or done, in sentences. */
  readonly notes: readonly string[];
}

/** A server that clients start. */
export interface StdioServer {
  readonly transport: 'stdio';
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that it reads from its environment. */
  readonly variables: readonly string[];
  readonly notes: readonly string[];
}

export type ServerFacts = HttpServer | StdioServer;

/**
 * The endpoints of one port: the common one, or that of each expose where they let in
 * different callers.
 * @param url where the common one is reached from outside, behind a proxy
 */
export function endpointsOf(mount: Mount, url?: string): readonly HttpServer[] {
  const [first] = mount.mcp;
  if (first === undefined) return [];
  if (hasCommonEndpoint(mount)) {
    const name = mount.mcp.length === 1 ? first.plan.namespace : 'naftiko';
    return [httpServer(name, url ?? `${originOf(mount)}/mcp`, first.plan)];
  }
  const listener = { ...mount, mount };
  return mount.mcp.map(({ plan }) =>
    httpServer(plan.namespace, mcpUrlOf(listener, plan.namespace), plan),
  );
}

function httpServer(namespace: string, url: string, plan: McpPlan): HttpServer {
  const credential = credentialOf(plan);
  const name = serverName(namespace);
  const { header, prepare } = credential ?? {};
  return {
    transport: 'http',
    name,
    url: withKey(url, credential),
    ...(header === undefined ? {} : { header }),
    notes: [
      ...notesOf(plan, name, credential),
      ...(prepare === undefined ? [] : [`Before it: ${prepare}`]),
    ],
  };
}

function notesOf(plan: McpPlan, name: string, credential: Credential | undefined): string[] {
  switch (plan.authentication?.type) {
    case undefined:
      return [];
    case 'digest':
      return [`${name} asks for digest authentication, which no MCP client answers: use --stdio.`];
    case 'oauth2':
      return [`${name} sends clients to ${plan.authentication.issuer} to sign in.`];
    default:
      return [`${name} needs ${credential?.needs}.`];
  }
}

/** Server names that stand twice get a number, so that none replaces another. */
export function distinctNames<Facts extends ServerFacts>(servers: readonly Facts[]): Facts[] {
  const taken = new Set<string>();
  return servers.map((server) => {
    let { name } = server;
    for (let count = 2; taken.has(name); count++) name = `${server.name}-${count}`;
    taken.add(name);
    return { ...server, name };
  });
}
