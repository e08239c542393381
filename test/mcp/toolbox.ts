import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { readJson } from '../../src/format/json.ts';
import type { Caller } from '../../src/mcp/conversation.ts';
import { createMcpHandler, type McpHandler, type McpHandlerOptions } from '../../src/mcp/http.ts';
import type { McpToolset, ToolRunner } from '../../src/mcp/tools.ts';
import type { CallStep, InputPlan, InputType, Outcome, ToolPlan } from '../../src/plan/plan.ts';

export const step = (method = 'GET', target = 'items.get'): CallStep => ({
  kind: 'call',
  name: 'call',
  target,
  method,
  pathTemplate: '/items/{id}',
  baseUri: 'https://api.example.com',
  redirects: 0,
  setCookie: false,
  format: 'json',
  read: readJson,
  build: () => ({ origin: 'https://api.example.com', method, path: '/items/1', headers: [] }),
});

export function input(name: string, type: InputType, extra: Partial<InputPlan> = {}): InputPlan {
  return {
    name,
    key: name,
    type,
    required: false,
    schema: type === 'any' ? {} : { type },
    from: { in: 'query', name },
    passBytes: false,
    accept(value, refuse) {
      const fits = type === 'any' || type === (Number.isInteger(value) ? 'integer' : typeof value);
      if (!fits) refuse(`must be of type ${type}`);
      return value;
    },
    ...extra,
  };
}

export function tool(name: string, inputs: readonly InputPlan[] = [], from = step()): ToolPlan {
  const properties = Object.fromEntries(inputs.map(({ key, schema }) => [key, schema]));
  return {
    definition: {
      name,
      description: `The tool ${name}`,
      inputSchema: { type: 'object', properties },
      annotations: { readOnlyHint: true },
    },
    operation: { id: name, inputs, steps: [from], answer: { kind: 'identity' } },
  };
}

/** What an upstream answered; a string or Buffer body as it is, anything else as JSON. */
export function answered(
  body: unknown,
  status = 200,
  headers: readonly string[] = ['content-type', 'application/json'],
  from = step(),
): Outcome {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = Buffer.from(raw ? body : JSON.stringify(body));
  return { kind: 'answer', step: from, response: { status, headers, body: bytes } };
}

export const toolset = (tools: readonly ToolPlan[]): McpToolset => ({
  name: 'items',
  title: 'Items',
  version: '1.2.3',
  instructions: 'Ask for items.',
  tools,
});

/** The tools most tests are about: one that echoes, and one that waits until it is aborted. */
export const echoAndWait = toolset([
  tool('echo-item', [
    input('id', 'integer', { required: true }),
    input('$select', 'string', { key: 'select' }),
  ]),
  tool('wait'),
]);

export interface Waiting {
  readonly run: ToolRunner;
  /** Resolves when a call of `wait` has begun. */
  readonly begun: Promise<void>;
  /** Resolves when its signal aborted. */
  readonly aborted: Promise<void>;
}

export function echoAndWaitRunner(): Waiting {
  let begin = (): void => {};
  let abort = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
  });
  const run: ToolRunner = async (plan, values, { signal }) => {
    if (plan.definition.name !== 'wait') return answered({ got: values });
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        abort();
        reject(new Error('aborted'));
      });
      begin();
    });
  };
  return { run, begun, aborted };
}

export interface ServedMcp {
  readonly url: string;
  readonly handler: McpHandler;
  readonly server: http.Server;
}

/** Serves `tools` on a free port until the test ends. */
export async function serveMcp(
  t: TestContext,
  tools: McpToolset,
  options: McpHandlerOptions,
  callerOf: (req: http.IncomingMessage) => Caller = () => ({}),
): Promise<ServedMcp> {
  const handler = createMcpHandler(tools, options);
  const server = http.createServer((req, res) => void handler.handle(req, res, callerOf(req)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, handler, server };
}

/** What every endpoint declares, whatever it holds. */
export const EVERYTHING = {
  tools: {},
  resources: { subscribe: true },
  prompts: {},
  completions: {},
  logging: {},
};

/** For tests that wait on something a fault would keep from ever coming. */
export const bounded = { timeout: 60_000 };

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
