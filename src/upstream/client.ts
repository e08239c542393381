import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import type {
  SendOptions,
  StreamedRequest,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from '../plan/plan.ts';
import { createClock } from './clock.ts';
import { ACCEPT_ENCODING } from './encodings.ts';
import { type ExchangeCall, exchange } from './exchange.ts';
import { requestHeaders } from './headers.ts';
import { type UpstreamOptions, type UpstreamSettings, upstreamSettings } from './options.ts';
import type { Origin, openOrigin as openOriginOf } from './origin.ts';
import { isRedirect, redirectedRequest } from './redirect.ts';

export type { UpstreamOptions } from './options.ts';

/** Redirects can name any host; connections to so many origins are kept, then the oldest go. */
const MOST_ORIGINS = 1_024;

/**
 * The one way out of the gateway. `send` rejects with GatewayError only; a streamed body fails
 * with one too. Proxies of the environment are not used.
 */
export function createUpstreamClient(options: UpstreamOptions = {}): UpstreamClient {
  const settings = upstreamSettings(options);
  const always = { userAgent: settings.userAgent, acceptEncoding: ACCEPT_ENCODING };
  const clock = createClock(shortestOf(settings));
  const constantHeaders = new WeakMap<readonly string[], string[]>();
  const origins = new Map<string, Origin>();
  let openOrigin: typeof openOriginOf | undefined;
  let closed = false;

  function sendOnce(
    request: UpstreamRequest | StreamedRequest,
    { hold, signal, stream = false }: SendOptions,
    timeLeft: number,
    resolve: (response: UpstreamResponse) => void,
    reject: (error: unknown) => void,
  ): void {
    if (closed) {
      reject(new GatewayError('SHUTTING_DOWN', 'The gateway is shutting down.'));
      return;
    }
    const origin = origins.get(request.origin) ?? open(request.origin);
    const { patience } = request;
    const call: ExchangeCall = {
      origin,
      clock,
      request: {
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers: sentHeaders(request),
        body: request.body ?? null,
        servername: origin.servername,
        // An exchange watches both itself, but for uploads, which undici sees going out.
        headersTimeout: isStreamed(request) ? patience : 0,
        bodyTimeout: 0,
      } as Dispatcher.DispatchOptions,
      settings: patience === undefined ? settings : patientSettings(settings, patience),
      hold,
      stream,
      once: request.once === true,
      signal,
      timeLeft,
    };
    exchange(call, resolve, reject);
  }

  /** What an operation always sends alike is made once. */
  function sentHeaders(request: UpstreamRequest | StreamedRequest): string[] {
    const { headers } = request;
    if (isStreamed(request)) return [...requestHeaders(headers, always), ...lengthOf(request)];
    const known = constantHeaders.get(headers);
    if (known !== undefined) return known;
    const sent = requestHeaders(headers, always);
    if (Object.isFrozen(headers)) constantHeaders.set(headers, sent);
    return sent;
  }

  async function follow(
    request: UpstreamRequest,
    first: UpstreamResponse,
    options: SendOptions,
    deadline: number,
  ): Promise<UpstreamResponse> {
    let current = request;
    let response = first;
    for (let left = options.redirects; left > 0; left -= 1) {
      const next = nextHop(current, response);
      if (next === undefined) return response;
      current = next;
      const timeLeft = Math.max(1, deadline - performance.now());
      response = await new Promise<UpstreamResponse>((resolve, reject) => {
        sendOnce(next, options, timeLeft, resolve, reject);
      });
    }
    return response;
  }

  function open(name: string): Origin {
    if (origins.size >= MOST_ORIGINS) {
      const [oldest] = origins;
      if (oldest) {
        origins.delete(oldest[0]);
        void oldest[1].close();
      }
    }
    const origin = (openOrigin as typeof openOriginOf)(name, settings);
    origins.set(name, origin);
    return origin;
  }

  function sendNow(
    request: UpstreamRequest | StreamedRequest,
    options: SendOptions,
  ): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const time = request.patience ?? settings.totalTimeout;
      if (options.redirects === 0 || isStreamed(request)) {
        sendOnce(request, options, time, resolve, reject);
        return;
      }
      const deadline = performance.now() + time;
      const answered = (response: UpstreamResponse): void => {
        if (!isRedirect(response)) resolve(response);
        else follow(request, response, options, deadline).then(resolve, reject);
      };
      sendOnce(request, options, time, answered, reject);
    });
  }

  return {
    send(request, options) {
      if (openOrigin !== undefined) return sendNow(request, options);
      // A gateway listens sooner without it.
      return import('./origin.ts').then((loaded) => {
        openOrigin = loaded.openOrigin;
        return sendNow(request, options);
      });
    },
    async close() {
      const all = [...origins.values()];
      const again = closed;
      closed = true;
      await Promise.all(all.map((origin) => (again ? origin.destroy() : origin.close())));
    },
  };
}

const patientSettings = (settings: UpstreamSettings, patience: number): UpstreamSettings => ({
  ...settings,
  headersTimeout: patience,
  totalTimeout: patience,
});

const shortestOf = (settings: UpstreamSettings): number => {
  const { totalTimeout, headersTimeout, bodyTimeout, streamTimeout } = settings;
  const silences = [headersTimeout, bodyTimeout, streamTimeout];
  return Math.min(totalTimeout, ...silences.filter((limit) => limit > 0));
};

const isStreamed = (request: UpstreamRequest | StreamedRequest): request is StreamedRequest =>
  request.body instanceof Readable;

const lengthOf = (request: UpstreamRequest | StreamedRequest): string[] =>
  isStreamed(request) && request.bodyLength !== undefined
    ? ['content-length', String(request.bodyLength)]
    : [];

/** Where a redirect leads; the body that came with it is of no use then. */
function nextHop(
  request: UpstreamRequest,
  response: UpstreamResponse,
): UpstreamRequest | undefined {
  try {
    const next = redirectedRequest(request, response);
    if (next !== undefined) discard(response);
    return next;
  } catch (error) {
    discard(response);
    throw error;
  }
}

function discard({ body }: UpstreamResponse): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}
