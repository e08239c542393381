import type { TestContext } from 'node:test';

/** What the consumed API received and what the caller got, both as `notation.ts` writes them. */
export interface Exchange {
  readonly upstream: string;
  readonly caller: string;
}

/** One question that was put to the reference, and is put to the gateway. */
export interface Part {
  readonly sent: string;
  readonly reference: Exchange;
  readonly ours: Exchange;
  readonly ask: (t: TestContext) => Promise<Exchange>;
}

/** One pair as observed: some asked several things of one setup. */
export interface Pair {
  readonly number: number;
  readonly setup: string;
  /** Why ours is right; absent where both do the same. */
  readonly why?: string;
  readonly parts: readonly Part[];
}

export const isSame = ({ reference, ours }: Part): boolean =>
  reference.upstream === ours.upstream && reference.caller === ours.caller;

export const exchange = (upstream: string, caller: string): Exchange => ({ upstream, caller });

/** What both engines do. */
export const both = (
  upstream: string,
  caller: string,
): { readonly reference: Exchange; readonly ours: Exchange } => {
  const same = exchange(upstream, caller);
  return { reference: same, ours: same };
};
