import type { SkillDefinition, SkillToolPlan } from '../plan/plan.ts';

/** Where an expose is served: REST routes below `path` (mostly ''), MCP at `path`. */
export interface Endpoint {
  /** As the listener is bound; a wildcard address stands for every name of this machine. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

type EndpointOf = (namespace: string) => Endpoint | undefined;

/** The answer of `GET /skills`. */
export const catalogOf = (skills: readonly SkillDefinition[]): object => ({
  count: skills.length,
  skills: skills.map(({ name, description, frontmatter, tools }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    ...(frontmatter.license === undefined ? {} : { license: frontmatter.license }),
    tools: tools.map((tool) => tool.name),
  })),
});

/**
 * The answer of `GET /skills/{name}` on the expose `namespace`. `requestHost` is the Host header of who asks: a tool on a port
 * that every name of this machine reaches is given the name that the caller knows it by.
 */
export function skillOf(
  skill: SkillDefinition,
  namespace: string,
  endpointOf: EndpointOf,
  requestHost: string | undefined,
): object {
  const { name, description, frontmatter, tools } = skill;
  const baseOf = (ofExpose: string): string | undefined => {
    const endpoint = endpointOf(ofExpose);
    return endpoint === undefined ? undefined : originOf(endpoint, requestHost) + endpoint.path;
  };
  const own = `${baseOf(namespace) ?? ''}/skills/${encodeURIComponent(name)}`;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...frontmatter,
    tools: tools.map((tool) => toolOf(tool, own, baseOf)),
  };
}

function toolOf(
  tool: SkillToolPlan,
  own: string,
  baseOf: (namespace: string) => string | undefined,
): object {
  const { name, description } = tool;
  const named = { name, ...(description === undefined ? {} : { description }) };
  if (tool.kind === 'instruction') {
    const { instruction } = tool;
    const file = instruction.split('/').map(encodeURIComponent).join('/');
    return { ...named, type: 'instruction', instruction, url: `${own}/contents/${file}` };
  }
  const { namespace, action, target } = tool;
  const base = baseOf(namespace);
  return {
    ...named,
    type: 'derived',
    invocationRef: {
      targetNamespace: namespace,
      action,
      mode: target.mode,
      ...(target.mode === 'rest' ? { method: target.method } : { tool: target.tool }),
      ...(target.mode === 'mcp' && target.transport === 'stdio' ? { transport: 'stdio' } : {}),
      ...(base === undefined ? {} : { url: target.mode === 'rest' ? base + target.path : base }),
    },
  };
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]', '']);

function originOf({ host, port }: Endpoint, requestHost: string | undefined): string {
  const name = WILDCARDS.has(host) ? (nameIn(requestHost) ?? 'localhost') : host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

/** The name in a Host header without its port; only what is a name or an address is repeated. */
const nameIn = (header: string | undefined): string | undefined =>
  /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(header ?? '')?.[1];
