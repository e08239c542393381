import { isUtf8 } from 'node:buffer';
import type { ReceivedBody } from './body.ts';
import type { ReadBody } from './json-body.ts';

/**
 * A body of the media type that the file declares, as it came: its text, or its bytes where they are
 * no UTF-8. undefined for a body of another type.
 * @param declared a type other than JSON, in lower case
 */
export function readDeclared(
  { bytes, mediaType, encoding }: ReceivedBody,
  declared: string | undefined,
): ReadBody | undefined {
  if (declared === undefined || encoding !== undefined) return undefined;
  if (mediaType !== undefined && !isSameKind(mediaType, declared)) return undefined;
  return { value: isUtf8(bytes) ? bytes.toString('utf8') : bytes, json: undefined };
}

/** XML has two names, and many of its own. */
const isSameKind = (given: string, declared: string): boolean =>
  given === declared || (isXml(given) && isXml(declared));

const isXml = (mediaType: string): boolean => /[/+]xml$/.test(mediaType);
