import { isAscii, isUtf8, transcode } from 'node:buffer';
import { unreadable } from './unreadable.ts';

export interface TextOptions {
  /** The format, for messages. */
  readonly format: string;
  /** True: bytes that are not of the charset are refused; false: they become U+FFFD. */
  readonly strict: boolean;
  /** True: the text is read once and let go, so that it may take two bytes for each character. */
  readonly passing?: boolean;
  /** Finds the charset that the text itself declares, in its first bytes read as Latin-1. */
  readonly declared?: (head: string) => string | undefined;
}

/**
 * The text of an answer: by its byte order mark, else by the charset of its content type, else by
 * what it declares itself, else UTF-8. A charset nobody knows is taken for UTF-8 where the bytes are.
 */
export function decodeText(
  bytes: Buffer,
  contentType: string | undefined,
  options: TextOptions,
): string {
  const mark = charsetOfMark(bytes);
  // What nearly every answer is; a decoder of its own would take longer than the text.
  if (mark === undefined && isPlainUtf8(contentType, options) && isUtf8(bytes)) {
    if (options.passing !== true || isAscii(bytes)) return bytes.toString('utf8');
    // Several times quicker than a string that is as small as it can be.
    return transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
  }
  const charset =
    mark ?? charsetOf(contentType) ?? options.declared?.(bytes.toString('latin1', 0, 1024));
  const known = charset === undefined ? 'utf-8' : canonical(charset);
  try {
    const strict = options.strict || known === undefined;
    return new TextDecoder(known ?? 'utf-8', { fatal: strict }).decode(bytes);
  } catch {
    throw unreadable(
      options.format,
      known === undefined ? 'its charset is not known' : `it is not text in ${known}`,
    );
  }
}

const isPlainUtf8 = (contentType: string | undefined, { declared }: TextOptions): boolean => {
  const charset = charsetOf(contentType);
  return charset === undefined ? declared === undefined : UTF8.test(charset);
};

const UTF8 = /^utf-?8$/i;
const CHARSET = /;\s*charset\s*=\s*["']?([^\s"';,]+)/i;

const charsetOf = (contentType: string | undefined): string | undefined =>
  contentType === undefined ? undefined : CHARSET.exec(contentType)?.[1];

function charsetOfMark(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function canonical(charset: string): string | undefined {
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return undefined;
  }
}
