import { discover, type ServerMetadata } from './discovery.ts';
import type { FetchJson } from './fetch-json.ts';

export interface SourceOptions {
  readonly fetchJson: FetchJson;
  readonly now: () => number;
  /** The least time between two attempts that a caller can cause, milliseconds. */
  readonly cooldownMs: number;
}

const FAILURE_PAUSE_MS = 5000;

/**
 * Something fetched once and kept: many callers share one attempt, and after one that failed the
 * next is made no sooner than the cooldown allows.
 */
export interface Kept<Value> {
  /** @throws what the last attempt threw, for 5 seconds without a new attempt */
  get(): Promise<Value>;
  /** Fetches anew unless that was done within the cooldown; false when it was. A failure keeps the old value. */
  refresh(): Promise<boolean>;
  /** When the value was fetched; undefined without one. */
  readonly since: number | undefined;
}

export function keep<Value>(
  load: () => Promise<Value>,
  { now, cooldownMs }: Pick<SourceOptions, 'now' | 'cooldownMs'>,
): Kept<Value> {
  let value: { readonly of: Value; readonly since: number } | undefined;
  let failure: unknown;
  let attempt: Promise<void> | undefined;
  let last = Number.NEGATIVE_INFINITY;

  function fetch(): Promise<void> {
    last = now();
    attempt ??= load()
      .then(
        (of) => {
          value = { of, since: now() };
          failure = undefined;
        },
        (error: unknown) => {
          failure = error;
        },
      )
      .finally(() => {
        attempt = undefined;
      });
    return attempt;
  }

  return {
    get since() {
      return value?.since;
    },
    async get() {
      if (value === undefined) {
        // Without a value nothing can be served, so the next attempt comes sooner.
        const pause = Math.min(cooldownMs, FAILURE_PAUSE_MS);
        if (attempt !== undefined || now() - last >= pause) await (attempt ?? fetch());
        if (value === undefined) throw failure;
      }
      return value.of;
    },
    async refresh() {
      if (attempt === undefined && now() - last < cooldownMs) return false;
      await (attempt ?? fetch());
      return failure === undefined;
    },
  };
}

export const keepMetadata = (issuer: string, options: SourceOptions): Kept<ServerMetadata> =>
  keep(() => discover(issuer, options.fetchJson), options);
