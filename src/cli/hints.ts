import type { Gateway } from '../gateway/gateway.ts';
import type { InputPlan, Json, JsonSchema, RoutePlan, ToolPlan } from '../plan/plan.ts';
import { originOf } from './summary.ts';

/** What to try next, ready to paste: a REST call, a tool call, a client's configuration. */
export function hintsFor(gateway: Gateway): string {
  if (gateway.capabilities.length > 3) return '';
  const lines: string[] = [];
  const rest = gateway.listeners.find(({ mount }) =>
    mount.rest.some(({ plan }) => plan.routes.length > 0),
  );
  const route = rest?.mount.rest[0]?.plan.routes[0];
  if (rest !== undefined && route !== undefined)
    lines.push('', 'Try a REST route:', `  ${curlFor(originOf(rest), route)}`);
  const mcp = gateway.listeners.find(({ mount }) =>
    mount.mcp.some(({ plan }) => plan.tools.length > 0),
  );
  const plan = mcp?.mount.mcp[0]?.plan;
  const tool = plan?.tools[0];
  if (mcp !== undefined && plan !== undefined && tool !== undefined) {
    const url = `${originOf(mcp)}/mcp`;
    lines.push('', 'Call a tool:', `  ${toolCallFor(url, tool)}`);
    const name = mcp.mount.mcp.length === 1 ? plan.namespace : 'naftiko';
    lines.push(
      '',
      'Give it to an MCP client:',
      `  ${JSON.stringify({ mcpServers: { [name]: { type: 'http', url } } })}`,
    );
  }
  if (lines.length > 0) lines.push('', 'Ctrl-C stops.');
  return lines.join('\n');
}

function curlFor(origin: string, route: RoutePlan): string {
  const { inputs } = route.operation;
  const at = (place: InputPlan['from']['in']) =>
    inputs.filter((input) => input.from.in === place && input.required);
  const path = at('path').reduce(
    (url, input) =>
      url.replace(`{${input.from.name}}`, encodeURIComponent(String(sampleOf(input.schema)))),
    route.path,
  );
  const query = at('query').map(
    (input) =>
      `${encodeURIComponent(input.name)}=${encodeURIComponent(String(sampleOf(input.schema)))}`,
  );
  const url = origin + path + (query.length === 0 ? '' : `?${query.join('&')}`);
  const words = ['curl', '-s', ...(route.method === 'GET' ? [] : ['-X', route.method]), quote(url)];
  for (const input of at('header'))
    words.push('-H', quote(`${input.name}: ${String(sampleOf(input.schema))}`));
  const body = bodySample(inputs);
  if (body !== undefined)
    words.push('-H', quote('content-type: application/json'), '-d', quote(JSON.stringify(body)));
  return words.join(' ');
}

function bodySample(inputs: readonly InputPlan[]): Json | undefined {
  const bodies = inputs.filter((input) => input.from.in === 'body');
  const whole = bodies.find((input) => input.from.whole === true);
  if (whole !== undefined) return sampleOf(whole.schema);
  return bodies.length === 0
    ? undefined
    : Object.fromEntries(bodies.map((input) => [input.name, sampleOf(input.schema)]));
}

function toolCallFor(url: string, tool: ToolPlan): string {
  const args = Object.fromEntries(
    tool.operation.inputs
      .filter((input) => input.required)
      .map((input) => [input.key, sampleOf(input.schema)]),
  );
  const message = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: tool.definition.name, arguments: args },
  };
  return `curl -s ${quote(url)} -H ${quote('content-type: application/json')} -d ${quote(JSON.stringify(message))}`;
}

/** A value that fits a schema: its default, its first enum value, else one made up for its type. */
export function sampleOf(schema: JsonSchema): Json {
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as Json;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object': {
      const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
      const required = new Set((schema.required ?? []) as readonly string[]);
      const members = Object.entries(properties).filter(
        ([name]) => required.size === 0 || required.has(name),
      );
      return Object.fromEntries(members.map(([name, property]) => [name, sampleOf(property)]));
    }
    default:
      return schema.format === 'email' ? 'user@example.com' : 'example';
  }
}

const quote = (text: string): string =>
  /^[\w:/.@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
