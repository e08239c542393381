import type { ToolNames } from '../compile/tool-name.ts';
import type { FindingCode } from '../document/finding.ts';
import type {
  CapabilityPlan,
  ForwardPlan,
  PromptPlan,
  ResourcePlan,
  RoutePlan,
  ToolPlan,
} from '../plan/plan.ts';
import { routeShape } from '../rest/router.ts';
import { isSameAccess } from './access.ts';
import { mergePrompts, mergeResources } from './merge-mcp.ts';
import { mergeTools } from './merge-tools.ts';
import type { Mount } from './mount.ts';

/** Two things that cannot be served together, in a sentence; `later` is the capability to leave out. */
export interface Conflict {
  readonly later: CapabilityPlan;
  readonly message: string;
}

/** What is not served though nothing is in conflict. */
export interface Shadowed {
  readonly file: string;
  readonly code: FindingCode;
  readonly message: string;
}

/** What all faces of one port serve together. */
export interface Merged {
  readonly mount: Mount;
  readonly routes: readonly RoutePlan[];
  readonly forwards: readonly ForwardPlan[];
  readonly tools: readonly ToolPlan[];
  readonly resources: readonly ResourcePlan[];
  readonly prompts: readonly PromptPlan[];
  readonly conflicts: readonly Conflict[];
  readonly shadowed: readonly Shadowed[];
}

export function mergeMount(mount: Mount, toolNames: ToolNames): Merged {
  const routes = mergeRoutes(mount);
  const tools = mergeTools(mount, toolNames);
  const resources = mergeResources(mount);
  const prompts = mergePrompts(mount);
  return {
    mount,
    routes: routes.routes,
    forwards: routes.forwards,
    tools: tools.tools,
    resources: resources.resources,
    prompts,
    conflicts: [...routes.conflicts, ...tools.conflicts, ...differences(mount)],
    shadowed: [...routes.shadowed, ...resources.shadowed, ...withoutCommonEndpoint(mount)],
  };
}

/** Whether `/mcp` serves what all MCP exposes of the port have: they must let in the same callers. */
export const hasCommonEndpoint = ({ mcp: [first, ...others] }: Mount): boolean =>
  first !== undefined &&
  others.every(({ plan }) => isSameAccess(plan.authentication, first.plan.authentication));

function withoutCommonEndpoint(mount: Mount): Shadowed[] {
  if (mount.mcp.length === 0 || hasCommonEndpoint(mount)) return [];
  const paths = [...new Set(mount.mcp.map(({ plan }) => `/${plan.namespace}/mcp`))];
  const message = `The MCP exposes on port ${mount.port} let in different callers, so there is no common endpoint /mcp; ${paths.join(' and ')} are served. Give them the same authentication, or a port each.`;
  const files = new Set(mount.mcp.map(({ capability }) => capability.file));
  return Array.from(files, (file) => ({ file, code: 'MCP_CONFLICT', message }));
}

/** Skills, and control endpoints, of several exposes are one on a port. */
function differences({ skill, control, port }: Mount): Conflict[] {
  const conflicts = new Map<CapabilityPlan, string>();
  for (const mounted of [skill, control]) {
    const [first, ...others] = mounted;
    for (const { plan, capability } of others) {
      if (isSameAccess(plan.authentication, first?.plan.authentication)) continue;
      conflicts.set(
        capability,
        `The ${plan.face} exposes on port ${port} (of ${first?.capability.file} and ${capability.file}) let in different callers. Give them the same authentication, or a port each.`,
      );
    }
  }
  const owners = new Map<string, CapabilityPlan>();
  for (const { plan, capability } of skill) {
    for (const { name } of plan.skills) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, capability);
      else if (!conflicts.has(capability)) {
        const whose = `of ${owner.file} and of ${capability.file}`;
        conflicts.set(
          capability,
          `The skill "${name}" on port ${port} is served twice, ${whose}, and callers ask for skills by name. Give one another name, or its expose another port.`,
        );
      }
    }
  }
  return conflictsOf(conflicts);
}

/** The routes of one port, in order of the files. Two files that claim one route are in conflict. */
function mergeRoutes(mount: Mount): Pick<Merged, 'routes' | 'forwards' | 'conflicts' | 'shadowed'> {
  const owners = new Map<string, CapabilityPlan>();
  const conflicts = new Map<CapabilityPlan, string>();
  const shadowed: Shadowed[] = [];
  const routes: RoutePlan[] = [];
  const endpoints = endpointPaths(mount);
  for (const { plan, capability } of mount.rest) {
    for (const route of plan.routes) {
      const shape = routeShape(route.path);
      const shown = `${route.method} ${route.path}`;
      const owner = owners.get(`${route.method} ${shape}`);
      if (endpoints.has(shape)) {
        const message = `${shown} is where MCP is served on port ${mount.port}, so this route never is. Give one of the two another port.`;
        shadowed.push({ file: capability.file, code: 'ROUTE_DUPLICATE', message });
      } else if (owner === undefined) {
        owners.set(`${route.method} ${shape}`, capability);
        routes.push(route);
      } else if (owner === capability) {
        const message = `${shown} is served by two exposes of this file on port ${mount.port}; the first one answers. Give one a path or a port of its own.`;
        shadowed.push({ file: capability.file, code: 'ROUTE_DUPLICATE', message });
      } else if (!conflicts.has(capability)) {
        conflicts.set(
          capability,
          `${shown} on port ${mount.port} is served by ${owner.file} and by ${capability.file}. Mount each under its namespace with --prefix, or give one another port with --port ${plan.namespace}=<port>.`,
        );
      }
    }
  }
  const forwards: ForwardPlan[] = [];
  for (const { plan, capability } of mount.rest) {
    for (const forward of plan.forwards ?? []) {
      const shown = `What is below ${forward.path} on port ${mount.port}`;
      const shape = `* ${routeShape(forward.path)}`;
      const owner = owners.get(shape);
      if (owner === undefined) {
        owners.set(shape, capability);
        forwards.push(forward);
      } else if (owner === capability) {
        const message = `${shown} is forwarded twice by this file; the first one answers. Give one a path or a port of its own.`;
        shadowed.push({ file: capability.file, code: 'ROUTE_DUPLICATE', message });
      } else if (!conflicts.has(capability)) {
        conflicts.set(
          capability,
          `${shown} is forwarded by ${owner.file} and by ${capability.file}. Mount each under its namespace with --prefix, or give one another port with --port ${plan.namespace}=<port>.`,
        );
      }
    }
  }
  return { routes, forwards, conflicts: conflictsOf(conflicts), shadowed };
}

/** Paths of MCP on the port; they win over REST routes, as a variable would swallow them else. */
function endpointPaths({ mcp }: Mount): ReadonlySet<string> {
  if (mcp.length === 0) return new Set();
  const own = mcp.map(({ plan }) => `/${plan.namespace}/mcp`);
  return new Set(['/mcp', ...own].map(routeShape));
}

const conflictsOf = (messages: ReadonlyMap<CapabilityPlan, string>): Conflict[] =>
  Array.from(messages, ([later, message]) => ({ later, message }));
