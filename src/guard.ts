import type { IncomingHttpHeaders } from 'node:http';

export interface GuardOptions {
  /** `name` for any port, or `name:port`. On a bind that is not loopback an empty list takes every host. */
  readonly allowedHosts: readonly string[];
  /** `scheme://host[:port]`, or `*` for every origin. */
  readonly allowedOrigins: readonly string[];
  /** True when the listener is bound to a loopback address. */
  readonly loopback: boolean;
}

/** A sentence that says why the request is refused (answer it with 403), or undefined. */
export type Guard = (request: { readonly headers: IncomingHttpHeaders }) => string | undefined;

/**
 * Keeps web pages away: a page whose name was rebound to this machine shows a foreign Host, a page
 * elsewhere shows a foreign Origin. Programs send no Origin and pass.
 */
export function createGuard(options: GuardOptions): Guard {
  const hosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(options.allowedOrigins.map(normalOrigin));
  const checkHost = options.loopback || hosts.size > 0;
  // Of a few hosts that callers name again and again, nothing has to be worked out.
  const answered = new Set<string>();

  return function guard({ headers }) {
    if (checkHost && !answered.has(headers.host ?? '')) {
      const host = headers.host?.toLowerCase() ?? '';
      const name = hostName(host);
      const known = hosts.has(host) || hosts.has(name) || (options.loopback && isLoopback(name));
      if (!known) {
        return `The host ${shown(host)} is not one this gateway answers to. Call it by a host it allows, or start it with this one among the allowed hosts.`;
      }
      if (answered.size < MOST_REMEMBERED) answered.add(headers.host ?? '');
    }
    const { origin } = headers;
    if (origin === undefined) return undefined;
    if (origins.has('*') || origins.has(normalOrigin(origin))) return undefined;
    if (isLoopbackOrigin(origin)) return undefined;
    return `The origin ${shown(origin)} is not allowed here. Start the gateway with it among the allowed origins if pages from there may call it.`;
  };
}

const MOST_REMEMBERED = 100;

/** `host[:port]` without its port; an IPv6 address keeps its brackets. */
const hostName = (host: string): string => host.replace(/:\d*$/, '');

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopback(url.hostname);
}

/** An origin as it is compared: in lower case, without a slash at its end or a default port. */
export function normalOrigin(origin: string): string {
  const lower = origin.toLowerCase().replace(/\/$/, '');
  return /^https?:/.test(lower) && URL.canParse(lower) ? new URL(lower).origin : lower;
}

const shown = (value: string): string => JSON.stringify(value.slice(0, 100));
