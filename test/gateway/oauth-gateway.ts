import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { type Closer, startUpstream, type TestUpstream } from '../support/upstream.ts';

export interface Guarded {
  /** `http://127.0.0.1:PORT` of MCP, and of the identifiers that tokens are made out to. */
  readonly origin: string;
  readonly mcp: string;
  readonly rest: string;
  readonly upstream: TestUpstream;
}

interface Changes extends TestGatewayOptions {
  readonly authentication?: object;
  readonly resource?: (origin: string) => string;
}

/** A tool for all who come in, and a tool, a resource and a prompt for those with more scopes. */
export async function startGuarded(
  t: Closer,
  issuer: string,
  { authentication = {}, resource = (origin) => `${origin}/mcp`, ...options }: Changes = {},
): Promise<Guarded> {
  const upstream = await startUpstream(t, {
    'GET /items': { body: ['a', 'b'] },
    'DELETE /items': { body: { gone: 2 } },
  });
  const origin = `http://127.0.0.1:${await freePort()}`;
  const oauth2 = {
    type: 'oauth2',
    authorizationServerUri: issuer,
    resource: resource(origin),
    scopes: ['items:read', 'offline_access'],
    ...authentication,
  };
  const { rest } = await startGateway(t, capability(oauth2), {
    ...options,
    upstream: upstream.origin,
    mcpPort: Number(new URL(origin).port),
  });
  return { origin, mcp: `${origin}/mcp`, rest, upstream };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const capability = (authentication: object): string =>
  JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [
            {
              name: 'items',
              path: '/items',
              operations: [
                { name: 'get', method: 'GET' },
                { name: 'drop', method: 'DELETE' },
              ],
            },
          ],
        },
      ],
      exposes: [
        {
          type: 'mcp',
          namespace: 'stock',
          port: 8080,
          authentication,
          tools: [
            { name: 'get-items', description: 'Gets', call: 'api.get' },
            {
              name: 'drop-items',
              description: 'Drops',
              call: 'api.drop',
              scopes: ['items:write', 'items:admin'],
            },
          ],
          resources: [
            { name: 'open', uri: 'stock://open', call: 'api.get' },
            { name: 'shut', uri: 'stock://shut', call: 'api.get', scopes: ['items:admin'] },
          ],
          prompts: [
            {
              name: 'drop',
              arguments: [],
              scopes: ['items:write'],
              template: [{ role: 'user', content: 'Drop all' }],
            },
          ],
        },
        {
          type: 'rest',
          namespace: 'web',
          port: 8081,
          authentication: { ...authentication, resource: 'http://web.example' },
          resources: [
            { path: '/items', operations: [{ method: 'GET', name: 'items', call: 'api.get' }] },
          ],
        },
      ],
    },
  });
