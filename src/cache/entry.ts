import type { UpstreamResponse } from '../plan/plan.ts';

/** An answer that is kept. Times are in milliseconds since 1970. */
export interface Entry {
  readonly status: number;
  /** Names and values alternating, without cookies and `age`. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** When the consumed API made it, as far as that is known. */
  readonly made: number;
  /** It is given until then without asking. */
  readonly fresh: number;
  /** It is of use until then: for asking whether it still holds, or while the API fails. */
  readonly until: number;
}

/** How long an answer is kept, in milliseconds from now. */
export interface Keeping {
  readonly age: number;
  readonly fresh: number;
  readonly spare: number;
}

export function entryOf(
  { status, headers }: UpstreamResponse,
  body: Buffer,
  { age, fresh, spare }: Keeping,
  now: number,
): Entry {
  return {
    status,
    headers: headersWithout(OF_ONE_ANSWER, headers),
    body: alone(body),
    made: now - age,
    fresh: now + fresh,
    until: now + fresh + spare,
  };
}

/** The bytes without what they were read together with: they would keep all of it. */
function alone(body: Buffer): Buffer {
  if (body.buffer.byteLength <= 2 * body.length) return body;
  const own = Buffer.allocUnsafeSlow(body.length);
  body.copy(own);
  return own;
}

/** A kept answer with what a 304 says anew of it. */
export function merged(entry: Entry, { headers }: UpstreamResponse): UpstreamResponse {
  const told = headersWithout(OF_ITS_BODY, headers);
  const names = new Set(told.filter((_, at) => at % 2 === 0));
  const { status, body } = entry;
  return { status, body, headers: [...headersWithout(names, entry.headers), ...told] };
}

/** How an answer was come by, for the header `Cache-Status` (RFC 9211). */
export type CacheStatus = 'hit' | 'stale' | 'revalidated' | 'collapsed' | 'stored' | 'missed';

export function answerOf(entry: Entry, status: CacheStatus, now: number): UpstreamResponse {
  const age = String(Math.max(0, Math.floor((now - entry.made) / 1000)));
  const left = Math.ceil((entry.fresh - now) / 1000);
  const headers = [
    ...entry.headers,
    'age',
    age,
    'cache-status',
    `${STATUSES[status]}; ttl=${left}`,
  ];
  return { status: entry.status, headers, body: entry.body };
}

/** An answer that came just now, and was not kept or not asked for by this caller alone. */
export const answerWith = (response: UpstreamResponse, status: CacheStatus): UpstreamResponse => ({
  ...response,
  headers: [...response.headers, 'cache-status', STATUSES[status]],
});

const STATUSES: Readonly<Record<CacheStatus, string>> = {
  hit: 'naftiko; hit',
  stale: 'naftiko; hit; detail=stale-if-error',
  revalidated: 'naftiko; fwd=stale; fwd-status=304; stored',
  collapsed: 'naftiko; fwd=uri-miss; collapsed',
  stored: 'naftiko; fwd=uri-miss; stored',
  missed: 'naftiko; fwd=uri-miss',
};

const OF_ONE_ANSWER: ReadonlySet<string> = new Set(['age', 'set-cookie', 'set-cookie2']);

/** A 304 has no body, and says nothing true of one. */
const OF_ITS_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
]);

function headersWithout(names: ReadonlySet<string>, headers: readonly string[]): readonly string[] {
  const isUnwanted = (_: string, at: number): boolean =>
    names.has(headers[at - (at % 2)] as string);
  return headers.some(isUnwanted) ? headers.filter((each, at) => !isUnwanted(each, at)) : headers;
}
