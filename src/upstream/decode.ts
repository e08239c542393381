import type { Transform } from 'node:stream';
import { codingOf } from './encodings.ts';

/** What a decoder tells its owner. */
export interface DecoderEvents {
  data(chunk: Buffer): void;
  /** More can be written. */
  drain(): void;
  end(): void;
  error(error: unknown): void;
}

/** Takes a body as received and hands it on decoded; holds little in between. */
export interface Decoder {
  /** False: write no more before `drain`. */
  write(chunk: Buffer): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
}

const EMPTY = Buffer.alloc(0);
/** An encoded body up to this size is gathered, to be decoded at one go. */
const SMALL_ENCODED_BYTES = 16 * 1024;
/** What that may become: it blocks the process for about a millisecond. */
const SMALL_DECODED_BYTES = 256 * 1024;

/**
 * Undoes `codings`, named in the order they were applied. A small body costs a fifth when it is
 * decoded whole, so that is tried first, unless every piece is `wantedAtOnce`.
 */
export function createDecoder(
  codings: readonly string[],
  wantedAtOnce: boolean,
  events: DecoderEvents,
): Decoder {
  const [only, ...more] = codings;
  const gathers = only !== undefined && more.length === 0 && !wantedAtOnce;
  let gathered: Buffer[] = [];
  let size = 0;
  let stream: Decoder | undefined;

  /** Gives what was gathered to a stream, whatever it says of its room. */
  function openStream(): { readonly stream: Decoder; readonly room: boolean } {
    const first = Buffer.concat(gathered);
    gathered = [];
    const opened = streamDecoder(codings, first, events);
    stream = opened;
    return { stream: opened, room: opened.write(first) };
  }

  return {
    write(chunk) {
      if (stream) return stream.write(chunk);
      gathered.push(chunk);
      size += chunk.length;
      return (gathers && size <= SMALL_ENCODED_BYTES) || openStream().room;
    },
    end() {
      if (stream) {
        stream.end();
        return;
      }
      const body = size === 0 ? EMPTY : decodeWhole(only as string, Buffer.concat(gathered));
      if (body instanceof Error) {
        events.error(body);
      } else if (body === undefined) {
        openStream().stream.end();
      } else {
        if (body.length > 0) events.data(body);
        events.end();
      }
    },
    pause: () => stream?.pause(),
    resume: () => stream?.resume(),
    destroy() {
      gathered = [];
      stream?.destroy();
    },
  };
}

/** Undefined when the body grows too large for that, an error when it is not what it claims. */
function decodeWhole(coding: string, body: Buffer): Buffer | Error | undefined {
  try {
    return codingOf(coding).whole(body, { maxOutputLength: SMALL_DECODED_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    return error as Error;
  }
}

function streamDecoder(codings: readonly string[], first: Buffer, events: DecoderEvents): Decoder {
  const stages = codings
    .toReversed()
    .map((coding, index) => codingOf(coding).stream(index === 0 ? first : undefined));
  const input = stages[0] as Transform;
  const output = stages.reduce((from, to) => from.pipe(to));
  for (const stage of stages) stage.on('error', events.error);
  input.on('drain', events.drain);
  output.on('data', events.data);
  output.on('end', events.end);
  return {
    write: (chunk) => input.write(chunk),
    end: () => input.end(),
    pause: () => output.pause(),
    resume: () => output.resume(),
    destroy() {
      for (const stage of stages) stage.destroy();
    },
  };
}
