import type { ServerResponse } from 'node:http';
import type { Cancellation } from '../plan/plan.ts';

/** Aborts when the caller leaves before the whole answer has gone. */
export function watchCaller(response: ServerResponse): Cancellation {
  const caller = new Caller();
  response.on('close', () => {
    if (!response.writableFinished) caller.leave();
  });
  return caller;
}

/** An AbortController would be a tenth of what a small request costs. */
class Caller implements Cancellation {
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

  leave(): void {
    this.aborted = true;
    const { first, others = [] } = this;
    this.first = undefined;
    this.others = undefined;
    first?.();
    for (const listener of others) listener();
  }
}
