import { createHash } from 'node:crypto';
import type { CapabilityPlan, RoutePlan, ToolPlan } from '../plan/plan.ts';
import { routeShape } from '../rest/router.ts';
import type { Mount } from './mount.ts';

/** Two things that cannot be served together, in a sentence; `later` is the capability to leave out. */
export interface Conflict {
  readonly later: CapabilityPlan;
  readonly message: string;
}

/** What all faces of one port serve together. */
export interface Merged {
  readonly mount: Mount;
  readonly routes: readonly RoutePlan[];
  readonly tools: readonly ToolPlan[];
  readonly conflicts: readonly Conflict[];
  /** What is not served though nothing is in conflict, one sentence for each file. */
  readonly shadowed: readonly { readonly file: string; readonly message: string }[];
}

export function mergeMount(mount: Mount, toolNames: 'published' | 'short'): Merged {
  const routes = mergeRoutes(mount);
  const tools = mergeTools(mount, toolNames);
  return {
    mount,
    routes: routes.routes,
    tools: tools.tools,
    conflicts: [...routes.conflicts, ...tools.conflicts],
    shadowed: routes.shadowed,
  };
}

/** The routes of one port, in order of the files. Two files that claim one route are in conflict. */
function mergeRoutes(mount: Mount): Pick<Merged, 'routes' | 'conflicts' | 'shadowed'> {
  const owners = new Map<string, CapabilityPlan>();
  const conflicts = new Map<CapabilityPlan, string>();
  const shadowed: { file: string; message: string }[] = [];
  const routes: RoutePlan[] = [];
  const endpoints = endpointPaths(mount);
  for (const { plan, capability } of mount.rest) {
    for (const route of plan.routes) {
      const shape = routeShape(route.path);
      const shown = `${route.method} ${route.path}`;
      const owner = owners.get(`${route.method} ${shape}`);
      if (endpoints.has(shape)) {
        const message = `${shown} is where MCP is served on port ${mount.port}, so this route never is. Give one of the two another port.`;
        shadowed.push({ file: capability.file, message });
      } else if (owner === undefined) {
        owners.set(`${route.method} ${shape}`, capability);
        routes.push(route);
      } else if (owner === capability) {
        const message = `${shown} is served by two exposes of this file on port ${mount.port}; the first one answers. Give one a path or a port of its own.`;
        shadowed.push({ file: capability.file, message });
      } else if (!conflicts.has(capability)) {
        conflicts.set(
          capability,
          `${shown} on port ${mount.port} is served by ${owner.file} and by ${capability.file}. Mount each under its namespace with --prefix, or give one another port with --port ${plan.namespace}=<port>.`,
        );
      }
    }
  }
  return { routes, conflicts: conflictsOf(conflicts), shadowed };
}

/** Paths of MCP on the port; they win over REST routes, as a variable would swallow them else. */
function endpointPaths({ mcp }: Mount): ReadonlySet<string> {
  if (mcp.length === 0) return new Set();
  const own = mcp.map(({ plan }) => `/${plan.namespace}/mcp`);
  return new Set(['/mcp', ...own].map(routeShape));
}

/** The tools of all MCP faces on one port; names that collide are qualified with their namespace. */
function mergeTools(
  mount: Mount,
  toolNames: 'published' | 'short',
): Pick<Merged, 'tools' | 'conflicts'> {
  const counts = new Map<string, number>();
  for (const { definition } of mount.mcp.flatMap(({ plan }) => plan.tools)) {
    counts.set(definition.name, (counts.get(definition.name) ?? 0) + 1);
  }
  const owners = new Map<string, CapabilityPlan>();
  const conflicts = new Map<CapabilityPlan, string>();
  const tools: ToolPlan[] = [];
  for (const { plan, capability } of mount.mcp) {
    for (const tool of plan.tools) {
      const published = tool.definition.name;
      const name =
        counts.get(published) === 1 ? published : qualified(plan.namespace, published, toolNames);
      const owner = owners.get(name);
      if (owner === undefined) {
        owners.set(name, capability);
        tools.push(name === published ? tool : renamed(tool, name));
      } else if (!conflicts.has(capability)) {
        conflicts.set(
          capability,
          `The tool "${published}" of the namespace "${plan.namespace}" on port ${mount.port} is served by ${owner.file} and by ${capability.file}. Give one expose another namespace, or another port with --port ${plan.namespace}=<port>.`,
        );
      }
    }
  }
  return { tools, conflicts: conflictsOf(conflicts) };
}

const conflictsOf = (messages: ReadonlyMap<CapabilityPlan, string>): Conflict[] =>
  Array.from(messages, ([later, message]) => ({ later, message }));

const renamed = (tool: ToolPlan, name: string): ToolPlan => ({
  ...tool,
  definition: { ...tool.definition, name },
});

/** What several model APIs take as a tool's name. */
const NAME_LIMIT = 64;

function qualified(namespace: string, name: string, toolNames: 'published' | 'short'): string {
  const whole = `${namespace}_${name}`;
  if (toolNames === 'published' || whole.length <= NAME_LIMIT) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, NAME_LIMIT - 9)}-${digest}`;
}
