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
  /** Hands a request on, unread, to whoever holds the session. */
  handOn(session: Held, request: IncomingMessage, response: ServerResponse, told: Told): void;
}

/** What comes of handing a request on; one of the two is called, unless its caller has left. */
interface Told {
  readonly reached: () => void;
  /** There is nobody who holds the session but this gateway. */
  readonly orElse: () => void;
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
    if (peers.isFromPeer(request)) return undefined;
    const own = sessions.find(id, caller);
    // What runs here is cancelled here, and asks here.
    if (own !== undefined && own.channel.running.size > 0) return undefined;
    const { holder } = own ?? ids.read(id, caller) ?? {};
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
      peers.handOn(held, request, response, {
        // While it could not be reached somebody may have begun to listen here, where nothing is to be heard now.
        reached: () => sessions.find(held.id, caller)?.channel.transport.closeStandaloneSSEStream(),
        orElse() {
          over();
          orElse();
        },
      });
      return true;
    },
    endListening() {
      for (const response of listening) response.destroy();
    },
  };
}
