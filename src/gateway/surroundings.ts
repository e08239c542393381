import { type Adapter, createControlHandler, type MetricsText } from '../control/handler.ts';
import type { CapabilityPlan, ControlPlan, FacePlan, SkillPlan } from '../plan/plan.ts';
import type { Endpoint } from '../skill/catalog.ts';
import { createSkillHandler } from '../skill/handler.ts';
import type { Checks } from './access.ts';
import type { Declining, Served } from './dispatch.ts';
import { logFailure, pathOf } from './failure-log.ts';
import type { Listener, ListenerContext } from './listener.ts';
import { facesOf, type Mount } from './mount.ts';

/** What the faces of the gateway may know of one another while it runs. */
export interface Surroundings {
  readonly capabilities: readonly CapabilityPlan[];
  /** Where an expose is served; one of the capabilities given wins over others of its name. */
  readonly endpointOf: (
    namespace: string,
    first: ReadonlySet<CapabilityPlan>,
  ) => Endpoint | undefined;
  readonly adapters: () => readonly Adapter[];
  readonly draining: () => boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly metrics: MetricsText | undefined;
}

/** @param listeners those open so far; @param state as it is whenever it is asked for */
export function createSurroundings(
  capabilities: readonly CapabilityPlan[],
  listeners: readonly Listener[],
  state: { readonly draining: boolean; readonly speaksStdio: boolean },
  metrics?: MetricsText,
): Surroundings {
  const listenerOf = (face: FacePlan): Listener | undefined =>
    listeners.find(({ mount }) => facesOf(mount).some(({ plan }) => plan === face));

  function adapterOf(face: FacePlan): Adapter {
    const listener = listenerOf(face);
    const isStdio = listener === undefined && face.face === 'mcp';
    const serves = isStdio ? state.speaksStdio : listener !== undefined;
    return {
      type: face.face,
      ...(face.namespace === undefined ? {} : { namespace: face.namespace }),
      ...(listener === undefined ? {} : { port: listener.port }),
      ...(face.face === 'mcp' ? { transport: face.transport } : {}),
      state: serves ? (state.draining ? 'draining' : 'started') : 'stopped',
    };
  }

  return {
    capabilities,
    endpointOf(namespace, first) {
      const found = listeners.flatMap((listener) =>
        facesOf(listener.mount)
          .filter(({ plan }) => plan.namespace === namespace && plan.face !== 'control')
          .map((mounted) => ({ ...mounted, listener })),
      );
      const best = found.find(({ capability }) => first.has(capability)) ?? found[0];
      if (best === undefined) return undefined;
      const { host, port } = best.listener;
      return { host, port, path: best.plan.face === 'mcp' ? `/${namespace}/mcp` : '' };
    },
    adapters: () => capabilities.flatMap(({ faces }) => faces.map(adapterOf)),
    draining: () => state.draining,
    startedAt: Date.now(),
    metrics,
  };
}

/** The skills and the control endpoints of one port. */
export function createOperatorFaces(
  mount: Mount,
  checks: Checks,
  context: ListenerContext,
): Pick<Served, 'skills' | 'control'> {
  const [skill] = mount.skill;
  const [control] = mount.control;
  return {
    ...(skill === undefined ? {} : { skills: skillsOf(mount, skill.plan, checks, context) }),
    ...(control === undefined ? {} : { control: controlOf(mount, control.plan, checks, context) }),
  };
}

function skillsOf(
  { skill }: Mount,
  first: SkillPlan,
  checks: Checks,
  { surroundings, mask, log }: ListenerContext,
): Declining {
  const own = new Set(skill.map(({ capability }) => capability));
  const plan = { ...first, skills: skill.flatMap(({ plan: { skills } }) => skills) };
  const handle = createSkillHandler(plan, {
    endpointOf: (namespace) => surroundings.endpointOf(namespace, own),
    mask,
    onFailure: (error, { method, url = '' }) =>
      logFailure(log, error, { method, path: pathOf(url) }),
  });
  return {
    handle,
    knows: (path) => path === '/skills' || path.startsWith('/skills/'),
    check: checks.get(first),
  };
}

function controlOf(
  { control }: Mount,
  first: ControlPlan,
  checks: Checks,
  { surroundings, mask, version }: ListenerContext,
): Declining {
  const { capabilities, adapters, draining, startedAt, metrics: text } = surroundings;
  const health = control.some(({ plan }) => plan.health);
  const info = control.some(({ plan }) => plan.info);
  const metrics = text !== undefined && control.some(({ plan }) => plan.metrics);
  const handle = createControlHandler(
    { ...first, health, info, metrics },
    {
      version,
      capabilities: capabilities.map(({ label, specVersion }) => ({ label, specVersion })),
      adapters,
      draining,
      mask,
      startedAt,
      metrics: text,
    },
  );
  const known = [
    ...(health ? ['/health/live', '/health/ready'] : []),
    ...(info ? ['/status'] : []),
    ...(metrics ? ['/metrics'] : []),
  ];
  const paths = new Set(known.flatMap((path) => [path, `${path}/`]));
  return { handle, knows: (path) => paths.has(path), check: checks.get(first) };
}
