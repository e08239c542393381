import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatewayError } from '../errors.ts';
import { endInOnePiece } from '../one-piece.ts';
import type { Outcome, UpstreamResponse } from '../plan/plan.ts';
import { endToEndHeaders, headersWhere } from '../upstream/headers.ts';
import { metaHeaders } from './meta-headers.ts';

/**
 * Answers a caller with what came of running an operation. A promise only for a streamed body: it
 * resolves when that has gone.
 * @throws GatewayError, or rejects, when the upstream ends a stream half-way; the connection is broken
 * off then, so that a cut answer does not look whole
 */
export function sendOutcome(response: ServerResponse, outcome: Outcome): Promise<void> | undefined {
  if (outcome.kind === 'answer') return sendAnswer(response, outcome);
  sendValue(response, outcome);
  return undefined;
}

/** As `sendOutcome`, for an answer that is handed on as it is. */
export function sendAnswer(response: ServerResponse, answer: Answer): Promise<void> | undefined {
  const { body } = answer.response;
  if (!Buffer.isBuffer(body)) return sendStream(response, answer, body);
  sendWhole(response, answer, body);
  return undefined;
}

interface Answer {
  readonly response: UpstreamResponse;
  readonly step: { readonly setCookie: boolean };
}
type Value = Outcome & { readonly kind: 'value' };

function sendValue(response: ServerResponse, { answered, status, value, meta }: Value): void {
  const body = textOf(value);
  const headers = answered === undefined ? [] : headersOf(answered, ofAnyBody);
  if (meta !== undefined) headers.push(...metaHeaders(meta));
  headers.push('content-type', 'application/json; charset=utf-8');
  const length = Buffer.byteLength(body);
  headers.push('content-length', String(length));
  writeHead(response, status, headers);
  // Text of ASCII alone is the same bytes in both.
  if (length === body.length) endInOnePiece(response, body);
  else response.end(body);
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value ?? null);
  } catch (error) {
    // Only nesting that overflows the stack keeps JSON from being written.
    const message = 'The answer is nested too deeply to be handed on.';
    throw new GatewayError('UPSTREAM_UNUSABLE', message, {}, error);
  }
}

function sendWhole(response: ServerResponse, outcome: Answer, body: Buffer): void {
  const { status } = outcome.response;
  const headers = headersOf(outcome, status === 204 ? notLength : all);
  // An upstream that was asked with HEAD says itself how long the body would be.
  const isHead = body.length === 0 && response.req.method === 'HEAD';
  if (status !== 204 && status !== 304 && !isHead) setLength(headers, body.length);
  writeHead(response, status, headers);
  if (body.length <= MOST_IN_ONE_PIECE) endInOnePiece(response, body.toString('latin1'));
  else response.end(body);
}

/** Bytes. A longer text would have to be copied once more to be sent. */
const MOST_IN_ONE_PIECE = 12 * 1024;

async function sendStream(
  response: ServerResponse,
  outcome: Answer,
  body: Readable,
): Promise<void> {
  try {
    writeHead(response, outcome.response.status, headersOf(outcome, all));
  } catch (error) {
    body.destroy();
    throw error;
  }
  if (response.req.method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  response.flushHeaders();
  try {
    await pipeline(body, response);
  } catch (error) {
    // A body fails with a GatewayError; anything else is a caller who left.
    if (error instanceof GatewayError) throw error;
  }
}

type Wanted = (name: string) => boolean;

const all: Wanted = () => true;
const notLength: Wanted = (name) => name !== 'content-length';

/**
 * Headers of the upstream's body alone (RFC 9110 section 8, and its checksums): no other body has them.
 * `etag` and `last-modified` are not among them: a body that a file makes of the upstream's changes
 * when that does, and a caller shows them again to change what it has read, or to hear that it is the same.
 */
const OF_ITS_BODY: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'repr-digest',
]);

const ofAnyBody: Wanted = (name) => !OF_ITS_BODY.has(name);

function headersOf({ response, step }: Answer, wanted: Wanted): string[] {
  const passed = endToEndHeaders(response.headers, { setCookie: step.setCookie });
  return wanted === all ? passed : headersWhere(passed, wanted);
}

/** `writeHead` puts one header in place of another of its name; here both are sent, Vary for one. */
function writeHead(response: ServerResponse, status: number, headers: readonly string[]): void {
  if (response.getHeaderNames().length === 0) {
    response.writeHead(status, headers as string[]);
    return;
  }
  for (let at = 0; at < headers.length; at += 2) {
    response.appendHeader(headers[at] as string, headers[at + 1] as string);
  }
  response.writeHead(status);
}

function setLength(headers: string[], length: number): void {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] !== 'content-length') continue;
    headers[at + 1] = String(length);
    return;
  }
  headers.push('content-length', String(length));
}
