import type { ConsumesHttp } from '../document/document.ts';
import type { Mock } from '../mock/server.ts';
import type { Sandboxes } from '../sandbox/sandboxes.ts';
import type { Sandbox } from '../sandbox/systems.ts';
import { OptionError } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';

/** A consumed block under a key that is its own in the whole process. */
export interface KeyedBlock {
  readonly block: ConsumesHttp;
  readonly key: string;
}

/** What is called in this process in place of consumed APIs. */
export interface StandIns {
  /** Where a block goes; undefined when nothing stands in for it. */
  baseUri(block: KeyedBlock): string | undefined;
  /** Anything does for a variable, as with a mock. */
  readonly takesAnyCredential: boolean;
  readonly sandboxes: readonly Sandbox[];
  close(): Promise<void>;
}

/**
 * Each kind is loaded only when asked for: a gateway in production never needs it.
 * @throws OptionError when a sandbox is asked for and there is none for a block
 */
export async function startStandIns(
  blocks: readonly KeyedBlock[],
  options: GatewayOptions,
): Promise<StandIns | undefined> {
  const sandboxes = options.sandbox === true ? await startSandboxes(blocks, options) : undefined;
  const mock = options.mock === true ? await startMock(blocks, options) : undefined;
  if (sandboxes === undefined && mock === undefined) return undefined;
  return {
    baseUri: ({ block, key }) => sandboxes?.originOf(block.baseUri) ?? mock?.baseUri(key),
    takesAnyCredential: mock !== undefined,
    sandboxes: sandboxes?.running ?? [],
    async close() {
      await Promise.all([sandboxes?.close(), mock?.close()]);
    },
  };
}

async function startSandboxes(
  blocks: readonly KeyedBlock[],
  { baseUris = {}, mock, log }: GatewayOptions,
): Promise<Sandboxes> {
  const { startSandboxes: start, systemNames } = await import('../sandbox/sandboxes.ts');
  const wanted = blocks
    .map(({ block }) => block)
    .filter(({ namespace }) => !Object.hasOwn(baseUris, namespace));
  const sandboxes = await start(
    wanted.map(({ baseUri }) => baseUri),
    (system, { method, path }, status) => log?.info({}, `${system}: ${method} ${path} ${status}`),
  );
  const without = wanted.find(({ baseUri }) => sandboxes.originOf(baseUri) === undefined);
  if (without === undefined || mock === true) return sandboxes;
  await sandboxes.close();
  const { namespace, baseUri } = without;
  throw new OptionError(
    `--sandbox has stand-ins for ${systemNames.slice(0, -1).join(', ')} and ${systemNames.at(-1)}, and none for "${namespace}" (${baseUri}). Add --mock to have the rest mocked, or say where it is: --base-uri ${namespace}=<url>.`,
  );
}

async function startMock(blocks: readonly KeyedBlock[], options: GatewayOptions): Promise<Mock> {
  const { startMock: start } = await import('../mock/server.ts');
  return start({
    consumes: blocks.map(({ block, key }) => {
      const openapi = options.mockOpenapi?.[block.namespace];
      return openapi === undefined ? { key, consumes: block } : { key, consumes: block, openapi };
    }),
  });
}
