import { hashed, servedToolName, type ToolNames } from '../compile/tool-name.ts';
import type { CapabilityPlan, ToolPlan } from '../plan/plan.ts';
import type { Conflict } from './merge.ts';
import type { Mount } from './mount.ts';

/**
 * The tools of all MCP faces on one port; names that collide are qualified with their namespace. Where
 * that makes other names alike, which only names that are changed anyway can become, a hash parts them.
 */
export function mergeTools(
  { mcp, port }: Mount,
  toolNames: ToolNames,
): { readonly tools: readonly ToolPlan[]; readonly conflicts: readonly Conflict[] } {
  const counts = new Map<string, number>();
  for (const { definition } of mcp.flatMap(({ plan }) => plan.tools)) {
    counts.set(definition.name, (counts.get(definition.name) ?? 0) + 1);
  }
  const all = mcp.flatMap(({ plan: { namespace, tools }, capability }) =>
    tools.map((tool) => {
      const { name } = tool.definition;
      const wanted = counts.get(name) === 1 ? name : qualified(namespace, name, toolNames);
      const own = `${namespace}/${publishedNameOf(tool)}`;
      return { namespace, capability, tool, wanted, own };
    }),
  );
  const claims = new Map<string, Set<string>>();
  for (const { wanted, own } of all) {
    claims.set(wanted, (claims.get(wanted) ?? new Set()).add(own));
  }
  const owners = new Map<string, CapabilityPlan>();
  const conflicts = new Map<CapabilityPlan, string>();
  const merged: ToolPlan[] = [];
  for (const { namespace, capability, tool, wanted, own } of all) {
    const isChanged = toolNames !== 'published' && wanted !== tool.definition.name;
    const isAlike = claims.get(wanted)?.size !== 1;
    const name = isChanged && isAlike ? hashed(wanted, own, toolNames) : wanted;
    const owner = owners.get(name);
    if (owner === undefined) {
      owners.set(name, capability);
      merged.push(name === tool.definition.name ? tool : renamed(tool, name));
    } else if (!conflicts.has(capability)) {
      conflicts.set(
        capability,
        `The tool "${publishedNameOf(tool)}" of the namespace "${namespace}" on port ${port} is served by ${owner.file} and by ${capability.file}. Give one expose another namespace, or another port with --port ${namespace}=<port>.`,
      );
    }
  }
  return {
    tools: merged,
    conflicts: Array.from(conflicts, ([later, message]) => ({ later, message })),
  };
}

/** A name that several exposes have, told apart by the namespace and spelled like any other. */
export const qualified = (namespace: string, name: string, toolNames: ToolNames): string =>
  servedToolName(`${namespace}_${name}`, toolNames);

const publishedNameOf = ({ published, definition }: ToolPlan): string =>
  published ?? definition.name;

const renamed = (tool: ToolPlan, name: string): ToolPlan => ({
  ...tool,
  definition: { ...tool.definition, name },
  published: publishedNameOf(tool),
});
