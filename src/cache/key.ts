import { hash } from 'node:crypto';
import { accountOf } from '../access/account.ts';
import type { UpstreamRequest } from '../plan/plan.ts';

/**
 * What an answer is kept under: all that the request says, credentials and forwarded headers included,
 * as a digest. Two callers whose requests differ in anything never see each other's answers.
 */
export function keyOf(request: UpstreamRequest, redirects: number): string {
  const { origin, method, path, headers, body, credential } = request;
  const text = JSON.stringify([
    method,
    origin,
    path,
    headersOf(headers),
    redirects,
    credential === undefined ? '' : accountOf(credential),
    body === undefined ? 0 : typeof body === 'string' ? body : body.toString('latin1'),
    typeof body,
  ]);
  return hash('sha256', text, 'base64url');
}

/** Names of one request of a trace: they say nothing of what is asked for. */
const OF_A_TRACE: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

const headersOf = (headers: readonly string[]): readonly string[] =>
  headers.some((name, at) => at % 2 === 0 && OF_A_TRACE.has(name))
    ? headers.filter((_, at) => !OF_A_TRACE.has(headers[at - (at % 2)] as string))
    : headers;

/** Origin and path, without the query: what a change is thought to reach. */
export const placeOf = ({ origin, path }: Pick<UpstreamRequest, 'origin' | 'path'>): string => {
  const mark = path.indexOf('?');
  return origin + (mark === -1 ? path : path.slice(0, mark));
};

/** The place and all above it, but for the root: a list shows what its items are. */
export function placesAbove(place: string): readonly string[] {
  const start = place.indexOf('/', place.indexOf('://') + 3);
  const places = [place];
  for (let end = place.lastIndexOf('/'); end > start; end = place.lastIndexOf('/', end - 1)) {
    places.push(place.slice(0, end));
  }
  return places;
}
