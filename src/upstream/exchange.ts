import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import type { GatewayError } from '../errors.ts';
import type { Cancellation, UpstreamResponse } from '../plan/plan.ts';
import type { Clock } from './clock.ts';
import { createDecoder, type Decoder } from './decode.ts';
import { readContentEncoding } from './encodings.ts';
import {
  cancelled,
  type FailureContext,
  isConnectionLost,
  tooLarge,
  undecodable,
  unknownEncoding,
  upstreamFailure,
} from './failure.ts';
import { flatHeaders } from './headers.ts';
import type { UpstreamSettings } from './options.ts';
import type { Origin } from './origin.ts';
import { NEVER, Watched } from './watched.ts';

export interface ExchangeCall {
  readonly origin: Origin;
  readonly clock: Clock;
  readonly request: Dispatcher.DispatchOptions;
  readonly settings: UpstreamSettings;
  readonly hold: boolean;
  /** The body is handed over as it comes. */
  readonly stream: boolean;
  /** Never sent again. */
  readonly once: boolean;
  readonly signal: Cancellation | undefined;
  /** What is left of the total timeout, milliseconds. */
  readonly timeLeft: number;
}

type Resolve = (response: UpstreamResponse) => void;
type Reject = (error: GatewayError) => void;

/** One request and its answer. */
export function exchange(call: ExchangeCall, resolve: Resolve, reject: Reject): void {
  if (call.signal?.aborted) reject(cancelled(call.signal.reason));
  else new Exchange(call, resolve, reject).start();
}

const STREAMS_BY_NATURE =
  /^(?:text\/event-stream|application\/(?:x-ndjson|stream\+json))\s*(?:;|$)/i;
const USUAL_TYPE = 'application/json';
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);
const STREAM_BUFFER_BYTES = 64 * 1024;
const LOOSE_CHUNKS = 512;

/**
 * The body goes from undici, through a decoder when it is encoded, either into `chunks` or, once
 * it is known to be large or endless, into `stream`. `done` is set by whatever ends it first.
 */
class Exchange extends Watched implements Dispatcher.DispatchHandler {
  private readonly call: ExchangeCall;
  private readonly resolve: Resolve;
  private readonly reject: Reject;
  private readonly onAbort: (() => void) | undefined;
  /** The body of the request comes from the caller, in pieces. */
  private readonly isUpload: boolean;
  private readonly isRepeatable: boolean;
  private controller: Dispatcher.DispatchController | undefined = undefined;
  private done = false;
  private heard = false;
  private retried = false;
  private status = 0;
  private headers: readonly string[] = [];
  private decoder: Decoder | undefined = undefined;
  private chunks: Buffer[] = [];
  private size = 0;
  private loose = 0;
  private stream: Readable | undefined = undefined;

  constructor(call: ExchangeCall, resolve: Resolve, reject: Reject) {
    super(call.settings);
    this.call = call;
    this.resolve = resolve;
    this.reject = reject;
    const { request, signal } = call;
    this.isUpload = request.body instanceof Readable;
    this.isRepeatable = !this.isUpload && !call.once && IDEMPOTENT.has(request.method);
    this.onAbort = signal && (() => this.fail(cancelled(signal.reason)));
  }

