import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { McpPlan, OperationPlan, RestPlan, RoutePlan } from '../../src/plan/plan.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';

export const FACES = ['rest', 'mcp'] as const;
export type Face = (typeof FACES)[number];

export interface Reply {
  readonly status: number;
  /** JSON, where it is. */
  // biome-ignore lint/suspicious/noExplicitAny: what APIs answer
  readonly body: any;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls an operation of a capability by its name, as a client of a face does. */
export type Ask = (operation: string, inputs?: Readonly<Record<string, unknown>>) => Promise<Reply>;

export interface Told {
  readonly served: TestGateway;
  /** A call that has to succeed: what it answered. */
  // biome-ignore lint/suspicious/noExplicitAny: what APIs answer
  readonly get: (...call: Parameters<Ask>) => Promise<any>;
  /** A call that has to be refused with a status: the text of the refusal. */
  readonly refused: (status: number, ...call: Parameters<Ask>) => Promise<string>;
  readonly ask: Ask;
}

/** Where it is written down which story called what, on which face. */
export interface Ledger {
  note(story: string, face: Face, target: string): void;
  storiesOf(target: string, face: Face): readonly string[];
}

export function createLedger(): Ledger {
  const stories = new Map<string, Set<string>>();
  return {
    note(story, face, target) {
      const key = `${face} ${target}`;
      stories.set(key, (stories.get(key) ?? new Set()).add(story));
    },
    storiesOf: (target, face) => [...(stories.get(`${face} ${target}`) ?? [])],
  };
}

/** Serves capability files to the clients of one face. */
export async function tell(
  t: TestContext,
  { face, files, ledger, story }: StoryPlace,
  options: TestGatewayOptions,
): Promise<Told> {
  const served = await startGateway(t, files, options);
  const plans = served.gateway.capabilities.flatMap(({ faces }) => faces);
  const ask =
    face === 'rest'
      ? restClient(served, plans)
      : mcpClient(plans, await connectAgent(t, served.mcp));
  const targets = new Map(
    plans
      .filter(isMcp)
      .flatMap((plan) =>
        operationsOf(plan).map(({ name, operation }) => [name, targetOf(operation)] as const),
      ),
  );
  return {
    served,
    ask,
    async get(operation, inputs) {
      const reply = await ask(operation, inputs);
      assert.ok(reply.status < 300, `${operation} over ${face}: ${reply.status} ${reply.text}`);
      ledger.note(story, face, targets.get(operation) as string);
      return reply.body;
    },
    async refused(status, operation, inputs) {
      const reply = await ask(operation, inputs);
      assert.equal(reply.status, status, `${operation} over ${face}: ${reply.text}`);
      return reply.text;
    },
  };
}

export interface StoryPlace {
  readonly face: Face;
  readonly files: string | readonly string[];
  readonly ledger: Ledger;
  readonly story: string;
}

type Plan = TestGateway['gateway']['capabilities'][number]['faces'][number];

const isRest = (plan: Plan): plan is RestPlan => plan.face === 'rest';
const isMcp = (plan: Plan): plan is McpPlan => plan.face === 'mcp';

/** The operations of a face, each route by the name of the consumed operation. */
export function operationsOf(
  plan: Plan,
): { name: string; operation: OperationPlan; route?: RoutePlan }[] {
  if (isRest(plan)) {
    return plan.routes.map((route) => ({
      name: targetOf(route.operation),
      operation: route.operation,
      route,
    }));
  }
  if (!isMcp(plan)) return [];
  return plan.tools.map(({ definition, operation }) => ({ name: definition.name, operation }));
}

const targetOf = ({ steps }: OperationPlan): string => steps[0]?.target ?? '';

/** Over REST an operation goes by the name of its tool, too. */
function restClient({ rest }: TestGateway, plans: readonly Plan[]): Ask {
  const routes = new Map<string, RoutePlan>();
  for (const plan of plans.filter(isRest)) {
    for (const route of plan.routes) routes.set(targetOf(route.operation), route);
  }
  const byName = new Map<string, RoutePlan>();
  for (const plan of plans.filter(isMcp)) {
    for (const { name, operation } of operationsOf(plan)) {
      const route = routes.get(targetOf(operation));
      if (route !== undefined) byName.set(name, route);
    }
  }
  return async (name, inputs = {}) => {
    const route = byName.get(name);
    assert.ok(route !== undefined, `no route for ${name}`);
    const { url, init } = requestOf(route, inputs);
    const response = await fetch(rest + url, init);
    const text = await response.text();
    const { status, headers } = response;
    return { status, text, body: parsed(text), headers: Object.fromEntries(headers) };
  };
}

/** What a client of REST makes of inputs: an array repeats its parameter, the body is JSON. */
export function requestOf(
  { method, path, operation }: RoutePlan,
  inputs: Readonly<Record<string, unknown>>,
): { url: string; init: RequestInit } {
  const headers = new Headers();
  const query = new URLSearchParams();
  let url = path;
  let body: string | undefined;
  for (const [name, value] of Object.entries(inputs)) {
    const { from } = operation.inputs.find((input) => input.name === name) ?? {};
    assert.ok(from !== undefined, `${method} ${path} has no input ${name}`);
    if (from.in === 'path') url = url.replace(`{${from.name}}`, encodeURIComponent(String(value)));
    else if (from.in === 'query') {
      for (const each of Array.isArray(value) ? value : [value])
        query.append(from.name, String(each));
    } else if (from.in === 'header') headers.set(from.name, String(value));
    else {
      body = JSON.stringify(value);
      headers.set('content-type', 'application/json');
    }
  }
  const text = query.size === 0 ? '' : `?${query}`;
  return { url: url + text, init: { method, headers, ...(body === undefined ? {} : { body }) } };
}

function mcpClient(plans: readonly Plan[], agent: Client): Ask {
  const known = new Set(
    plans.filter(isMcp).flatMap((plan) => operationsOf(plan).map(({ name }) => name)),
  );
  return async (name, inputs = {}) => {
    assert.ok(known.has(name), `no tool ${name}`);
    const result = await agent.callTool({ name, arguments: { ...inputs } });
    const text = textOf(result);
    const headers = Object.fromEntries(
      Array.from(text.matchAll(/^(Retry-After): (.*)$/gm), ([, key, value]) => [
        (key as string).toLowerCase(),
        value as string,
      ]),
    );
    return { status: result.isError ? statusIn(text) : 200, text, body: parsed(text), headers };
  };
}

/** `… answered 404 Not Found.` of the API, `INPUT_INVALID (400): …` of the gateway. */
const statusIn = (text: string): number =>
  Number(/^\S+ answered (\d{3})\b|^[A-Z_]+ \((\d{3})\)/.exec(text)?.slice(1).find(Boolean) ?? 0);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
