import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { ForwardPlan, StreamedRequest, UpstreamRequest } from '../plan/plan.ts';
import { sendAnswer } from './answer.ts';
import type { RestOptions } from './handler.ts';
import { sendProblem } from './problem.ts';
import { fitSegment, readSegment, splitPath } from './segment.ts';

export interface Forwarder {
  /** What of a path, as it came, is behind the forwarded one; undefined when it is not below it. */
  rest(path: string): string | undefined;
  /**
   * Answers a request with what the consumed API says; never throws.
   * @param query without its question mark
   */
  handle(request: IncomingMessage, response: ServerResponse, query: string, rest: string): void;
}

export interface ForwardOptions extends RestOptions {
  /** A query parameter that holds this gateway's own credential, and goes no further. */
  readonly ownKey?: string;
}

export function compileForwarder(plan: ForwardPlan, options: ForwardOptions): Forwarder {
  const { upstream, mask, onFailure } = options;
  const segments = plan.path === '/' ? [] : splitPath(plan.path).map(readSegment);

  function rest(path: string): string | undefined {
    const all = path.slice(1).split('/');
    if (all.length < segments.length) return undefined;
    const fits = segments.every(({ texts }, index) => {
      const segment = decoded(all[index] as string);
      const [only] = texts;
      return texts.length === 1 ? segment === only : fitSegment(texts, segment) !== undefined;
    });
    if (!fits) return undefined;
    return all.length === segments.length ? '' : `/${all.slice(segments.length).join('/')}`;
  }

  async function run(
    request: IncomingMessage,
    response: ServerResponse,
    query: string,
    below: string,
  ): Promise<void> {
    const caller = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) caller.abort();
    });
    try {
      const forwarded = forwardedRequest(plan, request, query, below, options.ownKey);
      const { redirects, setCookie } = plan;
      const { signal } = caller;
      const answer = await upstream.send(forwarded, {
        hold: false,
        stream: true,
        redirects,
        signal,
      });
      await sendAnswer(response, { response: answer, step: { setCookie } });
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.code === 'CANCELLED' || (response.destroyed && !response.headersSent)) return;
      onFailure(error, request);
      sendProblem(response, error, mask);
    }
  }

  return {
    rest,
    handle(request, response, query, below) {
      void run(request, response, query, below);
    },
  };
}

/** Those with more, and more definite, segments come first. */
export const byDepth = (one: ForwardPlan, other: ForwardPlan): number =>
  splitPath(other.path).length - splitPath(one.path).length ||
  Number(one.path.includes('{')) - Number(other.path.includes('{'));

function forwardedRequest(
  plan: ForwardPlan,
  request: IncomingMessage,
  query: string,
  below: string,
  ownKey: string | undefined,
): UpstreamRequest | StreamedRequest {
  const mark = queryOf(plan, query, ownKey);
  const body = bodyOf(request);
  const head = {
    origin: plan.origin,
    method: request.method as string,
    path: (plan.basePath + safe(below) || '/') + (mark === '' ? '' : `?${mark}`),
    headers: headersOf(plan, request, body !== undefined),
    target: `${plan.target}.*`,
    ...(plan.credential === undefined ? {} : { credential: plan.credential }),
  };
  if (body === undefined) return head;
  const length = request.headers['content-length'];
  return { ...head, body, ...(length === undefined ? {} : { bodyLength: Number(length) }) };
}

/** Signs that no URL holds, or that would end its path. */
const FOREIGN = /[^\w\-.~!$&'()*+,;=:@/?%]/g;

const encoded = (text: string): string =>
  text.replace(FOREIGN, (sign) =>
    Array.from(
      Buffer.from(sign, 'latin1'),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );

/**
 * The rest of the path, encoded as it came.
 * @throws GatewayError when any server could read it as a path above the base
 */
function safe(below: string): string {
  let text = below;
  for (let round = 0; ; round += 1) {
    const climbs = text.split(/[/\\]/).some((segment) => /^\.\.?(?:;.*)?$/s.test(segment));
    if (climbs || text.includes('\0')) throw unsafe();
    const next = decoded(text);
    if (next === text) return encoded(below);
    // Nobody encodes a name this often who does not want to hide something.
    if (round === MOST_ENCODED) throw unsafe();
    text = next;
  }
}

const MOST_ENCODED = 4;

const unsafe = (): GatewayError =>
  new GatewayError(
    'REQUEST_INVALID',
    'The path holds a segment that is "." or "..", or a NUL character, so it could leave what is forwarded. Name the path itself.',
  );

function decoded(text: string): string {
  return text.replace(/(?:%[\dA-Fa-f]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    return bytes.toString('utf8');
  });
}

/** The caller's query as it came, but for parameters that the file sets, or that are ours. */
function queryOf(plan: ForwardPlan, query: string, ownKey: string | undefined): string {
  const taken = new Set(plan.query.map(({ name }) => name));
  if (ownKey !== undefined) taken.add(ownKey);
  const kept =
    taken.size === 0 || query === ''
      ? query
      : query
          .split('&')
          .filter((pair) => {
            const name = new URLSearchParams(pair).keys().next().value;
            return name === undefined || !taken.has(name);
          })
          .join('&');
  return [...(kept === '' ? [] : [encoded(kept)]), ...plan.query.map(({ pair }) => pair)].join('&');
}

/** What says how the body is to be read belongs to it. */
const OF_THE_BODY = ['content-type', 'content-encoding', 'content-language'];

function headersOf(
  { headers: declared, trustedHeaders }: ForwardPlan,
  { headers }: IncomingMessage,
  hasBody: boolean,
): readonly string[] {
  const sent = new Map<string, string>([['accept', '*/*']]);
  for (const name of hasBody ? [...OF_THE_BODY, ...trustedHeaders] : trustedHeaders) {
    const value = headers[name];
    if (value !== undefined) sent.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  // A range counts the bytes of one encoding, and the caller knows of none that it has not asked for.
  if (sent.has('range') && !sent.has('accept-encoding')) sent.set('accept-encoding', 'identity');
  for (let at = 0; at < declared.length; at += 2) {
    sent.set(declared[at] as string, declared[at + 1] as string);
  }
  return [...sent].flat();
}

/**
 * The body, in a stream of its own: the client ends what it has sent or given up, and the caller's
 * connection must survive that to be answered.
 */
function bodyOf(request: IncomingMessage): Readable | undefined {
  const { headers } = request;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0'))
    return undefined;
  const body = new PassThrough();
  request.on('error', (error) => body.destroy(error));
  request.on('close', () => {
    if (!request.complete) body.destroy(new Error('The caller broke off its request.'));
  });
  body.on('error', () => {});
  body.on('close', () => {
    request.unpipe(body);
    request.resume();
  });
  request.pipe(body);
  return body;
}
