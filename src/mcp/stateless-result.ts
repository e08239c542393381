import { type Caching, cachingOfLists } from './caching.ts';
import type { ToolCore } from './tools.ts';

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** What results of the revisions without a handshake carry, in the order in which the SDK has it. */
export interface StatelessResults {
  /** JSON text of what comes behind the members of a result. */
  readonly tail: string;
  readonly complete: (result: object) => object;
  /** @param unlimited whether the caller is shown all that there is */
  readonly list: (result: object, unlimited: boolean) => object;
}

export function createStatelessResults(core: ToolCore, options: Caching): StatelessResults {
  const { name, title, version } = core.toolset;
  const server = title === undefined ? { name, version } : { name, title, version };
  const caching = cachingOfLists(options);
  const complete = (result: object & { readonly _meta?: object }): object => ({
    ...result,
    resultType: 'complete',
    _meta: { ...result._meta, [SERVER_INFO]: server },
  });
  return {
    tail: `,${JSON.stringify(complete({})).slice(1, -1)}`,
    complete,
    // More scopes make a longer list, and clients keep a list whatever token they show next.
    list: (result, unlimited) =>
      complete({ ...result, ...(unlimited ? caching : { ...caching, ttlMs: 0 }) }),
  };
}
