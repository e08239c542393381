import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { toProblem } from '../rest/problem.ts';

/** What Node's HTTP parser and its timers refuse, by their codes; anything else is simply no HTTP. */
const REFUSALS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The headers of the request are larger than 16 KiB. Send less in them.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};
const NOT_HTTP = [400, 'The request is not valid HTTP/1.1.'] as const;

/** Answers bytes that are no request, and ends the connection. */
export function answerUnreadable(
  { code = '' }: NodeJS.ErrnoException,
  socket: Duplex,
  mask: (text: string) => string,
): void {
  // Once an answer has gone out here, this one could be taken for the rest of it.
  const isFirst = (socket as Socket).bytesWritten === 0;
  if (code === 'ECONNRESET' || !socket.writable || !isFirst) {
    socket.destroy();
    return;
  }
  const [status, message] = Object.hasOwn(REFUSALS, code) ? (REFUSALS[code] ?? NOT_HTTP) : NOT_HTTP;
  const body = mask(
    JSON.stringify(toProblem(new GatewayError('REQUEST_INVALID', message, { status }))),
  );
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
