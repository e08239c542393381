import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { connectAgent } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { type ApiName, readSecrets, tutorial } from './documents.ts';
import { type Received, startApi } from './upstream.ts';

export interface Step {
  readonly gateway: Gateway;
  /** URL of the MCP endpoint. */
  readonly mcp: string;
  /** Origin of the REST expose. */
  readonly rest: string;
  /** Origin of the skill expose. */
  readonly skill: string;
  /** What both APIs received since this was last asked. */
  received(): readonly Received[];
  /** An MCP client that brings the token of the MCP expose. */
  agent(): Promise<Client>;
}

export interface StepOptions {
  /** Where the file lies, when it is not the published one. */
  readonly folder?: string;
  /** The registry takes requests without a token, as the second step sends them. */
  readonly open?: boolean;
}

/** Serves a file of the tutorial, unchanged but for its base URIs, on free ports until the test ends. */
export async function startStep(
  t: TestContext,
  file: string,
  { folder = tutorial, open = false }: StepOptions = {},
): Promise<Step> {
  const secrets = readSecrets();
  const secret = (name: string): string => secrets[name] as string;
  const consumed = consumedBy(file);
  const registry = await startApi(t, 'registry', {
    credential: secret('registry-bearer-token'),
    open,
  });
  const legacy = await startApi(t, 'legacy', { credential: secret('dockyard-api-key') });
  const apis = { registry, legacy };
  const { gateway, mcp, rest } = await startGateway(t, join(folder, file), {
    // What is kept of one story would not be asked for in the next.
    cache: 'off',
    baseUris: Object.fromEntries(consumed.map((name) => [name, apis[name].baseUri])),
    ports: stepNumber(file) < 7 ? {} : { 'shipyard-skills': 0 },
  });
  const skill = gateway.listeners.find(({ mount }) => mount.skill.length > 0);
  let seen = { registry: 0, legacy: 0 };
  return {
    gateway,
    mcp,
    rest,
    skill: `http://127.0.0.1:${skill?.port}`,
    received() {
      const fresh = [
        ...registry.received.slice(seen.registry),
        ...legacy.received.slice(seen.legacy),
      ];
      seen = { registry: registry.received.length, legacy: legacy.received.length };
      return fresh;
    },
    agent: () => connectAgent(t, mcp, bearer(secret('mcp-server-token'))),
  };
}

export const bearer = (token: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token}`,
});

export const stepNumber = (file: string): number => Number(/^step-(\d+)-/.exec(file)?.[1]);

function consumedBy(file: string): readonly ApiName[] {
  const step = stepNumber(file);
  return step === 1 ? [] : step < 5 ? ['registry'] : ['registry', 'legacy'];
}
