import type {
  CapabilityPlan,
  ControlPlan,
  FacePlan,
  McpPlan,
  RestPlan,
  SkillPlan,
} from '../plan/plan.ts';
import type { GatewayOptions } from './options.ts';

/** One face and the capability it is of. */
export interface Mounted<Plan extends FacePlan> {
  readonly plan: Plan;
  readonly capability: CapabilityPlan;
}

/** The faces that share one port, and what each serves there. */
export interface Mount {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly rest: readonly Mounted<RestPlan>[];
  readonly mcp: readonly Mounted<McpPlan>[];
  readonly skill: readonly Mounted<SkillPlan>[];
  readonly control: readonly Mounted<ControlPlan>[];
}

const LOOPBACK = '127.0.0.1';

/** Groups the faces of all capabilities by the address they are served on. */
export function mountFaces(
  capabilities: readonly CapabilityPlan[],
  options: GatewayOptions,
): readonly Mount[] {
  const mounts = new Map<string, { host: string; port: number; faces: Mounted<FacePlan>[] }>();
  for (const capability of capabilities) {
    for (const plan of capability.faces) {
      if (plan.face === 'mcp' && plan.transport === 'stdio') continue;
      const port = portOf(plan, options);
      const host = hostOf(plan, options);
      // Free ports are one per face, not one per expose: faces that ask for the same one share it.
      const key = port === 0 ? `${host} ${plan.face}` : `${host} ${port}`;
      const mount = mounts.get(key) ?? { host, port, faces: [] };
      mounts.set(key, mount);
      mount.faces.push({ plan, capability });
    }
  }
  return Array.from(mounts.values(), ({ host, port, faces }) => ({
    host,
    port,
    rest: ofFace(faces, 'rest'),
    mcp: ofFace(faces, 'mcp'),
    skill: ofFace(faces, 'skill'),
    control: ofFace(faces, 'control'),
  }));
}

/** All faces of a port. */
export const facesOf = ({ rest, mcp, skill, control }: Mount): readonly Mounted<FacePlan>[] => [
  ...rest,
  ...mcp,
  ...skill,
  ...control,
];

const ofFace = <Face extends FacePlan['face']>(
  faces: readonly Mounted<FacePlan>[],
  face: Face,
): Mounted<FacePlan & { face: Face }>[] =>
  faces.filter((each): each is Mounted<FacePlan & { face: Face }> => each.plan.face === face);

/** `localhost` is one address, so that whoever names it shares a port with those who name none. */
function hostOf({ address }: FacePlan, { host }: GatewayOptions): string {
  const name = host ?? address ?? LOOPBACK;
  return name.toLowerCase() === 'localhost' ? LOOPBACK : name;
}

function portOf(plan: FacePlan, { ports = {}, restPort, mcpPort }: GatewayOptions): number {
  const name = plan.namespace ?? plan.face;
  const own = Object.hasOwn(ports, name) ? ports[name] : undefined;
  const ofAll = { rest: restPort, mcp: mcpPort, skill: undefined, control: undefined }[plan.face];
  return own ?? ofAll ?? plan.port ?? 0;
}

/** A name of each listener that is the same on another machine: addresses differ there, ports do not. */
export const listenerNames = (mounts: readonly Mount[]): readonly string[] =>
  mounts.map(({ port }, at) => {
    const before = mounts.slice(0, at).filter((other) => other.port === port).length;
    return `${port}.${before}`;
  });
