import type { CapabilityPlan, McpPlan, RestPlan, RoutePlan, ToolPlan } from '../plan/plan.ts';
import type { GatewayOptions } from './options.ts';

/** The faces that share one port, and what each serves there. */
export interface Mount {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly rest: readonly { readonly plan: RestPlan; readonly capability: CapabilityPlan }[];
  readonly mcp: readonly { readonly plan: McpPlan; readonly capability: CapabilityPlan }[];
}

/** Two things that cannot be served together, in a sentence; `later` is the capability to leave out. */
export interface Conflict {
  readonly later: CapabilityPlan;
  readonly message: string;
}

const LOOPBACK = '127.0.0.1';

/** Groups the faces of all capabilities by the address they are served on. */
export function mountFaces(
  capabilities: readonly CapabilityPlan[],
  options: GatewayOptions,
): readonly Mount[] {
  const mounts = new Map<
    string,
    { host: string; port: number; rest: Mount['rest'][number][]; mcp: Mount['mcp'][number][] }
  >();
  for (const capability of capabilities) {
    for (const plan of capability.faces) {
      if (plan.face === 'mcp' && plan.transport === 'stdio') continue;
      const port = portOf(plan, options);
      const host = options.host ?? plan.address ?? LOOPBACK;
      // Free ports are one per face, not one per expose: faces that ask for the same one share it.
      const key = port === 0 ? `${host} ${plan.face}` : `${host} ${port}`;
      let mount = mounts.get(key);
      if (mount === undefined) {
        mount = { host, port, rest: [], mcp: [] };
        mounts.set(key, mount);
      }
      if (plan.face === 'rest') mount.rest.push({ plan, capability });
      else mount.mcp.push({ plan, capability });
    }
  }
  return [...mounts.values()];
}

function portOf(plan: RestPlan | McpPlan, options: GatewayOptions): number {
  const byFace = plan.face === 'rest' ? options.restPort : options.mcpPort;
  return options.ports?.[plan.namespace] ?? byFace ?? plan.port ?? 0;
}

/** The routes of one port, in order of the files, and those that two files claim. */
export function mergeRoutes(mount: Mount): {
  routes: readonly RoutePlan[];
  conflicts: readonly Conflict[];
} {
  const owners = new Map<string, CapabilityPlan>();
  const reported = new Set<CapabilityPlan>();
  const conflicts: Conflict[] = [];
  const routes: RoutePlan[] = [];
  for (const { plan, capability } of mount.rest) {
    for (const route of plan.routes) {
      const shape = `${route.method} ${route.path.replace(/\{[^{}]*\}/g, '{}').replace(/(?<=.)\/$/, '')}`;
      const owner = owners.get(shape);
      if (owner === undefined) {
        owners.set(shape, capability);
        routes.push(route);
      } else if (owner !== capability && !reported.has(capability)) {
        reported.add(capability);
        conflicts.push({
          later: capability,
          message: `${route.method} ${route.path} on port ${mount.port} is served by ${owner.file} and by ${capability.file}. Mount each under its namespace with --prefix, or give one another port with --port ${plan.namespace}=<port>.`,
        });
      }
    }
  }
  return { routes, conflicts };
}

/** The tools of all MCP faces on one port; names that collide are qualified with their namespace. */
export function mergeTools(mount: Mount): {
  tools: readonly ToolPlan[];
  conflicts: readonly Conflict[];
} {
  const counts = new Map<string, number>();
  for (const { plan } of mount.mcp) {
    for (const { definition } of plan.tools) {
      counts.set(definition.name, (counts.get(definition.name) ?? 0) + 1);
    }
  }
  const owners = new Map<string, CapabilityPlan>();
  const reported = new Set<CapabilityPlan>();
  const conflicts: Conflict[] = [];
  const tools: ToolPlan[] = [];
  for (const { plan, capability } of mount.mcp) {
    for (const tool of plan.tools) {
      const published = tool.definition.name;
      const name = counts.get(published) === 1 ? published : `${plan.namespace}_${published}`;
      const owner = owners.get(name);
      if (owner === undefined) {
        owners.set(name, capability);
        tools.push(
          name === published ? tool : { ...tool, definition: { ...tool.definition, name } },
        );
      } else if (!reported.has(capability)) {
        reported.add(capability);
        conflicts.push({
          later: capability,
          message: `The tool "${published}" of the namespace "${plan.namespace}" on port ${mount.port} is served by ${owner.file} and by ${capability.file}. Give one expose another namespace, or another port with --port ${plan.namespace}=<port>.`,
        });
      }
    }
  }
  return { tools, conflicts };
}
