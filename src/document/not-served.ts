/**
 * The one list of what the published schema has and this gateway does not serve. Everything else is
 * honoured: a test walks the schema and holds that each property is either proven or listed here.
 */
export interface NotServed {
  /** What is not served, as the subject of a sentence with its verb. */
  readonly what: string;
  /** A control expose. */
  readonly in: 'control';
  /** The way to it from there. */
  readonly at: readonly string[];
  /** What a file that says it is told; a hint that nothing depends on is no more than a note. */
  readonly severity: 'warning' | 'info';
}

/** By `Definition.property` of the published schema. */
export const NOT_SERVED: Readonly<Record<string, NotServed>> = {
  'ControlManagementSpec.reload': control('POST /config/reload is', 'management', 'reload'),
  'ControlManagementSpec.validate': control('POST /config/validate is', 'management', 'validate'),
  'ControlManagementSpec.logs': control('/logs and /logs/stream are', 'management', 'logs'),
  'ControlLogsEndpointSpec.level-control': logs('level-control'),
  'ControlLogsEndpointSpec.stream': logs('stream'),
  'ControlLogsEndpointSpec.max-subscribers': logs('max-subscribers'),
  'ObservabilitySpec.traces': traces(),
  'ObservabilityTracesSpec.sampling': traces('sampling'),
  'ObservabilityTracesSpec.propagation': traces('propagation'),
  'ObservabilityTracesSpec.local': traces('local'),
  'ObservabilityTracesLocalSpec.enabled': traces('local', 'enabled'),
  'ObservabilityTracesLocalSpec.buffer-size': traces('local', 'buffer-size'),
  'ObservabilitySpec.exporters': exporters(),
  'ObservabilityExportersSpec.otlp': exporters('otlp'),
  'ObservabilityOtlpExporterSpec.endpoint': exporters('otlp', 'endpoint'),
};

/** Endpoints that need no property of their own: the settings they show are honoured. */
export const NOT_SERVED_ENDPOINTS: Readonly<Record<string, NotServed>> = {
  'ControlManagementSpec.scripting': control(
    'GET and PUT /scripting are',
    'management',
    'scripting',
  ),
};

/** One thing that a part of a file asks for in vain, and the way to it. */
export interface Unserved {
  readonly what: string;
  readonly at: readonly string[];
  readonly severity: 'warning' | 'info';
}

/** What `written`, a control expose, asks for in vain: the uppermost keys, each once. */
export function unservedIn(kind: NotServed['in'], written: unknown): readonly Unserved[] {
  const asked = [...Object.values(NOT_SERVED), ...Object.values(NOT_SERVED_ENDPOINTS)].filter(
    (each) => each.in === kind && isAsked(memberAt(written, each.at)) && !isOff(written, each.at),
  );
  const keys = new Set(asked.map(({ at }) => at.join('/')));
  return asked.filter(({ at }) =>
    at.slice(0, -1).every((_, index) => !keys.has(at.slice(0, index + 1).join('/'))),
  );
}

/** Whether the file switches off what it says there. */
function isOff(written: unknown, [part = '', key = '']: readonly string[]): boolean {
  if (part !== 'observability') return false;
  const block = memberAt(written, [part]);
  return (
    memberAt(block, ['enabled']) === false || memberAt(block, [key, 'local', 'enabled']) === false
  );
}

const isAsked = (value: unknown): boolean => value !== undefined && value !== false;

function memberAt(value: unknown, way: readonly string[]): unknown {
  return way.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)
        ? (parent as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}

function control(what: string, ...at: readonly string[]): NotServed {
  return { what, in: 'control', at, severity: 'warning' };
}

function logs(key: string): NotServed {
  return control('/logs and /logs/stream are', 'management', 'logs', key);
}

function traces(...way: readonly string[]): NotServed {
  return control('/traces is', 'observability', 'traces', ...way);
}

function exporters(...way: readonly string[]): NotServed {
  return control('Exporters of metrics and traces are', 'observability', 'exporters', ...way);
}
