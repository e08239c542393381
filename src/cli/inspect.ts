import { renderFindings } from '../document/render.ts';
import { type LoadedCapability, loadCapabilities } from '../gateway/load.ts';
import type { InputPlan, McpPlan, OperationPlan, RestPlan } from '../plan/plan.ts';
import type { Terminal } from './terminal.ts';

export interface InspectFlags {
  readonly envFile?: string;
  readonly prefix?: boolean;
  readonly baseUri: Readonly<Record<string, string>>;
  readonly toolNames: 'published' | 'short';
  readonly ambiguousCalls: 'first' | 'nearest';
  readonly format: 'text' | 'json';
}

/** Prints what files become. A variable without a value is no obstacle: it is shown as needed. */
export async function inspect(
  files: readonly string[],
  flags: InspectFlags,
  terminal: Terminal,
): Promise<number> {
  const { baseUri, format: _, ...same } = flags;
  const loaded = await loadCapabilities({ ...same, files, baseUris: baseUri });
  const described = loaded.drafts.map(describe);
  if (flags.format === 'json') {
    terminal.out(JSON.stringify({ capabilities: described, findings: loaded.findings }, null, 2));
  } else for (const capability of described) terminal.out(textOf(capability));
  const errors = loaded.findings.filter(
    ({ severity, code }) =>
      severity === 'error' && code !== 'VARIABLE_MISSING' && code !== 'BASE_URI_INCOMPLETE',
  );
  if (errors.length === 0) return 0;
  if (flags.format === 'text')
    terminal.err(renderFindings(errors, loaded.sources, { color: terminal.color }));
  return 1;
}

type Described = ReturnType<typeof describe>;

function describe({ compiled }: LoadedCapability) {
  const { draft, variables } = compiled;
  return {
    file: draft.file,
    label: draft.label,
    consumes: draft.consumes,
    variables,
    rest: draft.faces
      .filter((face): face is RestPlan => face.face === 'rest')
      .map((face) => ({
        namespace: face.namespace,
        port: face.port,
        routes: face.routes.map(({ method, path, description, operation }) => ({
          method,
          path,
          description,
          inputs: operation.inputs.map((input) => describeInput(input)),
          ...upstreamOf(operation),
        })),
      })),
    mcp: draft.faces
      .filter((face): face is McpPlan => face.face === 'mcp')
      .map((face) => ({
        namespace: face.namespace,
        transport: face.transport,
        port: face.port,
        tools: face.tools.map(({ definition, operation }) => ({
          ...definition,
          ...upstreamOf(operation),
        })),
      })),
  };
}

const describeInput = ({ name, type, required, from, description }: InputPlan) => ({
  name,
  in: from.in,
  ...(from.name.toLowerCase() === name.toLowerCase() ? {} : { as: from.name }),
  type,
  required,
  ...(description === undefined ? {} : { description }),
});

const upstreamOf = ({ steps, answer }: OperationPlan) => ({
  upstream: steps.map(({ target, method, baseUri, pathTemplate }) => ({
    operation: target,
    method,
    url: `${baseUri || '<base URI>'}${pathTemplate}`,
  })),
  answer: answer.kind,
});

function textOf(capability: Described): string {
  const lines = [`${capability.label}  (${capability.file})`];
  for (const { namespace, baseUri, authentication, operations } of capability.consumes) {
    lines.push(
      `  consumes ${namespace}: ${baseUri || '<no base URI>'}, ${operations} operations, authentication ${authentication}`,
    );
  }
  for (const { key, hasValue } of capability.variables)
    lines.push(`  variable ${key}${hasValue ? '' : '  (has no value)'}`);
  for (const face of capability.rest) {
    lines.push('', `  REST ${face.namespace} on port ${face.port}`);
    for (const route of face.routes) {
      lines.push(
        `    ${route.method.padEnd(6)} ${route.path}`,
        `           -> ${upstreamText(route.upstream)}`,
      );
      for (const input of route.inputs)
        lines.push(
          `           ${input.name}  ${input.in} ${input.type}${input.required ? ' required' : ''}`,
        );
    }
  }
  for (const face of capability.mcp) {
    lines.push(
      '',
      `  MCP ${face.namespace} ${face.port === undefined ? `on ${face.transport}` : `on port ${face.port}`}`,
    );
    for (const tool of face.tools) {
      lines.push(
        `    ${tool.name}`,
        `           -> ${upstreamText(tool.upstream)}`,
        `           ${JSON.stringify(tool.inputSchema)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

const upstreamText = (steps: readonly { method: string; url: string }[]): string =>
  steps.map(({ method, url }) => `${method} ${url}`).join(', then ');
