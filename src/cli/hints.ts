import type { Gateway } from '../gateway/gateway.ts';
import type { InputPlan, Json, OperationPlan, RoutePlan, ToolPlan } from '../plan/plan.ts';
import { clientLines } from './clients.ts';
import { type Credential, credentialOf, withKey } from './credential.ts';
import type { RunFlags } from './run-flags.ts';
import { sampleOf, sampleTextOf } from './sample.ts';
import { commandLine, type Word } from './shell.ts';
import { mcpUrlOf, originOf } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** What to try next, ready to paste: a REST call, a tool call, the configuration of MCP clients. */
export function hintsFor(
  gateway: Gateway,
  flags: RunFlags,
  terminal: Pick<Terminal, 'invocation'>,
): string {
  if (gateway.listeners.length === 0) return '';
  const isMock = flags.mock === true || flags.mockOpenapi !== undefined;
  // A sandbox has its own to try.
  const isSandbox = gateway.sandboxes.length > 0;
  return [
    ...(isSandbox ? [] : [...restLines(gateway, isMock), ...toolLines(gateway, isMock)]),
    ...clientLines(gateway, flags, terminal.invocation),
    '',
    'Ctrl-C stops.',
  ].join('\n');
}

function restLines({ listeners }: Gateway, isMock: boolean): string[] {
  for (const listener of listeners) {
    for (const { plan } of listener.mount.rest) {
      const route = best(plan.routes, ({ operation, method }) =>
        awkwardness(operation, method, isMock),
      );
      if (route !== undefined)
        return tried('Try a REST route', curlFor(originOf(listener), route), credentialOf(plan));
    }
  }
  return [];
}

function toolLines({ listeners }: Gateway, isMock: boolean): string[] {
  for (const listener of listeners) {
    for (const { plan } of listener.mount.mcp) {
      const tool = best(plan.tools, ({ operation }) =>
        awkwardness(operation, operation.steps.at(-1)?.method ?? 'GET', isMock),
      );
      if (tool !== undefined)
        return tried(
          'Call a tool',
          toolCallFor(mcpUrlOf(listener, plan.namespace), tool),
          credentialOf(plan),
        );
    }
  }
  return [];
}

/** With what has to be set for it where callers have to show themselves. */
function tried(title: string, call: CurlCall, credential: Credential | undefined): string[] {
  const needs = credential === undefined ? '' : `, with ${credential.needs}`;
  return ['', `${title}${needs}:`, ...curl(call, credential)];
}

/** The least awkward, of equals the first. */
function best<T>(items: readonly T[], rank: (item: T) => number): T | undefined {
  const ranks = items.map(rank);
  return items[ranks.indexOf(Math.min(...ranks))];
}

/** An example should do no harm, and show how an input is given. */
function awkwardness({ inputs }: OperationPlan, method: string, isMock: boolean): number {
  const harmful = isMock || method === 'GET' || method === 'HEAD' ? 0 : 2;
  const deletes = method === 'DELETE' ? 4 : 0;
  return deletes + harmful + (inputs.some(({ required }) => required) ? 0 : 1);
}

function curlFor(origin: string, { method, path, operation }: RoutePlan): CurlCall {
  const needed = operation.inputs.filter(({ required }) => required);
  const at = (place: InputPlan['from']['in']): readonly InputPlan[] =>
    needed.filter(({ from }) => from.in === place);
  const samples = new Map(at('path').map((input) => [input.from.name, sampleTextOf(input)]));
  const filled = path.replace(/\{([^{}]*)\}/g, (_, name: string) =>
    encodeURIComponent(samples.get(name) ?? 'example'),
  );
  const query = new URLSearchParams(
    at('query').map((input): [string, string] => [input.from.name, sampleTextOf(input)]),
  ).toString();
  const headers = at('header').map((input) => `${input.from.name}: ${sampleTextOf(input)}`);
  const cookies = at('cookie').map((input) => `${input.from.name}=${sampleTextOf(input)}`);
  if (cookies.length > 0) headers.push(`cookie: ${cookies.join('; ')}`);
  const body = bodySample(operation.inputs);
  return { method, url: origin + filled + (query === '' ? '' : `?${query}`), headers, body };
}

/** The whole body when it is needed or described, or the required ones of its fields. */
function bodySample(inputs: readonly InputPlan[]): Json | undefined {
  const bodies = inputs.filter(({ from }) => from.in === 'body');
  const whole = bodies.find(({ from }) => from.whole === true);
  if (whole !== undefined) {
    const isShown = whole.required || whole.schema.properties !== undefined;
    return isShown ? sampleOf(whole.schema, whole.name) : undefined;
  }
  const needed = bodies.filter(({ required }) => required);
  if (needed.length === 0) return undefined;
  return Object.fromEntries(
    needed.map(({ from, name, schema }) => [from.name, sampleOf(schema, name)]),
  );
}

function toolCallFor(url: string, { definition, operation }: ToolPlan): CurlCall {
  const args = Object.fromEntries(
    operation.inputs
      .filter(({ required }) => required)
      .map(({ key, name, schema }) => [key, sampleOf(schema, name)]),
  );
  const params = { name: definition.name, arguments: args };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  return { method: 'POST', url, headers: [], body };
}

export interface CurlCall {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: Json | undefined;
}

export function curl({ method, url, headers, body }: CurlCall, credential?: Credential): string[] {
  const words = ['curl', '-sS', ...methodWords(method, body !== undefined)];
  // curl would read brackets and braces as patterns.
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  const groups: Word[][] = [[...words, withKey(url, credential)]];
  for (const given of credential?.curl ?? []) groups.push([...given]);
  for (const header of headers) groups.push(['-H', header]);
  if (body !== undefined) {
    groups.push(['-H', 'content-type: application/json'], ['-d', JSON.stringify(body)]);
  }
  return commandLine(groups);
}

/** curl takes GET, or POST with a body, by itself; and hangs on `-X HEAD`. */
function methodWords(method: string, hasBody: boolean): string[] {
  if (method === 'HEAD') return ['--head'];
  return method === (hasBody ? 'POST' : 'GET') ? [] : ['-X', method];
}
