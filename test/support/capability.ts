/** One operation, consumed and exposed on both faces. */
export interface OperationOutline {
  /** `METHOD /route` of the REST face. */
  readonly route: string;
  /** `METHOD /path` of the consumed API; the route when absent. */
  readonly consumed?: string;
  /** Parameters of the consumed operation. */
  readonly parameters?: readonly object[];
  /** Feeds each parameter from the input of its name when absent, as published files do. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Declared `inputParameters` of both faces. */
  readonly declared?: readonly object[];
  readonly output?: readonly object[];
  readonly format?: string;
}

export interface CapabilityOutline {
  /** Namespaces are `<name>-api`, `<name>-rest` and `<name>-mcp`. */
  readonly name?: string;
  /** By name; a tool has the same one. */
  readonly operations: Readonly<Record<string, OperationOutline>>;
  /** Members of the consumes block: authentication, headers… */
  readonly consumes?: Readonly<Record<string, unknown>>;
  readonly binds?: readonly object[];
  readonly faces?: readonly ('rest' | 'mcp')[];
  readonly address?: string;
}

/** Text of a capability file; `startGateway` says where its upstream is. */
export function capability(outline: CapabilityOutline): string {
  const { name = 'things', operations, consumes = {}, binds, faces = ['rest', 'mcp'] } = outline;
  const entries = Object.entries(operations);
  const exposed = (entry: OperationOutline, root: string): object => ({
    with: entry.with ?? feedsOf(entry, root),
    ...(entry.declared === undefined ? {} : { inputParameters: entry.declared }),
    ...(entry.output === undefined ? {} : { outputParameters: entry.output }),
  });
  const common = outline.address === undefined ? {} : { address: outline.address };
  const rest = {
    type: 'rest',
    ...common,
    namespace: `${name}-rest`,
    port: 8080,
    resources: entries.map(([operation, entry]) => {
      const [method, path] = entry.route.split(' ');
      const call = `${name}-api.${operation}`;
      return { path, operations: [{ method, name: operation, call, ...exposed(entry, 'rest') }] };
    }),
  };
  const mcp = {
    type: 'mcp',
    ...common,
    namespace: `${name}-mcp`,
    port: 9090,
    transport: 'http',
    tools: entries.map(([operation, entry]) => ({
      name: operation,
      description: `Does ${operation}`,
      call: `${name}-api.${operation}`,
      ...exposed(entry, 'tools'),
    })),
  };
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: `The ${name}`, description: `All about ${name}` },
    ...(binds === undefined ? {} : { binds }),
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: `${name}-api`,
          baseUri: 'http://upstream.invalid',
          ...consumes,
          resources: entries.map(([operation, { route, consumed = route, parameters, format }]) => {
            const [method, path] = consumed.split(' ');
            return {
              name: operation,
              path,
              operations: [
                {
                  name: operation,
                  method,
                  outputRawFormat: format ?? 'json',
                  ...(parameters === undefined ? {} : { inputParameters: parameters }),
                },
              ],
            };
          }),
        },
      ],
      exposes: [...(faces.includes('rest') ? [rest] : []), ...(faces.includes('mcp') ? [mcp] : [])],
    },
  });
}

function feedsOf({ parameters = [] }: OperationOutline, root: string): object {
  const named = parameters as readonly { name: string; value?: unknown }[];
  return Object.fromEntries(
    named.filter(({ value }) => value === undefined).map(({ name }) => [name, `${root}.${name}`]),
  );
}

/** A whole-payload output, as published files have it. */
export const whole = [{ type: 'object', mapping: '$.' }] as const;
