import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './refusal.ts';

/** What of a request a check looks at: an IncomingMessage fits. */
export interface AccessRequest {
  readonly method?: string | undefined;
  /** The request target as received. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Who was let in, where a check can tell one caller from another. */
export interface Admitted {
  /** The same for the same caller, whatever token he shows. */
  readonly principal: string;
  /** Of the token, and those that they include. */
  readonly scopes: ReadonlySet<string>;
  /** Headers of his answer, names and values alternating. */
  readonly headers?: readonly string[];
  /** How he is told that one operation needs more scopes than all need. */
  readonly stepUp?: (needed: readonly string[]) => Refusal;
}

/** undefined lets the request in, after `admit` was told of whom. Never rejects. */
export type CheckAccess = (
  request: AccessRequest,
  admit?: (caller: Admitted) => void,
) => Promise<Refusal | undefined>;
