import { GatewayError } from '../errors.ts';
import { headerOf } from '../flat-headers.ts';
import type { UpstreamRequest, UpstreamResponse } from '../plan/plan.ts';
import { headersWhere } from './headers.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** All that another origin may see: a key can stand in any other header. */
const FIT_FOR_STRANGERS = new Set(['accept', 'accept-language', 'user-agent', 'content-type']);

const OF_THE_BODY = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
]);

/**
 * The request to which a redirect leads, or undefined when the answer is none that can be
 * followed. A body never goes to another origin: a credential can stand in it. Throws
 * UPSTREAM_UNUSABLE where following would give up TLS.
 */
export function redirectedRequest(
  request: UpstreamRequest,
  response: UpstreamResponse,
): UpstreamRequest | undefined {
  if (!isRedirect(response)) return undefined;
  const target = targetOf(request, headerOf(response.headers, 'location'));
  if (target === undefined) return undefined;
  if (target.protocol === 'http:' && request.origin.startsWith('https:')) {
    const host = new URL(request.origin).host;
    throw new GatewayError(
      'UPSTREAM_UNUSABLE',
      `${host} redirects from https to http, which is not followed: the request would travel unprotected.`,
    );
  }
  const method = methodAfter(response.status, request.method);
  const sameOrigin = target.origin === new URL(request.origin).origin;
  const withBody = method === request.method;
  if (withBody && request.body !== undefined && !sameOrigin) return undefined;
  const headers = headersWhere(request.headers, (name) => {
    if (!withBody && OF_THE_BODY.has(name)) return false;
    return sameOrigin || FIT_FOR_STRANGERS.has(name);
  });
  return {
    origin: target.origin,
    method,
    path: target.pathname + target.search,
    headers,
    ...(withBody && request.body !== undefined ? { body: request.body } : {}),
  };
}

export const isRedirect = ({ status }: UpstreamResponse): boolean => REDIRECTS.has(status);

function targetOf(request: UpstreamRequest, location: string | undefined): URL | undefined {
  const base = request.origin + request.path;
  if (location === undefined || !URL.canParse(location, base)) return undefined;
  const target = new URL(location, base);
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined;
}

function methodAfter(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}
