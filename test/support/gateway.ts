import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import type { Closer } from './upstream.ts';

export interface TestGateway {
  readonly gateway: Gateway;
  /** Origin of the first REST listener: `http://127.0.0.1:PORT`. */
  readonly rest: string;
  /** URL of the first MCP endpoint, `/mcp` included. */
  readonly mcp: string;
  readonly files: readonly string[];
}

export interface TestGatewayOptions extends Omit<GatewayOptions, 'files'> {
  /** Origin that stands in for every consumed API. */
  readonly upstream?: string;
}

/**
 * Serves capabilities on free ports until the test ends.
 * @param capabilities text of a capability file, path of one, or several of either
 */
export async function startGateway(
  t: Closer,
  capabilities: string | readonly string[],
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const { upstream, ...given } = options;
  const files = await capabilityFiles(t, capabilities, upstream);
  const gateway = await createGateway({
    restPort: 0,
    mcpPort: 0,
    environment: {},
    stopTimeout: 0,
    ...given,
    files,
  });
  t.after(() => gateway.stop());
  const originOf = (face: 'rest' | 'mcp'): string => {
    const listener = gateway.listeners.find(({ mount }) => mount[face].length > 0);
    return `http://127.0.0.1:${listener?.port}`;
  };
  return { gateway, rest: originOf('rest'), mcp: `${originOf('mcp')}/mcp`, files };
}

/** Writes texts to files that go with the test; a path stays as it is. */
export async function capabilityFiles(
  t: Closer,
  capabilities: string | readonly string[],
  upstream = 'http://127.0.0.1:9',
): Promise<string[]> {
  const all = typeof capabilities === 'string' ? [capabilities] : capabilities;
  const folder = await mkdtemp(path.join(tmpdir(), 'naftiko-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return Promise.all(
    all.map(async (text, index) => {
      if (/^[^{}\n]+\.ya?ml$/.test(text)) return text;
      const file = path.join(folder, `capability-${index + 1}.yaml`);
      await writeFile(file, text.replaceAll('http://upstream.invalid', upstream));
      return file;
    }),
  );
}
