import { StringDecoder } from 'node:string_decoder';
import { GatewayError } from '../errors.ts';
import { isJson } from '../json.ts';
import type { CallStep, UpstreamResponse } from '../plan/plan.ts';

type Limits = NonNullable<CallStep['stream']>;
/** Why a list ends: the stream did, a limit was met, or the consumed API broke off. */
type Ended = 'stream' | 'time' | 'items' | 'size' | 'broken';

export interface CollectOptions extends Limits {
  /** Told how many items there are. */
  readonly onItems?: ((count: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Characters of the lines that are kept: a list for an agent to read. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Sends a request for an answer that need not end, and makes one of it that does: the JSON values that
 * came on lines of their own, as `{"items": […], "ended": …}`. An answer that is no success stays as it
 * is. Time runs from the sending: an API may say nothing at all before there is something to say.
 * @throws GatewayError when nothing has come and the API cannot be reached, or broke off
 */
export async function collect(
  send: (signal: AbortSignal) => Promise<UpstreamResponse>,
  { forMs, items, onItems, signal }: CollectOptions,
): Promise<UpstreamResponse> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), forMs);
  const both = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  const lines = createLines(items);
  try {
    const response = await send(both);
    if (response.status < 200 || response.status > 299) return await whole(response);
    const ended = await readLines(response.body, lines, onItems);
    return listOf(lines.found, ended, response);
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    if (enough.signal.aborted) return listOf(lines.found, 'time');
    if (lines.found.length === 0) throw thrown;
    return listOf(lines.found, 'broken');
  } finally {
    clearTimeout(timer);
  }
}

async function readLines(
  body: UpstreamResponse['body'],
  lines: Lines,
  onItems: CollectOptions['onItems'],
): Promise<Ended> {
  const chunks = Buffer.isBuffer(body) ? [body] : body;
  // To leave the loop destroys the stream, and with it the exchange.
  for await (const chunk of chunks) {
    const before = lines.found.length;
    const full = lines.take(chunk as Buffer);
    if (lines.found.length > before) onItems?.(lines.found.length);
    if (full !== undefined) return full;
  }
  lines.end();
  return 'stream';
}

interface Lines {
  /** JSON texts. */
  readonly found: readonly string[];
  /** Tells when there is no room for more. */
  take(chunk: Buffer): 'items' | 'size' | undefined;
  end(): void;
}

function createLines(most: number): Lines {
  const decoder = new StringDecoder('utf8');
  const found: string[] = [];
  let rest = '';
  let size = 0;
  function keep(line: string): void {
    const text = line.trim();
    if (text === '') return;
    found.push(isJson(text) ? text : JSON.stringify(text));
    size += text.length;
  }
  return {
    found,
    take(chunk) {
      const pieces = (rest + decoder.write(chunk)).split('\n');
      rest = pieces.pop() as string;
      for (const piece of pieces) {
        if (size + piece.length > MOST_CHARACTERS) return 'size';
        keep(piece);
        if (found.length >= most) return 'items';
      }
      return rest.length > MOST_CHARACTERS ? 'size' : undefined;
    },
    end: () => keep(rest + decoder.end()),
  };
}

/** Of the headers, what speaks of the body is gone: it is another. */
function listOf(
  found: readonly string[],
  ended: Ended,
  { status, headers }: Omit<UpstreamResponse, 'body'> = { status: 200, headers: [] },
): UpstreamResponse {
  const kept = headers.filter(
    (_, at) => !(headers[at - (at % 2)] as string).startsWith('content-'),
  );
  const body = Buffer.from(`{"items":[${found.join(',')}],"ended":"${ended}"}`);
  return { status, headers: [...kept, 'content-type', 'application/json'], body };
}

async function whole(response: UpstreamResponse): Promise<UpstreamResponse> {
  const { body } = response;
  if (Buffer.isBuffer(body)) return response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_CHARACTERS) {
      throw new GatewayError(
        'UPSTREAM_TOO_LARGE',
        `The consumed API refused the call with ${response.status}, and a body of more than ${MOST_CHARACTERS} bytes.`,
        { upstreamStatus: response.status },
      );
    }
  }
  return { ...response, body: Buffer.concat(chunks) };
}
