import type { GatewayError } from '../errors.ts';
import type { Timed } from './clock.ts';
import { type FailureContext, type SilenceLimit, silent, totalTimeoutFailure } from './failure.ts';
import type { UpstreamSettings } from './options.ts';

export const NEVER = Number.POSITIVE_INFINITY;

/** What must have come to its end by its deadline, and must not be silent for longer than a limit meanwhile. */
export abstract class Watched implements Timed {
  place = -1;
  /** As `performance.now` has it. */
  protected deadline = NEVER;
  /** The limit of silence that holds, if any does. */
  protected limit: SilenceLimit | undefined = undefined;
  private readonly limits: UpstreamSettings;
  private silentAt = NEVER;
  private isSilent = false;
  /** Since the last tick: to look at the clock for each piece would cost more than the piece. */
  private hasMoved = false;

  constructor(limits: UpstreamSettings) {
    this.limits = limits;
  }

  onTick(now: number): void {
    if (now >= this.deadline) this.fail(totalTimeoutFailure(this.context()));
    else if (this.limit === undefined) return;
    else if (this.hasMoved) {
      const ms = this.limits[this.limit];
      this.silentAt = ms === 0 ? NEVER : now + ms;
      this.hasMoved = false;
      this.isSilent = false;
    } else if (now >= this.silentAt) {
      // The time that a slow reader takes is no silence, nor is that of a busy process: what has come
      // meanwhile is heard by the next tick.
      if (this.isPaused()) this.moved();
      else if (this.isSilent) this.fail(silent(this.context(), this.limit));
      else this.isSilent = true;
    }
  }

  /** Silence counts from the next tick. */
  protected moved(): void {
    this.hasMoved = true;
  }

  /** Whether it is silent because nobody wants to hear it now. */
  protected abstract isPaused(): boolean;
  protected abstract fail(error: GatewayError): void;
  protected abstract context(): FailureContext;
}
