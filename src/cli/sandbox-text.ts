import type { Gateway } from '../gateway/gateway.ts';
import type { Json, OperationPlan } from '../plan/plan.ts';
import type { Sandbox, Trial } from '../sandbox/systems.ts';
import { type CurlCall, curl } from './hints.ts';
import { mcpUrlOf, originOf } from './summary.ts';

/**
 * What stands in for the systems that are called, and what to try with it. The credentials are made
 * up for this run, and shown: nothing of this goes through a mask.
 */
export function sandboxText({ sandboxes, listeners }: Gateway): string {
  return sandboxes
    .flatMap(({ system, variables, trials, note }) => [
      '',
      `${system} is a sandbox in this process: it keeps what it is told until the gateway ends, and`,
      'refuses what the real one refuses.',
      note,
      ...table(variables),
      ...restTrials(listeners, trials),
      ...toolTrials(listeners, trials),
    ])
    .join('\n');
}

function table(variables: Sandbox['variables']): string[] {
  const width = Math.max(...Object.keys(variables).map(({ length }) => length));
  return Object.entries(variables).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

type Listeners = Gateway['listeners'];

function restTrials(listeners: Listeners, trials: Sandbox['trials']): string[] {
  const routes = listeners.flatMap((listener) =>
    listener.mount.rest.flatMap(({ plan }) =>
      plan.routes.map((route) => ({ route, origin: originOf(listener) })),
    ),
  );
  return trials.flatMap((trial) => {
    const found = routes.find(({ route }) => isOf(trial, route.operation));
    if (found === undefined) return [];
    const { method, path } = found.route;
    return tried(trial.title, { method, url: found.origin + path, body: trial.body as Json });
  });
}

/** One is enough to see how a tool is called. */
function toolTrials(listeners: Listeners, trials: Sandbox['trials']): string[] {
  const tools = listeners.flatMap((listener) =>
    listener.mount.mcp.flatMap(({ plan }) =>
      plan.tools.map((tool) => ({ tool, url: mcpUrlOf(listener, plan.namespace) })),
    ),
  );
  for (const trial of trials) {
    const found = tools.find(({ tool }) => isOf(trial, tool.operation));
    if (found === undefined) continue;
    const { definition, operation } = found.tool;
    const params = { name: definition.name, arguments: argumentsOf(trial, operation) };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params } as Json;
    return tried(`${trial.title}, by a tool`, { method: 'POST', url: found.url, body });
  }
  return [];
}

function isOf({ operation }: Trial, { steps }: OperationPlan): boolean {
  const [step] = steps;
  if (step?.kind !== 'call') return false;
  return (
    step.target.endsWith(`.${operation}`) || operation === `${step.method} ${step.pathTemplate}`
  );
}

function argumentsOf(
  { body }: Trial,
  { inputs }: OperationPlan,
): Readonly<Record<string, unknown>> {
  const whole = inputs.find(({ from }) => from.in === 'body' && from.whole === true);
  if (whole === undefined || body === undefined) return body ?? {};
  return { [whole.key]: body };
}

function tried(
  title: string,
  call: Omit<CurlCall, 'headers' | 'body'> & { body?: Json },
): string[] {
  return ['', `${title}:`, ...curl({ ...call, headers: [], body: call.body })];
}
