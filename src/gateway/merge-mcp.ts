import type { PromptPlan, ResourcePlan } from '../plan/plan.ts';
import type { Shadowed } from './merge.ts';
import { qualified } from './merge-tools.ts';
import type { Mount } from './mount.ts';

/** The resources of all MCP faces on one port. A URI cannot be qualified: of two equal ones the first is served. */
export function mergeResources({ mcp, port }: Mount): {
  readonly resources: readonly ResourcePlan[];
  readonly shadowed: readonly Shadowed[];
} {
  const owners = new Map<string, string>();
  const resources: ResourcePlan[] = [];
  const shadowed: Shadowed[] = [];
  for (const { plan, capability } of mcp) {
    for (const resource of plan.resources ?? []) {
      const { uri } = resource.definition;
      const owner = owners.get(uri);
      if (owner === undefined) {
        owners.set(uri, plan.namespace);
        resources.push(resource);
        continue;
      }
      const message = `The resource ${uri} on port ${port} is that of the namespace "${owner}"; the one of "${plan.namespace}" is served at /${plan.namespace}/mcp alone. Give one another URI.`;
      shadowed.push({ file: capability.file, code: 'RESOURCE_DUPLICATE', message });
    }
  }
  return { resources, shadowed };
}

/** The prompts of all MCP faces on one port; names that collide are qualified with their namespace. */
export function mergePrompts({ mcp }: Mount): readonly PromptPlan[] {
  const counts = new Map<string, number>();
  for (const { definition } of mcp.flatMap(({ plan }) => plan.prompts ?? [])) {
    counts.set(definition.name, (counts.get(definition.name) ?? 0) + 1);
  }
  return mcp.flatMap(({ plan }) =>
    (plan.prompts ?? []).map((prompt) => {
      const { definition } = prompt;
      if (counts.get(definition.name) === 1) return prompt;
      const name = qualified(plan.namespace, definition.name, 'published');
      return { ...prompt, definition: { ...definition, name } };
    }),
  );
}
