import type { Socket } from 'node:net';

/**
 * Makes a connection keep interim answers (1xx) to itself: any server may send them unasked (RFC 9110
 * section 15.2), nobody behind this client wants them, and undici takes a 100 for a broken answer.
 *
 * An answer begins after its request: what the client writes says when one is awaited, and only the
 * bytes up to the head of the final answer are looked at.
 */
export function skipInterim(socket: Socket): void {
  const write = socket.write as (...given: unknown[]) => boolean;
  const read = socket.read;
  let isAwaited = false;
  let held: Buffer | undefined;

  socket.write = ((piece: unknown, encoding: unknown, done: unknown): boolean => {
    if (typeof piece === 'string' && piece.length > LONGEST_CHUNK_SIZE) isAwaited = true;
    return write.call(socket, piece, encoding, done);
  }) as Socket['write'];

  socket.read = function readFinal(size?: number): Buffer | null {
    while (isAwaited) {
      const piece = read.call(socket, size) as Buffer | null;
      if (piece === null) return null;
      const bytes = held === undefined ? piece : Buffer.concat([held, piece]);
      const end = endOfInterim(bytes);
      const isUndecided = end === undefined && bytes.length <= LARGEST_HEAD;
      held = isUndecided ? bytes : undefined;
      if (isUndecided) continue;
      isAwaited = false;
      return end === undefined || end === 0 ? bytes : bytes.subarray(end);
    }
    return read.call(socket, size) as Buffer | null;
  };
}

/** undici writes heads of requests as text, bodies as bytes, but the sizes of their chunks as text, too. */
const LONGEST_CHUNK_SIZE = '\r\nffffffffffffffff\r\n'.length;

/** As the limit of the client's own, which it then meets. */
const LARGEST_HEAD = 32 * 1024;

const STATUS_LINE_START = /^HTTP\/1\.[01] \d{3}/;
const STATUS_LINE_START_LENGTH = 'HTTP/1.1 200'.length;
const FIRST_DIGIT_AT = 'HTTP/1.1 '.length;
const ONE = 0x31;
/** 101 would change the protocol, so it is no interim answer to something else. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d/;

/** Where the final answer begins; undefined when that cannot be known before more has come. */
function endOfInterim(bytes: Buffer): number | undefined {
  let at = 0;
  if (bytes[FIRST_DIGIT_AT] !== ONE && bytes.length >= STATUS_LINE_START_LENGTH) return at;
  for (;;) {
    const start = bytes.toString('latin1', at, at + STATUS_LINE_START_LENGTH);
    if (start.length < STATUS_LINE_START_LENGTH) return isBegun(start) ? undefined : at;
    if (!INTERIM.test(start)) return at;
    const end = bytes.indexOf('\r\n\r\n', at, 'latin1');
    if (end === -1) return undefined;
    at = end + '\r\n\r\n'.length;
  }
}

/** Whether a text shorter than a status line could become one. */
const isBegun = (text: string): boolean =>
  STATUS_LINE_START.test(text + 'HTTP/1.1 200'.slice(text.length));
