import type { Cancellation } from '../plan/plan.ts';

/** An AbortSignal that aborts when the cancellation does; one that is an AbortSignal is handed back. */
export function abortSignalOf(cancellation: Cancellation): AbortSignal {
  if (cancellation instanceof AbortSignal) return cancellation;
  const controller = new AbortController();
  if (cancellation.aborted) controller.abort(cancellation.reason);
  else {
    cancellation.addEventListener('abort', () => controller.abort(cancellation.reason), {
      once: true,
    });
  }
  return controller.signal;
}

/** A cancellation of one's own. An AbortController would be a tenth of what a small request costs. */
export class Abortable implements Cancellation {
  aborted = false;
  /** Hardly ever does more than one wait for it. */
  private first: (() => void) | undefined = undefined;
  private others: (() => void)[] | undefined = undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.first === undefined) this.first = listener;
    else {
      this.others ??= [];
      this.others.push(listener);
    }
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.first === listener) this.first = undefined;
    else this.others = this.others?.filter((other) => other !== listener);
  }

  abort(): void {
    this.aborted = true;
    const { first, others = [] } = this;
    this.first = undefined;
    this.others = undefined;
    first?.();
    for (const listener of others) listener();
  }
}
