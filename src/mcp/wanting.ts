import { isRecord } from '../json.ts';
import type { McpEvents } from './events.ts';
import { LONGEST_NAME } from './modest.ts';
import { INVALID_PARAMS, RpcError, SERVER_ERROR } from './rpc-error.ts';

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
  const drops: (() => void)[] = [];
  const dropAll = (): void => {
    for (const drop of drops) drop();
  };
  try {
    for (const uri of uris) if (typeof uri === 'string') drops.push(want(events, uri));
  } catch (thrown) {
    dropAll();
    throw thrown;
  }
  return dropAll;
}

/** Characters of the URIs that all clients may listen for together. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/**
 * Wants one resource; gives what ends it.
 * @throws RpcError -32602 for a URI that is too long, -32000 when there is too much already
 */
export function want(events: McpEvents, uri: string): () => void {
  if (uri.length > LONGEST_NAME) {
    const why = `A URI that is subscribed to has at most ${LONGEST_NAME} characters, not ${uri.length}.`;
    throw new RpcError(INVALID_PARAMS, why);
  }
  if (events.wishes() + uri.length > MOST_CHARACTERS) {
    const why = 'Too many resources are subscribed to here. Try again later.';
    throw new RpcError(SERVER_ERROR, why, { status: 503 });
  }
  return events.want(uri);
}
