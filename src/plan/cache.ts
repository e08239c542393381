/**
 * What the file says of keeping the answers to a request. Without a time the headers of an answer say
 * how long, and the gateway where they say nothing.
 */
export interface CachePlan {
  /** Milliseconds that an answer is kept, whatever its headers say. */
  readonly forMs?: number;
  /** Milliseconds that it may be given afterwards while the consumed API fails. */
  readonly staleMs?: number;
  /** Cookies of the answer are handed to callers, so that it is one caller's alone. */
  readonly setsCookies?: true;
}
