import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import type { CachePlan } from '../plan/cache.ts';
import type {
  SendOptions,
  StreamedRequest,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from '../plan/plan.ts';
import { answerOf, answerWith, type CacheStatus, type Entry, entryOf, merged } from './entry.ts';
import { createFlights } from './flights.ts';
import { keepingOf } from './freshness.ts';
import { keyOf, placeOf } from './key.ts';
import type { AnswerStore } from './memory.ts';

export interface CachingOptions {
  readonly store: AnswerStore;
  /** Also keeps what no file declares, as far as the headers of answers allow it. */
  readonly byHeaders?: boolean;
  /** Milliseconds that an answer is kept which is declared to be worth it, and does not say for how long. */
  readonly usualMs: number;
  /** Told how each answer was come by that might be kept. */
  readonly onAnswer?: (status: CacheStatus) => void;
  readonly now?: () => number;
}

/** What came of a call that several may have waited for. */
interface Fetched {
  readonly response: UpstreamResponse;
  readonly status: CacheStatus;
  /** Those who waited with the one who called may have it, too. */
  readonly shared: boolean;
}

const BY_HEADERS: CachePlan = {};
const NO_TIME = { age: 0, fresh: 0, spare: 0 };
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const HARMLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** With these a request is not for the whole of what is there, or not for what is kept. */
const CONDITIONS: ReadonlySet<string> = new Set([
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'pragma',
  'range',
]);
/** Callers of what turned out not to be kept do not wait for one another for so long. */
const PASS_MS = 10_000;
const MOST_PASSES = 10_000;

/**
 * A client that gives answers it has kept, and makes one call for many that are equal. What it is not
 * told to keep goes straight through.
 */
export function createCachingClient(
  inner: UpstreamClient,
  options: CachingOptions,
): UpstreamClient {
  const { store, byHeaders = false, usualMs, onAnswer, now = Date.now } = options;
  const flights = createFlights<Fetched>();
  const passes = new Map<string, number>();

  function planOf(request: UpstreamRequest | StreamedRequest): CachePlan | undefined {
    const { cache, method } = request;
    if (cache !== undefined) return cache === 'never' ? undefined : cache;
    return byHeaders && SAFE.has(method) ? BY_HEADERS : undefined;
  }

  async function answer(
    request: UpstreamRequest,
    how: SendOptions,
    plan: CachePlan,
  ): Promise<UpstreamResponse> {
    const key = keyOf(request, how.redirects);
    const place = placeOf(request);
    const read = store.read(key, place);
    const { entry, mark } = read instanceof Promise ? await read : read;
    const time = now();
    if (entry !== undefined && time < entry.fresh) {
      onAnswer?.('hit');
      return answerOf(entry, 'hit', time);
    }
    if (isPassed(key, time)) return alone(request, how);
    const { result, led } = await flights.join(key, how.signal, (signal) =>
      fetch(request, { ...how, signal }, { plan, key, place, entry, mark, asker: how.signal }),
    );
    if (led || result.status === 'stale') {
      onAnswer?.(result.status);
      return result.response;
    }
    if (!result.shared) return alone(request, how);
    onAnswer?.('collapsed');
    return answerWith(withoutStatus(result.response), 'collapsed');
  }

  async function alone(request: UpstreamRequest, how: SendOptions): Promise<UpstreamResponse> {
    const response = await inner.send(request, how);
    onAnswer?.('missed');
    return answerWith(response, 'missed');
  }

  interface Asking {
    readonly plan: CachePlan;
    readonly key: string;
    readonly place: string;
    readonly entry: Entry | undefined;
    readonly mark: number;
    readonly asker: SendOptions['signal'] | undefined;
  }

  async function fetch(
    request: UpstreamRequest,
    how: SendOptions,
    { plan, key, place, entry, mark, asker }: Asking,
  ): Promise<Fetched> {
    const stale = (): Fetched | undefined => {
      const { staleMs = 0 } = plan;
      const time = now();
      if (entry === undefined || time >= entry.fresh + staleMs) return undefined;
      return { response: answerOf(entry, 'stale', time), status: 'stale', shared: true };
    };
    let response: UpstreamResponse;
    try {
      response = await inner.send(entry === undefined ? request : asking(request, entry), how);
    } catch (thrown) {
      const instead = isFailure(thrown) ? stale() : undefined;
      if (instead !== undefined) return instead;
      throw thrown;
    }
    const { body, status } = response;
    const instead = status >= 500 ? stale() : undefined;
    if (instead !== undefined) {
      if (!Buffer.isBuffer(body)) body.destroy();
      return instead;
    }
    const keep = (of: UpstreamResponse) =>
      keepingOf(of, plan, plan === BY_HEADERS ? undefined : usualMs);
    if (status === 304 && entry !== undefined) {
      const same = merged(entry, response);
      const time = now();
      const keeping = keep(same);
      const again = entryOf(same, entry.body, keeping ?? NO_TIME, time);
      if (keeping !== undefined) await store.write(key, place, again, mark);
      return {
        response: answerOf(again, 'revalidated', time),
        status: 'revalidated',
        shared: true,
      };
    }
    const keeping = keep(response);
    if (keeping === undefined || !Buffer.isBuffer(body)) {
      if (status < 400) pass(key);
      // Who it was asked for has gone, and a stream is nobody else's.
      if (!Buffer.isBuffer(body) && asker?.aborted) body.destroy();
      const shared = plan !== BY_HEADERS && Buffer.isBuffer(body) && !hasCookies(response);
      return { response: answerWith(response, 'missed'), status: 'missed', shared };
    }
    await store.write(key, place, entryOf(response, body, keeping, now()), mark);
    const shared = (plan !== BY_HEADERS || keeping.fresh > 0) && !hasCookies(response);
    return { response: answerWith(response, 'stored'), status: 'stored', shared };
  }

  function pass(key: string): void {
    const [oldest] = passes.keys();
    if (passes.size >= MOST_PASSES && oldest !== undefined) passes.delete(oldest);
    passes.set(key, now() + PASS_MS);
  }

  function isPassed(key: string, time: number): boolean {
    const until = passes.get(key);
    if (until === undefined) return false;
    if (time < until) return true;
    passes.delete(key);
    return false;
  }

  /** What was changed is asked for anew, here and above it. */
  async function change(
    request: UpstreamRequest | StreamedRequest,
    how: SendOptions,
  ): Promise<UpstreamResponse> {
    const response = await inner.send(request, how);
    if (response.status < 400) await store.change(placeOf(request));
    return response;
  }

  return {
    close: () => inner.close(),
    async send(request, how) {
      const plan = planOf(request);
      if (plan === undefined) {
        return HARMLESS.has(request.method) ? inner.send(request, how) : change(request, how);
      }
      return isPlain(request, how) ? answer(request, how, plan) : inner.send(request, how);
    },
  };
}

const isPlain = (
  request: UpstreamRequest | StreamedRequest,
  how: SendOptions,
): request is UpstreamRequest =>
  how.stream !== true &&
  request.once !== true &&
  request.credential?.type !== 'session-end' &&
  !(request.body instanceof Readable) &&
  !request.headers.some((name, at) => at % 2 === 0 && CONDITIONS.has(name));

/** Asks whether what is kept still holds. */
function asking(request: UpstreamRequest, { headers }: Entry): UpstreamRequest {
  const validators: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] as string;
    if (headers[at] === 'etag') validators.push('if-none-match', value);
    else if (headers[at] === 'last-modified') validators.push('if-modified-since', value);
  }
  return { ...request, headers: [...request.headers, ...validators] };
}

/** Whether the consumed API is to blame, rather than a caller who left. */
const isFailure = (thrown: unknown): boolean =>
  thrown instanceof GatewayError && thrown.code.startsWith('UPSTREAM_');

const hasCookies = ({ headers }: UpstreamResponse): boolean =>
  headers.some((name, at) => at % 2 === 0 && name === 'set-cookie');

const withoutStatus = (response: UpstreamResponse): UpstreamResponse => ({
  ...response,
  headers: response.headers.slice(0, -2),
});
