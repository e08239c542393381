import type { ExposesControl } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import type { ControlPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

export function compileControl(
  compilation: Compilation,
  expose: ExposesControl,
  pointer: string,
): ControlPlan {
  const { management = {} } = expose;
  for (const [key, endpoints] of Object.entries(MANAGEMENT)) {
    const wanted = management[key as keyof typeof MANAGEMENT];
    if (wanted === undefined || wanted === false) continue;
    reportUnserved(compilation, pointerOf(pointer, 'management', key), endpoints);
  }
  reportObservability(compilation, expose, pointerOf(pointer, 'observability'));
  return {
    face: 'control',
    ...(expose.namespace === undefined ? {} : { namespace: expose.namespace }),
    ...(expose.address === undefined ? {} : { address: expose.address }),
    port: expose.port as number,
    ...(expose.description === undefined ? {} : { description: expose.description }),
    health: management.health ?? true,
    info: management.info ?? false,
  };
}

const MANAGEMENT = {
  reload: 'POST /config/reload is',
  validate: 'POST /config/validate is',
  logs: '/logs and /logs/stream are',
  scripting: 'GET and PUT /scripting are',
} as const;

const OBSERVABILITY = {
  metrics: '/metrics is',
  traces: '/traces is',
  exporters: 'Exporters of metrics and traces are',
} as const;

function reportObservability(
  compilation: Compilation,
  { observability }: ExposesControl,
  pointer: string,
): void {
  if (observability === undefined || observability.enabled === false) return;
  const wanted = (Object.keys(OBSERVABILITY) as (keyof typeof OBSERVABILITY)[]).filter(
    (key) => observability[key] !== undefined && !isOff(observability, key),
  );
  for (const key of wanted) {
    reportUnserved(compilation, pointerOf(pointer, key), OBSERVABILITY[key]);
  }
  if (Object.keys(observability).every((key) => key === 'enabled')) {
    reportUnserved(compilation, pointer, '/metrics and /traces are');
  }
}

const isOff = (
  observability: NonNullable<ExposesControl['observability']>,
  key: keyof typeof OBSERVABILITY,
): boolean => key !== 'exporters' && observability[key]?.local?.enabled === false;

const reportUnserved = (compilation: Compilation, pointer: string, endpoints: string): void =>
  compilation.report(
    'NOT_SERVED_YET',
    pointer,
    `${endpoints} not served yet; the rest of the control expose is.`,
    { severity: 'warning', at: 'key' },
  );
