import { percentDecoded } from '../percent.ts';

/** A segment of a route, read: literal texts, decoded, with a variable between each two. */
export interface RouteSegment {
  /** One more than there are variables; a segment without variables is one text. */
  readonly texts: readonly string[];
  readonly variables: readonly string[];
}

const VARIABLE = /\{\{\s*([^{}]+?)\s*\}\}|\{([^{}]+)\}/g;

/** Segments of a path as written or as sent. One slash at the end makes no difference; empty segments do. */
export function splitPath(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  const segments: string[] = [];
  let from = 1;
  for (let at = path.indexOf('/', 1); at !== -1 && at < end; at = path.indexOf('/', from)) {
    segments.push(path.slice(from, at));
    from = at + 1;
  }
  segments.push(path.slice(from, end));
  return segments;
}

/** `report-{year}.{type}` in its pieces. Any other sign means itself. */
export function readSegment(segment: string): RouteSegment {
  const texts: string[] = [];
  const variables: string[] = [];
  let end = 0;
  for (const match of segment.matchAll(VARIABLE)) {
    texts.push(percentDecoded(segment.slice(end, match.index)));
    variables.push((match[1] ?? match[2]) as string);
    end = match.index + match[0].length;
  }
  texts.push(percentDecoded(segment.slice(end)));
  return { texts, variables };
}

/** The same for two segments that take the same values. */
export const segmentShape = ({ texts }: RouteSegment): string =>
  texts.map(encodeURIComponent).join('{}');

/**
 * The values of a segment's variables, each of at least one character, or undefined when it does not
 * fit. The leftmost place of each text is as good as any other, so nothing is tried twice: the cost
 * is the length of the segment, whoever wrote it.
 */
export function fitSegment(texts: readonly string[], segment: string): string[] | undefined {
  const last = texts.length - 1;
  const head = texts[0] as string;
  const tail = texts[last] as string;
  if (!segment.startsWith(head) || !segment.endsWith(tail)) return undefined;
  const values: string[] = [];
  let from = head.length;
  for (let index = 1; index < last; index += 1) {
    const text = texts[index] as string;
    const at = segment.indexOf(text, from + 1);
    if (at === -1) return undefined;
    values.push(segment.slice(from, at));
    from = at + text.length;
  }
  const end = segment.length - tail.length;
  if (end <= from) return undefined;
  values.push(segment.slice(from, end));
  return values;
}
