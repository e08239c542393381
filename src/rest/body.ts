import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

/** A request body that was read whole. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  /** Lower case, without parameters; undefined when the caller declares none. */
  readonly mediaType: string | undefined;
  /** Lower case. */
  readonly charset: string | undefined;
  /** Lower case; undefined for none, also when the caller says `identity`. */
  readonly encoding: string | undefined;
}

/** @throws GatewayError BODY_TOO_LARGE, or REQUEST_INVALID when the caller breaks off */
export async function readBody(request: IncomingMessage, limit: number): Promise<ReceivedBody> {
  const { headers } = request;
  if (isAnnouncedTooLarge(request, limit)) throw bodyTooLarge(limit);
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  return {
    bytes: await readBytes(request, limit),
    ...mediaTypeOf(headers['content-type']),
    encoding: encoding === 'identity' || encoding === '' ? undefined : encoding,
  };
}

export const isAnnouncedTooLarge = ({ headers }: IncomingMessage, limit: number): boolean =>
  Number(headers['content-length'] ?? 0) > limit;

export const bodyTooLarge = (limit: number): GatewayError =>
  new GatewayError(
    'BODY_TOO_LARGE',
    `The request body is larger than ${limit} bytes. Send less, or raise the limit with --max-body.`,
  );

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take);
      reject(bodyTooLarge(limit));
    };
    request.on('data', take);
    request.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    });
    request.on('error', (cause) => reject(brokenOff(cause)));
  });
}

const brokenOff = (cause: unknown): GatewayError =>
  new GatewayError(
    'REQUEST_INVALID',
    'The request broke off before its body was complete.',
    {},
    cause,
  );

function mediaTypeOf(header: string | undefined): Pick<ReceivedBody, 'mediaType' | 'charset'> {
  const [mediaType = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter));
  return {
    mediaType: mediaType === '' ? undefined : mediaType.toLowerCase(),
    charset: charset?.slice('charset='.length).replace(/^"|"$/g, '').toLowerCase(),
  };
}
