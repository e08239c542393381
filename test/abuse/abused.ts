import path from 'node:path';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { type Closer, startUpstream, type TestUpstream } from '../support/upstream.ts';

const FILE = path.join(import.meta.dirname, 'abused.capability.yaml');

export interface Abused extends TestGateway {
  readonly upstream: TestUpstream;
  /** `http://127.0.0.1:PORT` of MCP. */
  readonly origin: string;
}

/** Serves what the abuse tests are about, until the test ends. */
export async function startAbused(t: Closer, options: TestGatewayOptions = {}): Promise<Abused> {
  const upstream = await startUpstream(t, {
    'GET /echo': { body: { echoed: true } },
    'POST /echo': { body: { taken: true } },
    'GET /wait': () => {},
  });
  const gateway = await startGateway(t, FILE, { ...options, baseUris: { api: upstream.origin } });
  return { ...gateway, upstream, origin: new URL(gateway.mcp).origin };
}
