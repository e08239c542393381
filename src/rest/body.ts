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

/**
 * Reads the body of a request. Callbacks, as promises are what a small request costs most of.
 * @param take is given it; must not throw
 * @param refuse is given a GatewayError BODY_TOO_LARGE, or REQUEST_INVALID when the caller breaks off
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  take: (received: ReceivedBody) => void,
  refuse: (error: GatewayError) => void,
): void {
  if (isAnnouncedTooLarge(request, limit)) {
    refuse(bodyTooLarge(limit));
    return;
  }
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let size = 0;
  let over = false;
  const keep = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limit) {
      request.off('data', keep);
      over = true;
      refuse(bodyTooLarge(limit));
    } else if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  };
  request.on('data', keep);
  request.on('end', () => {
    if (over) return;
    over = true;
    const bytes = more === undefined ? (first ?? NO_BYTES) : Buffer.concat(more, size);
    const { mediaType, charset, encoding } = typeOf(request);
    take({ bytes, mediaType, charset, encoding });
  });
  request.on('error', (cause) => {
    if (over) return;
    over = true;
    refuse(brokenOff(cause));
  });
}

const NO_BYTES = Buffer.alloc(0);

export const isAnnouncedTooLarge = ({ headers }: IncomingMessage, limit: number): boolean =>
  Number(headers['content-length'] ?? 0) > limit;

export const bodyTooLarge = (limit: number): GatewayError =>
  new GatewayError(
    'BODY_TOO_LARGE',
    `The request body is larger than ${limit} bytes. Send less, or raise the limit with --max-body.`,
  );

const brokenOff = (cause: unknown): GatewayError =>
  new GatewayError(
    'REQUEST_INVALID',
    'The request broke off before its body was complete.',
    {},
    cause,
  );

type BodyType = Omit<ReceivedBody, 'bytes'>;

const PLAIN_JSON: BodyType = {
  mediaType: 'application/json',
  charset: undefined,
  encoding: undefined,
};

function typeOf({ headers }: IncomingMessage): BodyType {
  const type = headers['content-type'];
  const encoding = headers['content-encoding'];
  if (type === PLAIN_JSON.mediaType && encoding === undefined) return PLAIN_JSON;
  const [mediaType = '', ...parameters] = (type ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter));
  const coding = encoding?.trim().toLowerCase();
  return {
    mediaType: mediaType === '' ? undefined : mediaType.toLowerCase(),
    charset: charset?.slice('charset='.length).replace(/^"|"$/g, '').toLowerCase(),
    encoding: coding === 'identity' || coding === '' ? undefined : coding,
  };
}
