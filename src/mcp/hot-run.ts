import type { ServerResponse } from 'node:http';
import type { Member } from '../crowd.ts';
import { endInOnePiece } from '../one-piece.ts';
import { Abortable } from '../runtime/cancellation.ts';
import { RpcError, type RpcId, rpcErrorAnswer, SERVER_ERROR } from './rpc-error.ts';
import type { Session } from './sessions.ts';

/** How the answer to one request goes. */
export interface Reply {
  readonly res: ServerResponse;
  readonly id: RpcId;
  /** As the one event of a stream, not as JSON. */
  readonly events: boolean;
  readonly stateless: boolean;
  readonly session: Session | undefined;
}

/**
 * One request that is being answered, from when it is taken until its answer has been handed over,
 * its caller has left, or it is cancelled: whatever comes first.
 */
export class HotRun extends Abortable implements Member {
  readonly reply: Reply;
  place = -1;
  readonly #ended: (run: HotRun) => void;
  #done = false;
  #opened = false;
  #ticks = 0;

  constructor(reply: Reply, ended: (run: HotRun) => void) {
    super();
    this.reply = reply;
    this.#ended = ended;
    reply.res.on('close', () => this.leave());
  }

  /** Answers with the JSON text of a result. @param isBytes each character stands for a byte of UTF-8 */
  answer(result: string, isBytes = false): void {
    if (this.#done) return;
    this.#end();
    const id = JSON.stringify(this.reply.id);
    const close = `,"jsonrpc":"2.0","id":${isBytes ? inBytes(id) : id}}`;
    this.#write(`{"result":${result}${close}`, isBytes);
  }

  /** The same for a result that was encoded before, with what follows it up to the id. */
  answerEncoded(encoded: Buffer): void {
    if (this.#done) return;
    this.#end();
    const { res, id, events, session } = this.reply;
    const close = `${JSON.stringify(id)}}${events ? '\n\n' : ''}`;
    const begin = events ? EVENT : '';
    const length = begin.length + encoded.length + Buffer.byteLength(close);
    res.writeHead(200, headOf(events, session, length));
    if (events) res.write(begin);
    res.write(encoded);
    res.end(close);
  }

  /** Nobody waits any more. */
  leave(): void {
    if (this.#done) return;
    this.#end();
    this.abort();
  }

  /** The caller cancelled, or the session ended: there is an answer, but no result. */
  cancel(): void {
    if (this.#done) return;
    this.#end();
    this.abort();
    const { res, id, events, session } = this.reply;
    if (!events) {
      const why = 'The request was cancelled, or its session ended, before there was an answer.';
      this.#write(rpcErrorAnswer(new RpcError(SERVER_ERROR, why, { id })));
      return;
    }
    if (!this.#opened) res.writeHead(200, headOf(true, session, 0));
    res.end();
  }

  /** Gives the response away, for an answer of another kind; false when it has had one. */
  give(): boolean {
    if (this.#done) return false;
    this.#end();
    this.abort();
    return true;
  }

  /** Shows a stream's head to who has been waiting, and then a sign of life at every so many ticks. */
  tick(between: number): void {
    const { res, events, session } = this.reply;
    this.#ticks += 1;
    if (!events || this.#ticks < 2) return;
    if (!this.#opened) {
      this.#opened = true;
      res.writeHead(200, headOf(true, session, undefined));
      res.flushHeaders();
    } else if (this.#ticks % between === 0) res.write(': keepalive\n\n');
  }

  #write(text: string, isBytes = false): void {
    const { res, events, session } = this.reply;
    const body = events ? `${EVENT}${text}\n\n` : text;
    const length = isBytes ? body.length : Buffer.byteLength(body);
    if (!this.#opened) res.writeHead(200, headOf(events, session, length));
    if (length === body.length) endInOnePiece(res, body);
    else res.end(body);
  }

  #end(): void {
    this.#done = true;
    this.#ended(this);
  }
}

/** A text with the bytes of its UTF-8 in place of its characters. */
export const inBytes = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

const EVENT = 'event: message\ndata: ';

const OF_STREAM = [
  ['cache-control', 'no-cache, no-transform'],
  ['connection', 'keep-alive'],
  ['content-type', 'text/event-stream'],
  ['x-accel-buffering', 'no'],
].flat();

function headOf(
  events: boolean,
  session: Session | undefined,
  length: number | undefined,
): string[] {
  const head = events ? OF_STREAM.slice() : ['content-type', 'application/json'];
  if (length !== undefined) head.push('content-length', String(length));
  if (session !== undefined) head.push('mcp-session-id', session.id);
  return head;
}
