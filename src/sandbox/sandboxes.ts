import type { Call } from './service.ts';
import { type Sandbox, SYSTEMS } from './systems.ts';

/** Sandboxes that run in this process, on loopback. */
export interface Sandboxes {
  readonly running: readonly Sandbox[];
  /** What stands in for a base URI; undefined when it is of no system that runs. */
  originOf(baseUri: string): string | undefined;
  close(): Promise<void>;
}

export const systemNames: readonly string[] = SYSTEMS.map(({ name }) => name);

/**
 * Starts a stateful stand-in for each system that one of the base URIs is of, as files write them.
 * @param heard told of each call when it is answered
 */
export async function startSandboxes(
  baseUris: readonly string[],
  heard: (system: string, call: Call, status: number) => void,
): Promise<Sandboxes> {
  const closers: (() => void | Promise<void>)[] = [];
  const systems = SYSTEMS.filter((system) => baseUris.some((uri) => system.isAt(uri)));
  const started = await Promise.all(
    systems.map(async (system) => ({
      isAt: system.isAt,
      sandbox: await system.start({
        after: (close) => closers.push(close),
        heard: (call, status) => heard(system.name, call, status),
      }),
    })),
  );
  return {
    running: started.map(({ sandbox }) => sandbox),
    originOf: (baseUri) => started.find(({ isAt }) => isAt(baseUri))?.sandbox.originOf(baseUri),
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}
