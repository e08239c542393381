import { headerOf } from '../flat-headers.ts';
import type { Json } from '../plan/plan.ts';

/** Clocks that differ by less are taken to agree: a `Date` header counts whole seconds, and travels. */
const AGREEING_MS = 5000;

/**
 * The time on our clock of a time that a server names. A server says in `Date` what its own clock
 * shows, so one that goes wrong does no harm.
 * @param asked when the request was sent, milliseconds since 1970 like all times here
 */
export function onOurClock(time: number, headers: readonly string[], asked: number): number {
  const theirs = Date.parse(headerOf(headers, 'date') ?? '');
  const ahead = theirs - asked;
  return Math.abs(ahead) > AGREEING_MS ? time - ahead : time;
}

/** ISO 8601, or seconds or milliseconds since 1970, as a number or its digits. */
export function readTime(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const number = Number(value);
  if (String(value).trim() !== '' && Number.isFinite(number))
    // As seconds, today's milliseconds would be a year beyond 50,000.
    return number > 1e11 ? number : number * 1000;
  // What names no zone is read as UTC: it was written by a server, not for people.
  const text = String(value).trim();
  const time = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time;
}

/** `exp` of a JWT, which is not verified: it is a hint when to ask for another. */
export function readJwtEnd(token: unknown): number | undefined {
  const [, payload] = typeof token === 'string' ? token.split('.') : [];
  if (payload === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
    const { exp } = claims as { readonly exp?: unknown };
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds of a life in seconds, as a number or its digits. */
export function readLife(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const seconds = String(value).trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
