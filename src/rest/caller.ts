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
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at !== -1) this.#listeners.splice(at, 1);
  }

  leave(): void {
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
