import type { CapabilityPlan, McpPlan, RestPlan } from '../plan/plan.ts';
import type { GatewayOptions } from './options.ts';

/** The faces that share one port, and what each serves there. */
export interface Mount {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly rest: readonly { readonly plan: RestPlan; readonly capability: CapabilityPlan }[];
  readonly mcp: readonly { readonly plan: McpPlan; readonly capability: CapabilityPlan }[];
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
      const host = hostOf(plan, options);
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

/** `localhost` is one address, so that whoever names it shares a port with those who name none. */
function hostOf({ address }: RestPlan | McpPlan, { host }: GatewayOptions): string {
  const name = host ?? address ?? LOOPBACK;
  return name.toLowerCase() === 'localhost' ? LOOPBACK : name;
}

function portOf(
  plan: RestPlan | McpPlan,
  { ports = {}, restPort, mcpPort }: GatewayOptions,
): number {
  const own = Object.hasOwn(ports, plan.namespace) ? ports[plan.namespace] : undefined;
  return own ?? (plan.face === 'rest' ? restPort : mcpPort) ?? plan.port ?? 0;
}
