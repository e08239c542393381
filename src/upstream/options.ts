import type { LookupFunction } from 'node:net';
import type { ConnectTo } from './connect-to.ts';
import { createNames } from './names.ts';

/** Times in milliseconds, sizes in bytes. */
export interface UpstreamOptions {
  /** Until a connection stands, TLS included. */
  readonly connectTimeout?: number;
  /** From the request being sent to the answer's headers. */
  readonly headersTimeout?: number;
  /** The longest silence within a body. */
  readonly bodyTimeout?: number;
  /**
   * The longest silence within an answer that may wait for things to happen: one of events, or one
   * that is handed on as it comes and does not say how long it is. 0: no limit.
   */
  readonly streamTimeout?: number;
  /**
   * Everything together, redirects included, until an answer is whole or begins to stream. Stays
   * under 55 s, so that MCP clients, which give up after 60 s, hear of it first.
   */
  readonly totalTimeout?: number;
  /** The most that a held answer may hold, decoded. */
  readonly maxHeldBytes?: number;
  /** Answers up to this size are handed over whole even to a caller who takes streams. */
  readonly streamThreshold?: number;
  /** The most connections to one origin, for requests that may be repeated, and for others. */
  readonly connections?: number;
  /** How long a connection without a request is kept where its upstream does not say. */
  readonly keepAlive?: number;
  /** The same for requests that may not be repeated: one is lost on a connection that is just being closed. */
  readonly briefKeepAlive?: number;
  /** Sent unless the request has its own. */
  readonly userAgent?: string;
  /** Certificate authorities in PEM to trust instead of Node's own. */
  readonly tls?: { readonly ca?: string };
  /** Who takes the connections to a host in its place; names are in lower case. */
  readonly connectTo?: ConnectTo;
  /** Finds the addresses of hosts. */
  readonly lookup?: LookupFunction;
}

export type UpstreamSettings = Required<Omit<UpstreamOptions, 'tls'>> & {
  readonly tls: { readonly ca?: string };
};

const DEFAULTS: Omit<UpstreamSettings, 'lookup'> = {
  connectTimeout: 5_000,
  headersTimeout: 30_000,
  bodyTimeout: 30_000,
  streamTimeout: 60 * 60_000,
  totalTimeout: 50_000,
  maxHeldBytes: 16 * 1024 * 1024,
  streamThreshold: 256 * 1024,
  // Callers of an API that takes 100 ms wait for a connection at 5,000 requests/s, not at 1,300.
  connections: 512,
  // Balancers close theirs after 60 s; an agent thinks for less between two calls.
  keepAlive: 50_000,
  // Servers that close theirs early do so after 5 s.
  briefKeepAlive: 4_000,
  userAgent: 'naftiko-gateway',
  tls: {},
  connectTo: {},
};

export function upstreamSettings(options: UpstreamOptions): UpstreamSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, lookup: options.lookup ?? createNames(), ...Object.fromEntries(given) };
}
