import { createMcpHandler, type McpHandler, type McpHandlerOptions } from '../mcp/http.ts';
import type { McpToolset } from '../mcp/tools.ts';
import type { ToolPlan } from '../plan/plan.ts';
import type { Mount } from './mount.ts';

type McpMounts = Mount['mcp'];

/** `/mcp` for all tools on the port, `/<namespace>/mcp` for those of one namespace. */
export function createMcpEndpoints(
  { mcp }: Mount,
  tools: readonly ToolPlan[],
  version: string,
  options: McpHandlerOptions,
): ReadonlyMap<string, McpHandler> {
  const endpoints = new Map<string, McpHandler>();
  if (mcp.length === 0) return endpoints;
  const all = createMcpHandler(toolsetOf(mcp, tools, version), options);
  endpoints.set('/mcp', all);
  for (const namespace of new Set(mcp.map(({ plan }) => plan.namespace))) {
    const mounts = mcp.filter(({ plan }) => plan.namespace === namespace);
    const own = mounts.flatMap(({ plan }) => plan.tools);
    endpoints.set(
      `/${namespace}/mcp`,
      mounts.length === mcp.length
        ? all
        : createMcpHandler(toolsetOf(mounts, own, version), options),
    );
  }
  return endpoints;
}

/** How tools present themselves: as their capability, or as the gateway when they come from several. */
export function toolsetOf(
  mounts: McpMounts,
  tools: readonly ToolPlan[],
  version: string,
): McpToolset {
  const [first, ...others] = mounts;
  if (first === undefined || others.length > 0) {
    return { name: 'naftiko', title: 'Naftiko gateway', version, tools };
  }
  const { label, description } = first.capability;
  const instructions = description === undefined ? {} : { instructions: description };
  return { name: first.plan.namespace, title: label, version, ...instructions, tools };
}
