import type { ExposesControl } from '../document/faces.ts';
import type { ControlPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { reportUnserved } from './unserved.ts';

export function compileControl(
  compilation: Compilation,
  expose: ExposesControl,
  pointer: string,
): ControlPlan {
  const { management = {}, observability = {} } = expose;
  reportUnserved(compilation, 'control', expose, pointer, 'the rest of the control expose is.');
  return {
    face: 'control',
    ...(expose.namespace === undefined ? {} : { namespace: expose.namespace }),
    ...(expose.address === undefined ? {} : { address: expose.address }),
    port: expose.port as number,
    ...(expose.description === undefined ? {} : { description: expose.description }),
    health: management.health ?? true,
    info: management.info ?? false,
    metrics: observability.enabled !== false && observability.metrics?.local?.enabled !== false,
  };
}
