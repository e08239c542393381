import { decodeText, decodeUtf8Strictly, isJsonType, isTextType, readMediaType } from './media.ts';
import { typeOfBytes } from './media-type.ts';

/** What a resource holds: text when it is text, else bytes as base64. */
export type Content =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string };

/**
 * Bytes of a media type (with its parameters, as a header has it) as content. What says it is text,
 * but is no text in its charset, is a blob, and so is what says it is anything else.
 * @param encode gives the base64 text of a blob
 */
export function byteContent(
  bytes: Buffer,
  mediaType: string | undefined,
  encode: (mimeType: string) => string = () => bytes.toString('base64'),
): Content {
  const { essence, charset } = readMediaType(mediaType);
  const unknown = essence === '' || essence === 'application/octet-stream';
  const text =
    unknown || isTextType(essence) || isJsonType(essence) ? textOf(bytes, charset) : undefined;
  if (text === undefined) {
    const mimeType = typeOfBytes(bytes, essence);
    return { mimeType, blob: encode(mimeType) };
  }
  return { mimeType: unknown ? 'text/plain' : essence, text };
}

const textOf = (bytes: Buffer, charset: string | undefined): string | undefined =>
  charset === undefined || /^utf-?8$/.test(charset)
    ? decodeUtf8Strictly(bytes)
    : decodeText(bytes, charset);
