import type { Readable } from 'node:stream';
import type { CachePlan } from './cache.ts';
import type { OutboundPlan } from './outbound.ts';
import type { Scope } from './values.ts';

export interface UpstreamRequest {
  /** Scheme, host and port: `https://api.example.com`. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Names and values alternating, names in lower case. */
  readonly headers: readonly string[];
  readonly body?: string | Buffer;
  /** Milliseconds that the answer may take, in place of the usual limits. */
  readonly patience?: number;
  /** Not even sent again when its connection is lost before an answer. */
  readonly once?: true;
  /** `namespace.operation` that it is of, as the files name it; none for the gateway's own. */
  readonly target?: string;
  /** What has to be worked out when the request is sent; it replaces an `authorization` header. */
  readonly credential?: OutboundPlan;
  /** What the file says of keeping the answer; nothing is said when absent. */
  readonly cache?: CachePlan | 'never';
}

/** A request whose body is read while it is sent: it goes once, whatever comes of it. */
export interface StreamedRequest extends Omit<UpstreamRequest, 'body'> {
  readonly body: Readable;
  /** Bytes, where they are known; the body goes in chunks otherwise. */
  readonly bodyLength?: number;
}

/** Throws GatewayError INPUT_INVALID when a value cannot be placed in the request. */
export type BuildRequest = (scope: Scope) => UpstreamRequest;

export interface UpstreamResponse {
  readonly status: number;
  /** Names and values alternating as received, names in lower case; content-encoding already undone. */
  readonly headers: readonly string[];
  /** Whole when it was held or small; a stream when it is large and the caller can take a stream. */
  readonly body: Buffer | Readable;
}

/** Tells when nobody waits for an answer any more. An AbortSignal is one. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface SendOptions {
  readonly signal?: Cancellation;
  /** True: the whole body in memory, within the size limit. False: a large or endless body may come as a stream. */
  readonly hold: boolean;
  /** True: the body as it comes, however small. */
  readonly stream?: boolean;
  /** Redirects followed; 0 hands a 3xx to the caller. */
  readonly redirects: number;
}

export interface UpstreamClient {
  send(request: UpstreamRequest | StreamedRequest, options: SendOptions): Promise<UpstreamResponse>;
  close(): Promise<void>;
}
