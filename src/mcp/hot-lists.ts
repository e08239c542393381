import type { Caller } from './conversation.ts';
import { byName, listed } from './methods.ts';
import { pageOf } from './pages.ts';
import { RpcError } from './rpc-error.ts';
import { isUnlimited, within } from './scopes.ts';
import type { StatelessResults } from './stateless-result.ts';
import type { ToolCore } from './tools.ts';

/** Pages that are kept for callers of different scopes; then all are made anew. */
const MOST_PAGES = 1_000;

/** An answer to `tools/list` up to its id, encoded once; undefined for a page that does not exist. */
export type EncodedLists = (
  caller: Caller,
  cursor: unknown,
  stateless: boolean,
) => Buffer | undefined;

export function createEncodedLists(core: ToolCore, results: StatelessResults): EncodedLists {
  const method = 'tools/list';
  const scopes = allScopes(core);
  const pages = new Map<string, Buffer>();
  /** Callers with equal views see equal lists. */
  const viewOf = ({ scopes: own }: Caller): string =>
    own === undefined ? 'all' : scopes.map((scope) => (own.has(scope) ? 1 : 0)).join('');

  function encode(caller: Caller, cursor: unknown, stateless: boolean): Buffer {
    const shown = within(core, caller, method, core.list(), byName);
    const page = pageOf(shown, { method, cursor, size: core.pageSize, keyOf: byName });
    const answer = listed('tools', page);
    const result = stateless ? results.list(answer, isUnlimited(core, caller)) : answer;
    return Buffer.from(`{"result":${JSON.stringify(result)},"jsonrpc":"2.0","id":`);
  }

  return function find(caller, cursor, stateless) {
    if (cursor !== undefined && typeof cursor !== 'string') return undefined;
    const key = `${stateless} ${viewOf(caller)} ${cursor ?? ''}`;
    const known = pages.get(key);
    if (known !== undefined) return known;
    try {
      const page = encode(caller, cursor, stateless);
      if (pages.size >= MOST_PAGES) pages.clear();
      pages.set(key, page);
      return page;
    } catch (thrown) {
      if (thrown instanceof RpcError) return undefined;
      throw thrown;
    }
  };
}

function allScopes({ toolset }: ToolCore): readonly string[] {
  const { tools, resources = [], prompts = [] } = toolset;
  const all = [...tools, ...resources, ...prompts].flatMap(({ scopes = [] }) => scopes);
  return [...new Set(all)];
}
