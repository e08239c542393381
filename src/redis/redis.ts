import { Redis } from 'ioredis';
import { createSeal, type Seal } from './sealing.ts';

/** What several gateways share. It may be away at any time; nothing here ever throws. */
export interface SharedRedis {
  /** For libraries that speak to it themselves, while it is not away. */
  readonly client: Redis;
  readonly seal: Seal;
  readonly isAway: () => boolean;
  /** What `work` gives; undefined when Redis is away, or does not answer in time. */
  run<Result>(work: (client: Redis) => Promise<Result>): Promise<Result | undefined>;
  /** Tells of a failure that somebody else had with it. */
  failed(error: unknown): void;
  close(): Promise<void>;
}

export interface RedisOptions {
  readonly url: URL;
  /** The secret that the gateways share. */
  readonly key: string;
  /** Told once when it goes away, and why, and once when it is back. */
  readonly onAway?: (why: string) => void;
  readonly onBack?: () => void;
}

/** A caller waits for it no longer than this: what is shared saves time, or it is no use. */
const PATIENCE_MS = 250;
const CONNECT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;
const PROBE_MS = 500;

/** Connects, and waits for it a little; a Redis that is not there yet may come later. */
export async function connectRedis(options: RedisOptions): Promise<SharedRedis> {
  const { url, key, onAway, onBack } = options;
  const client = new Redis(url.href, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_MS,
    commandTimeout: PATIENCE_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
    connectionName: 'naftiko',
  });
  let away = true;
  let told = false;
  let closed = false;
  let probing: NodeJS.Timeout | undefined;
  let last = 'it cannot be reached';

  function gone(why: string): void {
    away = true;
    if (told || closed) return;
    told = true;
    onAway?.(why);
  }

  function back(): void {
    away = false;
    if (!told) return;
    told = false;
    onBack?.();
  }

  /** Nobody is made to wait for one that does not answer: it is asked from time to time whether it does. */
  function probe(): void {
    if (probing !== undefined || closed || client.status !== 'ready') return;
    probing = setTimeout(() => {
      probing = undefined;
      client.ping().then(back, probe);
    }, PROBE_MS).unref();
  }

  client.on('error', (error: Error) => {
    last = error.message;
  });
  client.on('ready', back);
  client.on('close', () => gone(last));

  function failed(error: unknown): void {
    gone(error instanceof Error ? error.message : last);
    probe();
  }

  await client.connect().catch(() => {});
  if (client.status !== 'ready') gone(last);
  return {
    client,
    seal: createSeal(key),
    isAway: () => away,
    async run(work) {
      if (away) return undefined;
      try {
        return await work(client);
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    failed,
    async close() {
      closed = true;
      clearTimeout(probing);
      client.disconnect();
    },
  };
}
