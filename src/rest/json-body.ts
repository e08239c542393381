import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../errors.ts';
import type { ReceivedBody } from './body.ts';
import { findJsonFault } from './json-fault.ts';

/** A body that was read as JSON, or as text where text is taken. */
export interface ReadBody {
  readonly value: unknown;
  /** The JSON text itself, without a byte order mark; undefined for text that is no JSON. */
  readonly json: Buffer | undefined;
}

export const isJsonType = (mediaType: string): boolean =>
  mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json');

/**
 * The JSON value of a body. No declared type is taken as JSON.
 * @param plain whether a text/plain body is taken, too: as a string, or as JSON text where it is that
 * @param declared the media type that the operation takes, for messages
 * @throws GatewayError MEDIA_TYPE_UNSUPPORTED, BODY_NOT_JSON
 */
export function readJson(
  body: ReceivedBody,
  plain: 'text' | 'json' | undefined,
  declared = 'application/json',
): ReadBody {
  const isText = plain !== undefined && body.mediaType === 'text/plain';
  refuseOtherMedia(body, isText, declared);
  if (!isUtf8(body.bytes)) {
    throw new GatewayError(
      'BODY_NOT_JSON',
      'The request body is not valid UTF-8, so it cannot be JSON. Encode its text as UTF-8.',
    );
  }
  const json = withoutMark(body.bytes);
  const text = json.toString('utf8');
  if (isText && plain === 'text') return { value: text, json: undefined };
  try {
    return { value: JSON.parse(text), json };
  } catch {
    if (isText) return { value: text, json: undefined };
    throw new GatewayError(
      'BODY_NOT_JSON',
      `The request body is not valid JSON: ${placeIn(text)}.`,
    );
  }
}

function refuseOtherMedia(
  { mediaType, charset, encoding }: ReceivedBody,
  isText: boolean,
  declared: string,
): void {
  if (mediaType !== undefined && !isJsonType(mediaType) && !isText) {
    const body = declared === 'application/json' ? 'the body as JSON' : 'such a body';
    throw unsupported(
      `This operation takes ${declared}, not ${shown(mediaType)}. Send ${body} with the header content-type: ${declared}.`,
    );
  }
  if (encoding !== undefined) {
    throw unsupported(
      `A body with content-encoding ${shown(encoding)} is not taken. Send it uncompressed.`,
    );
  }
  if (charset !== undefined && !UTF8.has(charset)) {
    throw unsupported(`JSON is sent as UTF-8, not ${shown(charset)}. Encode its text as UTF-8.`);
  }
}

const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

const unsupported = (message: string): GatewayError =>
  new GatewayError('MEDIA_TYPE_UNSUPPORTED', message);

const shown = (text: string): string => text.slice(0, 100);

const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** Where it stops being JSON; never the text around it, which may hold a secret. */
function placeIn(text: string): string {
  const { line, column, ended } = findJsonFault(text) ?? { line: 1, column: 1, ended: false };
  const place = `at line ${line}, column ${column}`;
  return ended ? `it ends ${place}, before it is complete` : `it goes wrong ${place}`;
}
