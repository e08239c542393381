/** How long lists hold, and for whom. */
export interface Caching {
  /** Milliseconds that clients may keep lists for; 60,000 when absent. */
  readonly listTtlMs?: number;
  /** Lists are for the caller alone, not for whoever comes through the same cache. */
  readonly private?: boolean;
}

const DEFAULT_TTL_MS = 60_000;

/** The same as it stands in results. */
export const cachingOfLists = (options: Caching) => ({
  ttlMs: options.listTtlMs ?? DEFAULT_TTL_MS,
  cacheScope: options.private === true ? ('private' as const) : ('public' as const),
});
