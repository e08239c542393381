import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './refusal.ts';

/** What of a request a check looks at: an IncomingMessage fits. */
export interface AccessRequest {
  readonly method?: string | undefined;
  /** The request target as received. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** undefined lets the request in. Never rejects. */
export type CheckAccess = (request: AccessRequest) => Promise<Refusal | undefined>;
