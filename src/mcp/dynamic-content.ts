import { STATUS_CODES } from 'node:http';
import { GatewayError } from '../errors.ts';
import { headerOf } from '../flat-headers.ts';
import type { Json, Outcome } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { DEFAULT_BINARY_LIMIT, encodeBinary } from './binary.ts';
import { isJsonType, readMediaType } from './media.ts';
import { typeOfBytes } from './media-type.ts';
import { byteContent, type Content } from './resource-content.ts';

/**
 * The outcome of a resource's operation as content; `declared` is the media type that the file gives.
 * @throws GatewayError when the upstream refused, or its answer cannot be content
 */
export function dynamicContent(
  outcome: Outcome,
  declared: string | undefined,
  maxBinaryBytes: number = DEFAULT_BINARY_LIMIT,
): Content {
  if (outcome.kind === 'value') return valueContent(outcome.value ?? null, declared);
  const { response, step } = outcome;
  const { status, body } = response;
  if (status < 200 || status >= 300) {
    const reason = STATUS_CODES[status] ?? '';
    throw new GatewayError(
      'UPSTREAM_REJECTED',
      `${step.target} answered ${`${status} ${reason}`.trimEnd()}, so there is no content.`,
      { upstreamStatus: status },
    );
  }
  if (!Buffer.isBuffer(body)) {
    body.destroy();
    throw new TypeError('A resource needs its answer whole; it was run without hold.');
  }
  if (step.format === 'binary') {
    const { essence } = readMediaType(declared ?? headerOf(response.headers, 'content-type'));
    const mimeType = typeOfBytes(body, essence);
    return { mimeType, blob: encodeBinary(body, mimeType, step.target, maxBinaryBytes) };
  }
  return byteContent(
    body,
    declared ?? headerOf(response.headers, 'content-type') ?? guessed(body),
    (mimeType) => encodeBinary(body, mimeType, step.target, maxBinaryBytes),
  );
}

/** A value that a mapping made. Text is JSON too, unless the file says that the content is not. */
function valueContent(value: Json, declared: string | undefined): Content {
  const mimeType = declared === undefined ? 'application/json' : readMediaType(declared).essence;
  if (typeof value === 'string' && !isJsonType(mimeType)) return { mimeType, text: value };
  if (isDeeperThan(DEEPEST, value)) {
    throw new GatewayError(
      'UPSTREAM_UNUSABLE',
      `The value of this resource is nested deeper than ${DEEPEST} levels.`,
    );
  }
  return { mimeType, text: JSON.stringify(value) };
}

function guessed(body: Buffer): string | undefined {
  try {
    JSON.parse(body.toString('utf8'));
    return 'application/json';
  } catch {
    return undefined;
  }
}
