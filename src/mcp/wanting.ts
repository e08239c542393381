import type { McpEvents } from './events.ts';
import { isRecord } from './methods.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';

/** Resources that one client may listen for. */
export const MOST_WANTED = 1_000;

/**
 * Wants the resources that the params of `subscriptions/listen` name; gives what ends it.
 * @throws RpcError -32602 for too many
 */
export function wantAll(events: McpEvents, params: unknown): () => void {
  const filter = isRecord(params) && isRecord(params.notifications) ? params.notifications : {};
  const uris = Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : [];
  if (uris.length > MOST_WANTED) {
    const why = `At most ${MOST_WANTED} resources can be listened for in one subscription, not ${uris.length}.`;
    throw new RpcError(INVALID_PARAMS, why);
  }
  const drops = uris
    .filter((uri): uri is string => typeof uri === 'string')
    .map((uri) => events.want(uri));
  return () => {
    for (const drop of drops) drop();
  };
}
