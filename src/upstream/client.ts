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
import { ACCEPT_ENCODING } from './encodings.ts';
import { exchange } from './exchange.ts';
import { requestHeaders } from './headers.ts';
import { type UpstreamOptions, type UpstreamSettings, upstreamSettings } from './options.ts';
import type { Origin, openOrigin as openOriginOf } from './origin.ts';
import { redirectedRequest } from './redirect.ts';

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
  const origins = new Map<string, Origin>();
  let openOrigin: typeof openOriginOf;
  let closed = false;

  function sendOnce(
    request: UpstreamRequest | StreamedRequest,
    { hold, signal, stream = false }: SendOptions,
    timeLeft: number,
  ): Promise<UpstreamResponse> {
    if (closed) {
      return Promise.reject(new GatewayError('SHUTTING_DOWN', 'The gateway is shutting down.'));
    }
    const origin = origins.get(request.origin) ?? open(request.origin);
    const { patience } = request;
    const own = patience === undefined ? settings : patientSettings(settings, patience);
    return exchange({
      origin,
      request: {
        path: request.path,
        method: request.method,
        headers: [...requestHeaders(request.headers, always), ...lengthOf(request)],
        body: request.body,
        servername: origin.servername,
        ...(patience === undefined ? {} : { headersTimeout: patience }),
        ...(hold ? {} : { bodyTimeout: 0 }),
      } as Dispatcher.DispatchOptions,
      settings: own,
      hold,
      stream,
      once: request.once === true,
      signal,
      timeLeft,
    });
  }

  async function follow(request: UpstreamRequest, options: SendOptions): Promise<UpstreamResponse> {
    const deadline = performance.now() + (request.patience ?? settings.totalTimeout);
    let current = request;
    for (let left = options.redirects; ; left -= 1) {
      const timeLeft = Math.max(1, deadline - performance.now());
      const response = await sendOnce(current, options, timeLeft);
      const next = left > 0 ? nextHop(current, response) : undefined;
      if (next === undefined) return response;
      current = next;
    }
  }

  function open(name: string): Origin {
    if (origins.size >= MOST_ORIGINS) {
      const [oldest] = origins;
      if (oldest) {
        origins.delete(oldest[0]);
        void oldest[1].close();
      }
    }
    const origin = openOrigin(name, settings);
    origins.set(name, origin);
    return origin;
  }

  return {
    async send(request, options) {
      // A gateway listens sooner without it.
      openOrigin ??= (await import('./origin.ts')).openOrigin;
      return options.redirects > 0 && !isStreamed(request)
        ? follow(request, options)
        : sendOnce(request, options, request.patience ?? settings.totalTimeout);
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
