import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type Share, SMALL } from './body-room.ts';
import { readMediaType } from './media.ts';
import { requireModest } from './modest.ts';
import { PARSE_ERROR, RpcError, SERVER_ERROR } from './rpc-error.ts';

/** What is left of a body that is refused is read and dropped, so that the refusal is seen. */
const MOST_DROPPED_BYTES = 64 * 1024 * 1024;
const LONGEST_DROPPING_MS = 10_000;

/**
 * The JSON value of a request's body, which nobody has read yet.
 * @param share of the memory that all large bodies have together
 * @throws RpcError with status 413, 415, 503 or 400.
 */
export async function readJsonBody(
  req: IncomingMessage,
  maxBytes: number,
  share: Share,
): Promise<unknown> {
  requireJson(req);
  const bytes = await readBytes(req, maxBytes, share);
  const message = parsed(bytes);
  requireModest(message, bytes.length);
  return message;
}

/** A body that needs no room: small, and of a length that is known. */
export const isSmallJson = ({ headers }: IncomingMessage, maxBytes: number): boolean =>
  USUAL_TYPES.has(headers['content-type']) &&
  headers['content-encoding'] === undefined &&
  // Of what has no length nothing is known.
  Number(headers['content-length']) <= Math.min(SMALL, maxBytes);

/** The same for such a body, and without a promise: exactly one of the two is called. */
export function takeSmallJson(
  req: IncomingMessage,
  take: (message: unknown) => void,
  fail: (thrown: unknown) => void,
): void {
  let bytes: Buffer | undefined;
  req.on('data', (chunk: Buffer) => {
    bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk]);
  });
  req.once('error', fail);
  req.once('end', () => {
    req.off('error', fail);
    let message: unknown;
    try {
      message = parsed(bytes ?? NOTHING);
      requireModest(message, bytes?.length);
    } catch (thrown) {
      fail(thrown);
      return;
    }
    take(message);
  });
}

const NOTHING = Buffer.alloc(0);
const USUAL_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
]);

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(
      isAscii(bytes)
        ? bytes.toString('latin1')
        : new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    );
  } catch {
    throw new RpcError(
      PARSE_ERROR,
      'Parse error: the body is not JSON text in UTF-8. Send one JSON-RPC 2.0 message.',
    );
  }
}

function requireJson({ headers }: IncomingMessage): void {
  const { essence, charset = 'utf-8' } = readMediaType(headers['content-type']);
  if (essence !== 'application/json' || !/^utf-?8$/.test(charset)) {
    throw unsupported('Content-Type must be application/json in UTF-8.');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('Content-Encoding is not taken here: send the body as it is.');
  }
}

const unsupported = (why: string): RpcError =>
  new RpcError(SERVER_ERROR, `Unsupported media type: ${why}`, { status: 415 });

function readBytes(req: IncomingMessage, maxBytes: number, share: Share): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (why: RpcError): void => {
      refused = true;
      chunks.length = 0;
      reject(why);
      dropRest(req);
    };
    req.on('data', (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      if (size > maxBytes) refuse(tooLarge(maxBytes));
      else if (!share.grow(size)) refuse(noRoom());
      else chunks.push(chunk);
    });
    req.once('end', () => resolve(Buffer.concat(chunks)));
    req.once('close', () => reject(new RpcError(SERVER_ERROR, 'The body broke off.')));
    req.once('error', reject);
    if (Number(req.headers['content-length']) > maxBytes) refuse(tooLarge(maxBytes));
  });
}

const tooLarge = (maxBytes: number): RpcError =>
  new RpcError(SERVER_ERROR, `The body is larger than ${maxBytes} bytes, the limit.`, {
    status: 413,
  });

const noRoom = (): RpcError =>
  new RpcError(SERVER_ERROR, 'Too many large bodies are being answered. Try again shortly.', {
    status: 503,
    headers: { 'retry-after': '1' },
  });

export function dropRest(req: IncomingMessage): void {
  let dropped = 0;
  const breakOff = (): void => void req.socket.destroy();
  const timer = setTimeout(breakOff, LONGEST_DROPPING_MS).unref();
  req.on('data', ({ length }: Buffer) => {
    dropped += length;
    if (dropped > MOST_DROPPED_BYTES) breakOff();
  });
  const done = (): void => clearTimeout(timer);
  req.once('end', done).once('close', done);
  req.resume();
}
