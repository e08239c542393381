import { type Cancellable, type Channel, closeChannel, openChannel } from './channel.ts';
import type { Caller } from './conversation.ts';
import { greet } from './exchange.ts';
import type { RpcId } from './rpc-error.ts';
import type { Handshake, Opened, SessionIds } from './session-ids.ts';
import type { ToolCore } from './tools.ts';

export interface Session {
  readonly id: string;
  readonly channel: Channel;
  /** Of a session that is gone on with: where the gateway is reached that has opened it, where that is known. */
  readonly holder: string | undefined;
  /** Runs `work` while the session counts as used. */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a request with the id is running. */
  isTaken(id: RpcId): boolean;
  /** The session counts as used by a request, which can be cancelled, from here to `finish`. */
  begin(id: RpcId, request: Cancellable): void;
  finish(id: RpcId): void;
}

/** Ended sessions that are remembered, so that none of them is gone on with. */
const MOST_ENDED = 10_000;

interface SessionLimits {
  readonly ids: SessionIds;
  readonly maxSessions: number;
  readonly idleMs: number;
  /** Milliseconds on a clock of the caller's choice. */
  readonly now: () => number;
}

export interface Sessions {
  /** The session is yet to hear the handshake. */
  open(handshake: Handshake, caller: Caller): Promise<Session>;
  /** Nothing for anybody but who opened it. */
  find(id: string, caller: Caller): Session | undefined;
  /** Goes on with a session that is not held here, where its id says enough of it. */
  adopt(id: string, caller: Caller): Promise<Session | undefined>;
  /** Its client wants it no more. */
  end(session: Session): Promise<void>;
  /** Ends the streams on which sessions wait to hear something unasked. */
  endListening(): void;
  endAll(): Promise<void>;
  count(): number;
}

interface Entry extends Session {
  readonly principal: string | undefined;
  lastUsed: number;
  uses: number;
}

/**
 * The open sessions, the longest unused first. A session with a call or a listening stream is in use:
 * it does not expire, and is ended for a new one only when all are in use.
 */
export function createSessions(core: ToolCore, limits: SessionLimits): Sessions {
  const { ids, maxSessions, idleMs, now } = limits;
  const entries = new Map<string, Entry>();
  const adopting = new Map<string, Promise<Entry>>();
  /** Ids that their clients gave up, the latest last. */
  const ended = new Set<string>();
  let sweeper: NodeJS.Timeout | undefined;

  const isExpired = (entry: Entry): boolean => entry.uses === 0 && now() - entry.lastUsed >= idleMs;

  function touch(entry: Entry): void {
    entry.lastUsed = now();
    if (letGo(entry)) entries.set(entry.id, entry);
  }

  function take(entry: Entry): void {
    entry.uses += 1;
    touch(entry);
  }

  function leave(entry: Entry): void {
    entry.uses -= 1;
    touch(entry);
  }

  /** Whether it was held: another may be, under its id. */
  function letGo({ id, channel }: Session): boolean {
    return entries.get(id)?.channel === channel && entries.delete(id);
  }

  async function drop(session: Session): Promise<void> {
    letGo(session);
    if (entries.size === 0) clearInterval(sweeper);
    await closeChannel(session.channel);
  }

  function sweep(): void {
    for (const entry of [...entries.values()].filter(isExpired)) void drop(entry);
  }

  function makeRoom(): void {
    if (entries.size < maxSessions) return;
    const all = [...entries.values()];
    const victim = all.find((entry) => entry.uses === 0) ?? all[0];
    if (victim !== undefined) void drop(victim);
  }

  function entryOf(id: string, channel: Channel, { principal }: Caller, holder?: string): Entry {
    const entry: Entry = {
      id,
      principal,
      channel,
      holder,
      lastUsed: now(),
      uses: 0,
      async use(work) {
        take(entry);
        try {
          return await work();
        } finally {
          leave(entry);
        }
      },
      isTaken: (request) => channel.running.has(request),
      begin(request, cancellable) {
        take(entry);
        channel.running.set(request, cancellable);
      },
      finish(request) {
        channel.running.delete(request);
        leave(entry);
      },
    };
    return entry;
  }

  function hold(entry: Entry): Entry {
    makeRoom();
    if (entries.size === 0) sweeper = setInterval(sweep, Math.min(idleMs, 60_000)).unref();
    entries.set(entry.id, entry);
    return entry;
  }

  async function adoptOnce(
    id: string,
    { handshake, holder }: Opened & { readonly handshake: Handshake },
    caller: Caller,
  ): Promise<Entry> {
    const channel = await openChannel(core, id);
    await greet(channel, handshake);
    return hold(entryOf(id, channel, caller, holder));
  }

  return {
    async open(handshake, caller) {
      const id = ids.make(handshake, caller);
      return hold(entryOf(id, await openChannel(core, id), caller));
    },
    async adopt(id, caller) {
      // Its id is bound to the caller, so whoever waits for the same one is the same.
      const opened = ended.has(id) ? undefined : ids.read(id, caller);
      if (opened?.handshake === undefined) return undefined;
      const { handshake, holder } = opened;
      const running = adopting.get(id) ?? adoptOnce(id, { handshake, holder }, caller);
      adopting.set(id, running);
      try {
        return await running;
      } finally {
        adopting.delete(id);
      }
    },
    find(id, { principal }) {
      const entry = entries.get(id);
      if (entry === undefined || entry.principal !== principal) return undefined;
      if (!isExpired(entry)) return entry;
      void drop(entry);
      return undefined;
    },
    async end(session) {
      ended.add(session.id);
      const [oldest] = ended;
      if (ended.size > MOST_ENDED) ended.delete(oldest as string);
      await drop(session);
    },
    endListening() {
      for (const { channel } of entries.values()) channel.transport.closeStandaloneSSEStream();
    },
    async endAll() {
      await Promise.all([...entries.values()].map(drop));
    },
    count: () => entries.size,
  };
}
