import { GatewayError } from '../errors.ts';

/** Bytes that an answer may have to become binary content; base64 makes them a third more. */
export const DEFAULT_BINARY_LIMIT = 10 * 1024 * 1024;

/**
 * Base64 text of what an upstream answered.
 * @throws GatewayError UPSTREAM_TOO_LARGE
 */
export function encodeBinary(
  body: Buffer,
  mimeType: string,
  target: string,
  limit: number,
): string {
  if (body.length <= limit) return body.toString('base64');
  throw new GatewayError(
    'UPSTREAM_TOO_LARGE',
    `${target} answered with ${body.length} bytes of ${mimeType}, and as binary content at most ${limit} bytes are handed on. Ask for a smaller one or for a part of it; whoever runs the gateway can raise --max-binary.`,
  );
}
