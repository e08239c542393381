import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { folderOf } from '../support/faces.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { send } from '../support/http.ts';

export interface ScriptedOutline {
  /** What every operation runs: `steps`, `inputParameters`, … */
  readonly operations: Readonly<Record<string, object>>;
  readonly baseUri?: string;
  /** The `management.scripting` of a control expose; there is none without it. */
  readonly scripting?: object;
  readonly aggregates?: readonly object[];
  readonly resources?: readonly object[];
  readonly binds?: readonly object[];
}

/** Text of a capability; each operation is a route `GET /<name>` and a tool, and the API has ships. */
export function scripted(outline: ScriptedOutline): string {
  const { operations, baseUri = 'http://127.0.0.1:9', scripting, aggregates } = outline;
  const names = Object.keys(operations);
  const consumed = { name: 'list-ships', method: 'GET', outputRawFormat: 'json' };
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'Ships', description: 'Ships.' },
    ...(outline.binds === undefined ? {} : { binds: outline.binds }),
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri,
          resources: [
            { name: 'ships', path: '/ships', operations: [consumed] },
            {
              name: 'ship',
              path: '/ships/{imo}',
              operations: [{ name: 'get-ship', method: 'GET', outputRawFormat: 'json' }],
            },
          ],
        },
      ],
      ...(aggregates === undefined ? {} : { aggregates }),
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: names.map((name) => ({
            path: `/${name}`,
            operations: [{ method: 'GET', name, ...operations[name] }],
          })),
        },
        {
          type: 'mcp',
          namespace: 'agents',
          port: 9090,
          tools: names.map((name) => ({ name, description: name, ...operations[name] })),
          ...(outline.resources === undefined ? {} : { resources: outline.resources }),
        },
        ...(scripting === undefined
          ? []
          : [{ type: 'control', port: 9100, management: { scripting } }]),
      ],
    },
  });
}

/** Serves a capability with its scripts beside it; `get` and `call` ask each face for an operation. */
export async function serveScripted(
  t: TestContext,
  outline: ScriptedOutline,
  scripts: Readonly<Record<string, string>>,
  options: TestGatewayOptions = {},
): Promise<
  TestGateway & {
    get(path: string): Promise<{ readonly status: number; readonly body: Problem }>;
    call(name: string, args?: Record<string, unknown>): Promise<Called>;
  }
> {
  const folder = await folderOf(t, { 'ships.yaml': scripted(outline), ...scripts });
  const control = outline.scripting === undefined ? {} : { ports: { control: 0 } };
  const served = await startGateway(t, join(folder, 'ships.yaml'), { ...control, ...options });
  const agent = await connectAgent(t, served.mcp);
  return {
    ...served,
    async get(path) {
      const { status, json } = await send(served.rest, path);
      return { status, body: json() as Problem };
    },
    async call(name, args = {}) {
      return (await agent.callTool({ name, arguments: args })) as unknown as Called;
    },
  };
}

interface Called {
  readonly isError?: boolean;
  readonly structuredContent?: unknown;
  readonly content: readonly { readonly text: string }[];
}

export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}
