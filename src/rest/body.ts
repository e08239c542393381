import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

/** A request body that was read whole. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  /** Lower case, without parameters; undefined when the caller declares none. */
  readonly mediaType: string | undefined;
  readonly charset: string | undefined;
  /** Lower case; undefined or `identity` for none. */
  readonly encoding: string | undefined;
}

/** @throws GatewayError BODY_TOO_LARGE, or REQUEST_INVALID when the caller breaks off */
export function readBody(request: IncomingMessage, limit: number): Promise<ReceivedBody> {
  const { headers } = request;
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        request.resume();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
      resolve({
        bytes,
        ...mediaTypeOf(headers['content-type']),
        encoding: headers['content-encoding']?.trim().toLowerCase(),
      });
    });
    const broken = (): void =>
      reject(
        new GatewayError('REQUEST_INVALID', 'The request broke off before its body was complete.'),
      );
    request.on('error', broken);
    request.on('aborted', broken);
  });
}

const tooLarge = (limit: number): GatewayError =>
  new GatewayError(
    'BODY_TOO_LARGE',
    `The request body is larger than ${limit} bytes. Send less, or raise the limit with --max-body.`,
  );

function mediaTypeOf(header: string | undefined): Pick<ReceivedBody, 'mediaType' | 'charset'> {
  if (header === undefined || header.trim() === '')
    return { mediaType: undefined, charset: undefined };
  const [mediaType, ...parameters] = header.split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter));
  return {
    mediaType: (mediaType as string).toLowerCase(),
    charset: charset?.slice('charset='.length).replace(/^"|"$/g, '').toLowerCase(),
  };
}

const isJson = (mediaType: string): boolean =>
  mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json');

/**
 * The JSON value of a body. No declared type is taken as JSON.
 * @param takesText whether a text/plain body is taken, too, as JSON text or else as a string
 * @throws GatewayError MEDIA_TYPE_UNSUPPORTED, BODY_NOT_JSON
 */
export function jsonOf(body: ReceivedBody, takesText: boolean): unknown {
  const { bytes, mediaType, charset, encoding } = body;
  const isText = takesText && mediaType === 'text/plain';
  if (mediaType !== undefined && !isJson(mediaType) && !isText) {
    throw new GatewayError(
      'MEDIA_TYPE_UNSUPPORTED',
      `This operation takes application/json, not ${mediaType}. Send the body as JSON with the header content-type: application/json.`,
    );
  }
  if (encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError(
      'MEDIA_TYPE_UNSUPPORTED',
      `A body with content-encoding ${encoding} is not taken. Send it uncompressed.`,
    );
  }
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new GatewayError('MEDIA_TYPE_UNSUPPORTED', `JSON is sent as UTF-8, not ${charset}.`);
  }
  if (!isUtf8(bytes)) {
    throw new GatewayError(
      'BODY_NOT_JSON',
      'The request body is not valid UTF-8, so it cannot be JSON.',
    );
  }
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    if (isText) return text;
    throw new GatewayError(
      'BODY_NOT_JSON',
      `The request body is not valid JSON: ${placeOf(error)}.`,
    );
  }
}

/** Where JSON.parse gave up; never the text around it, which may hold a secret. */
function placeOf(error: unknown): string {
  const position = /position (\d+)/.exec(String((error as Error).message))?.[1];
  return position === undefined ? 'it ends too early' : `it goes wrong at character ${position}`;
}
