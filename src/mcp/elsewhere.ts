import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './conversation.ts';
import type { Count } from './count.ts';
import { namesStateless } from './eras.ts';
import type { SessionIds } from './session-ids.ts';
import type { Sessions } from './sessions.ts';

/** A session that another gateway has opened. */
export interface Held {
  readonly id: string;
  /** Where that gateway was reached. */
  readonly holder: string;
}

/** Gateways on other machines that hold sessions of the same clients. */
export interface Peers {
  /** Where they reach this one. It goes, sealed, into the ids of sessions that are opened here. */
  readonly here: string;
  /** Whether one of them has handed the request on: then it stays. */
  isFromPeer(request: IncomingMessage): boolean;
  /** Hands a request on, unread, to whoever holds the session; `orElse` when that is nobody but this one. */
  handOn(
    session: Held,
    request: IncomingMessage,
    response: ServerResponse,
    orElse: () => void,
  ): void;
}

export interface Elsewhere {
  /** Hands on a request whose session another gateway holds; false leaves it to this one, as does `orElse`. */
  take(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    orElse: () => void,
  ): boolean;
  /** Ends the streams on which clients of others wait to hear something unasked. */
  endListening(): void;
}

/** @param running counts what is under way */
export function createElsewhere(
  peers: Peers,
  sessions: Pick<Sessions, 'find'>,
  ids: SessionIds,
  running: Count,
): Elsewhere {
  const listening = new Set<ServerResponse>();

  function holderOf(request: IncomingMessage, caller: Caller): Held | undefined {
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string' || namesStateless(request.headers)) return undefined;
    if (peers.isFromPeer(request) || sessions.find(id, caller) !== undefined) return undefined;
    const holder = ids.read(id, caller)?.holder;
    return holder === undefined || holder === peers.here ? undefined : { id, holder };
  }

  return {
    take(request, response, caller, orElse) {
      const held = holderOf(request, caller);
      if (held === undefined) return false;
      running.more();
      if (request.method === 'GET') listening.add(response);
      function over(): void {
        response.off('close', over);
        listening.delete(response);
        running.less();
      }
      response.on('close', over);
      peers.handOn(held, request, response, () => {
        over();
        orElse();
      });
      return true;
    },
    endListening() {
      for (const response of listening) response.destroy();
    },
  };
}