  start(): void {
    const { origin, request, signal, clock, timeLeft } = this.call;
    if (this.onAbort) signal?.addEventListener('abort', this.onAbort, ONCE);
    clock.watch(this);
    // A caller takes its time to send; the consumed API's begins when it has everything.
    if (request.body instanceof Readable) {
      request.body.once('close', () => {
        if (this.stream === undefined) this.deadline = performance.now() + timeLeft;
      });
    } else this.deadline = performance.now() + timeLeft;
    (this.isRepeatable ? origin.kept : origin.fresh).dispatch(request, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Given up while it waited for a connection: undici sends nothing of it then.
    if (this.done) controller.abort(cancelled());
    else if (!this.isUpload) {
      this.limit = 'headersTimeout';
      this.moved();
    }
  }

  onResponseStarted(): void {
    this.heard = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (this.done || status < 200) return;
    this.limit = undefined;
    const { hold, origin, request, settings, stream } = this.call;
    // No piece of an encoded body can be decoded, so whoever asked for one has to.
    const isPiece = stream && status === 206;
    const { codings, unknown } = readContentEncoding(
      isPiece ? undefined : headers['content-encoding'],
    );
    this.status = status;
    this.headers = flatHeaders(headers, codings.length > 0 && unknown === undefined);
    if (request.method === 'HEAD' || status === 204 || status === 304) return;
    const announced = Number(headers['content-length'] ?? 0);
    if (unknown !== undefined) {
      this.fail(unknownEncoding(origin.host, unknown));
      return;
    }
    if (hold && announced > settings.maxHeldBytes) {
      this.fail(tooLarge(this.context()));
      return;
    }
    const type = headers['content-type'];
    const isEndless = type !== USUAL_TYPE && STREAMS_BY_NATURE.test(String(type ?? ''));
    const streams = !hold && (stream || isEndless || announced > settings.streamThreshold);
    const mayWait = isEndless || (stream && headers['content-length'] === undefined);
    this.limit = mayWait && !hold ? 'streamTimeout' : 'bodyTimeout';
    this.moved();
    if (streams) this.openStream();
    if (codings.length > 0) this.decoder = this.openDecoder(codings, streams);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.done) return;
    this.moved();
    if (!this.decoder) this.take(chunk);
    else if (!this.decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.done) return;
    this.limit = undefined;
    if (this.decoder) this.decoder.end();
    else this.finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.done) return;
    if (this.mayTryAgain(error)) {
      this.retried = true;
      this.controller = undefined;
      this.limit = undefined;
      // Not at once: undici is in the middle of putting the lost connection away.
      setImmediate(() => {
        if (!this.done) this.call.origin.fresh.dispatch(this.call.request, this);
      });
      return;
    }
    this.fail(upstreamFailure(error, this.context()));
  }

  /**
   * A kept connection can be closed by the upstream in the moment a request is sent on it. Nothing
   * of an answer has come then, and repeating is harmless for a method that may be repeated.
   */
  private mayTryAgain(error: Error): boolean {
    return (
      this.isRepeatable &&
      !this.retried &&
      !this.heard &&
      this.controller !== undefined &&
      isConnectionLost(error)
    );
  }

  private take(chunk: Buffer): void {
    if (this.stream) {
      if (!this.stream.push(chunk)) this.pauseSource();
      return;
    }
    const { hold, settings } = this.call;
    this.keep(chunk);
    if (hold) {
      if (this.size > settings.maxHeldBytes) this.fail(tooLarge(this.context()));
    } else if (this.size > settings.streamThreshold) {
      this.openStream();
    }
  }

  // A body that comes byte by byte would otherwise cost a hundred bytes of objects for each.
  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    this.loose += 1;
    if (this.loose < LOOSE_CHUNKS) return;
    this.chunks.push(Buffer.concat(this.chunks.splice(-LOOSE_CHUNKS)));
    this.loose = 0;
  }

  private openStream(): void {
    this.deadline = NEVER;
    const stream = new Readable({
      highWaterMark: STREAM_BUFFER_BYTES,
      read: () => this.resumeSource(),
      destroy: (error, callback) => {
        if (!this.done) this.abandon(error ?? cancelled());
        callback(error);
      },
    });
    // It may fail before the caller, who gets it in a microtask, can listen.
    stream.on('error', () => {});
    this.stream = stream;
    let room = true;
    for (const chunk of this.chunks) room = stream.push(chunk);
    this.chunks = [];
    if (!room) this.pauseSource();
    this.resolve({ status: this.status, headers: this.headers, body: stream });
  }

  private openDecoder(codings: readonly string[], wantedAtOnce: boolean): Decoder {
    const { host } = this.call.origin;
    return createDecoder(codings, wantedAtOnce, {
      data: (chunk) => {
        if (!this.done) this.take(chunk);
      },
      drain: () => this.resumeReading(),
      end: () => {
        if (!this.done) this.finish();
      },
      error: (error) => this.fail(undecodable(host, codings.join(', '), error)),
    });
  }

  private pauseSource(): void {
    if (this.decoder) this.decoder.pause();
    else this.controller?.pause();
  }

  private resumeSource(): void {
    if (this.done) return;
    if (this.decoder) this.decoder.resume();
    else this.resumeReading();
  }

  private resumeReading(): void {
    this.moved();
    this.controller?.resume();
  }

  private finish(): void {
    this.settle();
    if (this.stream) {
      this.stream.push(null);
      return;
    }
    const { chunks } = this;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, this.size);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  protected fail(error: GatewayError): void {
    if (this.done) return;
    this.abandon(error);
    if (this.stream) this.stream.destroy(error);
    else this.reject(error);
  }

  private abandon(reason: Error): void {
    this.settle();
    this.chunks = [];
    this.controller?.abort(reason);
    this.decoder?.destroy();
  }

  private settle(): void {
    this.done = true;
    this.call.clock.release(this);
    if (this.onAbort) this.call.signal?.removeEventListener('abort', this.onAbort);
  }

  protected isPaused(): boolean {
    return this.controller?.paused === true;
  }

  protected context(): FailureContext {
    const { origin, settings } = this.call;
    return { host: origin.host, settings, heard: this.heard };
  }
}

const ONCE = { once: true } as const;
