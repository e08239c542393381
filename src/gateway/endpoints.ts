import type { CheckAccess } from '../access/request.ts';
import type { ResourceMetadata } from '../access/resource-metadata.ts';
import { createMcpHandler, type McpHandler, type McpHandlerOptions } from '../mcp/http.ts';
import type { McpToolset } from '../mcp/tools.ts';
import type { McpPlan } from '../plan/plan.ts';
import type { Limits } from './limiting.ts';
import { hasCommonEndpoint, type Merged } from './merge.ts';
import type { Mount } from './mount.ts';
import type { EndpointAccess } from './protected.ts';

type McpMounts = Mount['mcp'];

/** What an endpoint has to offer. */
export type Offer = Pick<Merged, 'tools' | 'resources' | 'prompts'>;

export interface McpEndpoint {
  readonly handler: McpHandler;
  /** Asked before anything is answered; undefined lets everybody in. */
  readonly check: CheckAccess | undefined;
  /** Where access tokens are needed: what tells clients how to get one. */
  readonly metadata?: ResourceMetadata;
}

/** `/mcp` for all tools on the port, `/<namespace>/mcp` for those of one namespace. */
export function createMcpEndpoints(
  merged: Pick<Merged, 'mount'> & Offer,
  accessTo: EndpointAccess,
  version: string,
  { limits, ...options }: McpHandlerOptions & { readonly limits?: Limits },
): ReadonlyMap<string, McpEndpoint> {
  const { mcp } = merged.mount;
  const endpoints = new Map<string, McpEndpoint>();
  if (mcp.length === 0) return endpoints;
  function add(path: string, mounts: McpMounts, offer: Offer, handler?: McpHandler): McpHandler {
    const access = accessTo(path, (mounts[0] as McpMounts[number]).plan, offer);
    const create = (): McpHandler => {
      const created = createMcpHandler(toolsetOf(mounts, offer, version), {
        ...options,
        private: access.check !== undefined,
      });
      return limits === undefined ? created : limits.named(created);
    };
    const serving = handler ?? create();
    endpoints.set(path, { handler: serving, ...access });
    return serving;
  }
  const all = hasCommonEndpoint(merged.mount) ? add('/mcp', mcp, merged) : undefined;
  for (const namespace of new Set(mcp.map(({ plan }) => plan.namespace))) {
    const mounts = mcp.filter(({ plan }) => plan.namespace === namespace);
    const isAll = mounts.length === mcp.length && all !== undefined;
    if (isAll) add(`/${namespace}/mcp`, mounts, merged, all);
    else add(`/${namespace}/mcp`, mounts, offerOf(mounts.map(({ plan }) => plan)));
  }
  return endpoints;
}

const offerOf = (plans: readonly McpPlan[]): Offer => ({
  tools: plans.flatMap(({ tools }) => tools),
  resources: plans.flatMap(({ resources = [] }) => resources),
  prompts: plans.flatMap(({ prompts = [] }) => prompts),
});

/** How tools present themselves: as their capability, or as the gateway when they come from several. */
export function toolsetOf(
  mounts: McpMounts,
  { tools, resources, prompts }: Offer,
  version: string,
): McpToolset {
  const offer = { tools, resources, prompts };
  const [first, ...others] = mounts;
  if (first === undefined || others.length > 0) {
    return { name: 'naftiko', title: 'Naftiko gateway', version, ...offer };
  }
  const { label } = first.capability;
  const description = first.plan.description ?? first.capability.description;
  const instructions = description === undefined ? {} : { instructions: description };
  return { name: first.plan.namespace, title: label, version, ...instructions, ...offer };
}
