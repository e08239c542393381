import { randomUUID } from 'node:crypto';
import { type Cancellable, type Channel, closeChannel, openChannel } from './channel.ts';
import type { Caller } from './conversation.ts';
import type { RpcId } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';

export interface Session {
  readonly id: string;
  readonly channel: Channel;
  /** Runs `work` while the session counts as used. */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a request with the id is running. */
  isTaken(id: RpcId): boolean;
  /** The session counts as used by a request, which can be cancelled, from here to `finish`. */
  begin(id: RpcId, request: Cancellable): void;
  finish(id: RpcId): void;
}

interface SessionLimits {
  /** What the ids of sessions begin with. */
  readonly prefix: string;
  readonly maxSessions: number;
  readonly idleMs: number;
  /** Milliseconds on a clock of the caller's choice. */
  readonly now: () => number;
}

export interface Sessions {
  open(caller: Caller): Promise<Session>;
  /** Nothing for anybody but who opened it. */
  find(id: string, caller: Caller): Session | undefined;
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
  const { prefix, maxSessions, idleMs, now } = limits;
  const entries = new Map<string, Entry>();
  let sweeper: NodeJS.Timeout | undefined;

  const isExpired = (entry: Entry): boolean => entry.uses === 0 && now() - entry.lastUsed >= idleMs;

  function touch(entry: Entry): void {
    entry.lastUsed = now();
    if (entries.delete(entry.id)) entries.set(entry.id, entry);
  }

  function take(entry: Entry): void {
    entry.uses += 1;
    touch(entry);
  }

  function leave(entry: Entry): void {
    entry.uses -= 1;
    touch(entry);
  }

  async function end(session: Session): Promise<void> {
    entries.delete(session.id);
    if (entries.size === 0) clearInterval(sweeper);
    await closeChannel(session.channel);
  }

  function sweep(): void {
    for (const entry of [...entries.values()].filter(isExpired)) void end(entry);
  }

  function makeRoom(): void {
    if (entries.size < maxSessions) return;
    const all = [...entries.values()];
    const victim = all.find((entry) => entry.uses === 0) ?? all[0];
    if (victim !== undefined) void end(victim);
  }

  return {
    async open({ principal }) {
      const id = prefix + randomUUID();
      const channel = await openChannel(core, id);
      const entry: Entry = {
        id,
        principal,
        channel,
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
      makeRoom();
      if (entries.size === 0) sweeper = setInterval(sweep, Math.min(idleMs, 60_000)).unref();
      entries.set(id, entry);
      return entry;
    },
    find(id, { principal }) {
      const entry = entries.get(id);
      if (entry === undefined || entry.principal !== principal) return undefined;
      if (!isExpired(entry)) return entry;
      void end(entry);
      return undefined;
    },
    end,
    endListening() {
      for (const { channel } of entries.values()) channel.transport.closeStandaloneSSEStream();
    },
    async endAll() {
      await Promise.all([...entries.values()].map(end));
    },
    count: () => entries.size,
  };
}
