import type { ToolOptions } from '../mcp/tools.ts';
import { measuredCall } from '../metrics/calls.ts';
import type { Row } from '../metrics/meter.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { measuredHandler } from '../metrics/requests.ts';
import type { CapabilityPlan, FacePlan, OperationPlan, RoutePlan } from '../plan/plan.ts';
import type { Around } from './dispatch.ts';
import type { GatewayOptions } from './options.ts';

/** Whether anybody can read metrics: what nobody reads is not counted. */
export const areMetricsRead = (
  capabilities: readonly CapabilityPlan[],
  { metrics }: GatewayOptions,
): boolean =>
  metrics ??
  capabilities.some(({ faces }) => faces.some((face) => face.face === 'control' && face.metrics));

/** Measures requests to routes and forwards, each under the path that its file gives it. */
export function measuringRoutes(
  { routes }: Metrics,
  capabilities: readonly CapabilityPlan[],
): Around {
  const namespaces = new Map<object, string>();
  for (const face of facesOf(capabilities)) {
    if (face.face !== 'rest') continue;
    for (const plan of [...face.routes, ...(face.forwards ?? [])])
      namespaces.set(plan, face.namespace);
  }
  return (handle, plan) => {
    const namespace = namespaces.get(plan) ?? '';
    const row = isRoute(plan)
      ? routes.row(namespace, plan.method, plan.path)
      : routes.row(namespace, '*', `${plan.path}/*`);
    return measuredHandler(handle, routes, row);
  };
}

const isRoute = (plan: Parameters<Around>[1]): plan is RoutePlan => 'method' in plan;

/** Measures calls of tools, each under the name it is served by; all unknown names are one. */
export function measuringCalls(
  { tools: meter }: Metrics,
  capabilities: readonly CapabilityPlan[],
): NonNullable<ToolOptions['aroundCall']> {
  const namespaces = new Map<OperationPlan, string>();
  for (const face of facesOf(capabilities)) {
    if (face.face !== 'mcp') continue;
    for (const { operation } of face.tools) namespaces.set(operation, face.namespace);
  }
  return ({ name, tools }) => {
    const rows = new Map<string, Row>();
    for (const { definition, published, operation } of tools) {
      const row = meter.row(namespaces.get(operation) ?? '', definition.name);
      rows.set(definition.name, row);
      if (published !== undefined && !rows.has(published)) rows.set(published, row);
    }
    const unknown = meter.row(name, '');
    return (call) => measuredCall(call, meter, (called) => rows.get(called) ?? unknown);
  };
}

const facesOf = (capabilities: readonly CapabilityPlan[]): readonly FacePlan[] =>
  capabilities.flatMap(({ faces }) => faces);
