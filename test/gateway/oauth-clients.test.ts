import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Client as NewerClient,
  type OAuthClientProvider as NewerProvider,
  StreamableHTTPClientTransport as NewerTransport,
  UnauthorizedError as NewerUnauthorized,
} from '@modelcontextprotocol/client';
import {
  type OAuthClientProvider,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { textOf } from '../support/agent.ts';
import { AGENT, type Authority, MACHINE, startAuthority } from '../support/authority.ts';
import { MODES, type Mode } from '../support/newer-agent.ts';
import { startGuarded } from './oauth-gateway.ts';

/** What the clients of both SDKs can do; the tests need no more of them. */
interface Agent {
  connect(): Promise<unknown>;
  finish(query: URLSearchParams): Promise<void>;
  tools(): Promise<readonly string[]>;
  call(name: string): Promise<string>;
  close(): Promise<void>;
  readonly isRefusal: (thrown: unknown) => boolean;
}

/** Keeps what a client's user agent would; `seen` are the addresses he was sent to. */
function createProvider(): { provider: OAuthClientProvider & NewerProvider; seen: URL[] } {
  const seen: URL[] = [];
  let tokens: Awaited<ReturnType<OAuthClientProvider['tokens']>>;
  let verifier = '';
  let discovered: unknown;
  const provider = {
    redirectUrl: AGENT.redirect,
    clientMetadata: { redirect_uris: [AGENT.redirect], token_endpoint_auth_method: 'none' },
    clientInformation: () => ({ client_id: AGENT.client_id }),
    tokens: () => tokens,
    saveTokens: (given: NonNullable<typeof tokens>) => {
      tokens = given;
    },
    redirectToAuthorization: (url: URL) => void seen.push(url),
    saveCodeVerifier: (text: string) => {
      verifier = text;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state: unknown) => {
      discovered = state;
    },
    discoveryState: () => discovered,
  };
  return { provider: provider as unknown as OAuthClientProvider & NewerProvider, seen };
}

const INFO = { name: 'agent', version: '1.0.0' };

function olderAgent(url: URL, authProvider: OAuthClientProvider): Agent {
  let client = new Client(INFO);
  let transport = new StreamableHTTPClientTransport(url, { authProvider });
  return {
    connect() {
      client = new Client(INFO);
      transport = new StreamableHTTPClientTransport(url, { authProvider });
      return client.connect(transport as Transport);
    },
    finish: (query) => transport.finishAuth(query.get('code') ?? ''),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name) => textOf(await client.callTool({ name })),
    close: () => client.close(),
    isRefusal: (thrown) => thrown instanceof UnauthorizedError,
  };
}

function newerAgent(url: URL, authProvider: NewerProvider, mode: Mode): Agent {
  let client = new NewerClient(INFO);
  let transport = new NewerTransport(url, { authProvider });
  return {
    connect() {
      client = new NewerClient(INFO, { versionNegotiation: { mode } });
      transport = new NewerTransport(url, { authProvider });
      return client.connect(transport);
    },
    finish: (query) => transport.finishAuth(query),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name) => textOf(await client.callTool({ name })),
    close: () => client.close(),
    isRefusal: (thrown) => thrown instanceof NewerUnauthorized,
  };
}

type Make = (url: URL, provider: OAuthClientProvider & NewerProvider) => Agent;

const AGENTS: readonly (readonly [name: string, make: Make])[] = [
  ['the older SDK', olderAgent],
  ...MODES.map(
    ([name, mode]) =>
      [
        `the newer SDK, ${name}`,
        (url, provider) => newerAgent(url, provider, mode),
      ] as const satisfies readonly [string, Make],
  ),
];

/** From nothing to a tool, and from there to one that needs more. */
async function findsItsWay(
  authority: Authority,
  mcp: string,
  make: Make,
  later: (close: () => Promise<void>) => void,
): Promise<void> {
  const { provider, seen } = createProvider();
  const agent = make(new URL(mcp), provider);
  later(() => agent.close());
  const isSentAway = (thrown: unknown): boolean => agent.isRefusal(thrown);
  await assert.rejects(agent.connect(), isSentAway);
  const [first] = seen;
  assert.ok(first !== undefined, 'nobody was sent to the authority');
  assert.ok(first.href.startsWith(`${authority.issuer}/auth?`), first.href);
  const asked = Object.fromEntries(first.searchParams);
  assert.equal(asked.scope, 'items:read');
  assert.equal(asked.resource, mcp);
  assert.equal(asked.code_challenge_method, 'S256');
  await agent.finish(await authority.authorize(first));
  await agent.connect();
  assert.deepEqual(await agent.tools(), ['get-items']);
  assert.match(await agent.call('get-items'), /"a"/);

  await assert.rejects(agent.call('drop-items'), isSentAway);
  const second = seen[1] as URL;
  assert.deepEqual(
    new Set(second.searchParams.get('scope')?.split(' ')),
    new Set(['items:read', 'items:write', 'items:admin']),
  );
  await agent.finish(await authority.authorize(second));
  assert.match(await agent.call('drop-items'), /gone/);
  assert.deepEqual(await agent.tools(), ['get-items', 'drop-items']);
  assert.equal(seen.length, 2);
}

test('real clients find the authorization server, get a token, and step up', async (t) => {
  const authority = await startAuthority(t);
  const { mcp, upstream } = await startGuarded(t, authority.issuer);
  for (const [name, make] of AGENTS) {
    await t.test(name, (t) => findsItsWay(authority, mcp, make, (close) => t.after(close)));
  }
  assert.equal(upstream.requests.length, 2 * AGENTS.length);
  assert.ok(upstream.requests.every(({ headers }) => headers.authorization === undefined));
});

test('the same with opaque tokens, at the endpoint of one namespace', async (t) => {
  const authority = await startAuthority(t, 'opaque');
  const { origin } = await startGuarded(t, authority.issuer, {
    authentication: {
      tokenValidation: 'introspection',
      clientId: MACHINE.id,
      clientSecret: MACHINE.secret,
    },
  });
  const make = AGENTS.at(-1)?.[1] as Make;
  await findsItsWay(authority, `${origin}/stock/mcp`, make, (close) => t.after(close));
});
