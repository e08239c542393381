import CachePolicy from 'http-cache-semantics';
import type { CachePlan } from '../plan/cache.ts';
import type { UpstreamResponse } from '../plan/plan.ts';
import type { Keeping } from './entry.ts';

/** Statuses that are kept for as long as the file or the gateway says, whatever the headers say. */
const PLAIN: ReadonlySet<number> = new Set([200, 203, 204]);
const LONGEST_MS = 24 * 60 * 60_000;
/** An answer that can be asked for anew with its validator is worth keeping beyond its time. */
const SPARE_MS = 60 * 60_000;

/**
 * How long an answer may be kept; undefined for one that may not. Callers with one credential are one
 * user to the API, but several to us: what is `private` is not kept.
 * @param usualMs for an answer whose headers say nothing; undefined for not at all
 */
export function keepingOf(
  response: UpstreamResponse,
  { forMs, staleMs = 0, setsCookies }: CachePlan,
  usualMs: number | undefined,
): Keeping | undefined {
  const headers = recordOf(response.headers);
  if (setsCookies === true && headers['set-cookie'] !== undefined) return undefined;
  if (response.status === 206 || /(?:^|,)\s*\*\s*(?:,|$)/.test(headers.vary ?? ''))
    return undefined;
  const isValidated = headers.etag !== undefined || headers['last-modified'] !== undefined;
  const spare = Math.max(isValidated ? SPARE_MS : 0, staleMs);
  const age = Math.max(0, Number(headers.age ?? 0) || 0) * 1000;
  if (forMs !== undefined) {
    return PLAIN.has(response.status) ? { age, fresh: forMs, spare } : undefined;
  }
  if (!saysSomething(headers)) {
    if (!PLAIN.has(response.status)) return undefined;
    if (usualMs !== undefined) return { age, fresh: usualMs, spare };
    return isValidated ? { age, fresh: 0, spare } : undefined;
  }
  const policy = policyOf(response.status, headers);
  if (!policy.storable()) return undefined;
  const fresh = Math.min(Math.max(0, policy.maxAge() * 1000 - age), LONGEST_MS);
  return fresh === 0 && !isValidated ? undefined : { age, fresh, spare };
}

const saysSomething = (headers: Readonly<Record<string, string>>): boolean =>
  headers['cache-control'] !== undefined ||
  headers.expires !== undefined ||
  headers.pragma !== undefined;

/** The method and the credential are none of its business: they are part of what an answer is kept under. */
function policyOf(status: number, headers: Readonly<Record<string, string>>): CachePolicy {
  const request = { method: 'GET', url: '', headers: {} };
  return new CachePolicy(request, { status, headers }, { shared: true, cacheHeuristic: 0 });
}

/** Headers by name; directives in lower case, as they are compared. */
function recordOf(flat: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] as string;
    const value = flat[at + 1] as string;
    const text = name === 'cache-control' ? value.toLowerCase() : value;
    headers[name] = headers[name] === undefined ? text : `${headers[name]}, ${text}`;
  }
  return headers;
}
