/** A piece of a path: text as written, or a variable. `tag` marks the `{{name}}` spelling. */
export type PathPart =
  | { readonly text: string }
  | { readonly variable: string; readonly tag: boolean };

export interface ConsumedPath {
  /** As written, without its `#fragment`. */
  readonly text: string;
  readonly parts: readonly PathPart[];
  /** The query that the path itself holds, in order; a pair without `=` has no value. */
  readonly query: readonly QueryPair[];
  /** Every variable name, of path and query, once. */
  readonly variables: readonly string[];
}

export interface QueryPair {
  readonly name: string;
  readonly parts: readonly PathPart[] | undefined;
}

const VARIABLE = /\{\{\s*([^{}]+?)\s*\}\}|\{([^{}]+)\}/g;

/** `/a/{b}?acl&x={y}#label` in its pieces. A fragment is the author's label and is dropped. */
export function parseConsumedPath(path: string): ConsumedPath {
  const text = path.split('#', 1)[0] as string;
  const mark = text.indexOf('?');
  const parts = splitVariables(mark === -1 ? text : text.slice(0, mark));
  const query =
    mark === -1
      ? []
      : text
          .slice(mark + 1)
          .split('&')
          .filter(Boolean)
          .map(readPair);
  const all = [...parts, ...query.flatMap((pair) => pair.parts ?? [])];
  const variables = all.flatMap((part) => ('variable' in part ? [part.variable] : []));
  return { text, parts, query, variables: [...new Set(variables)] };
}

function readPair(pair: string): QueryPair {
  const equals = pair.indexOf('=');
  if (equals === -1) return { name: pair, parts: undefined };
  return { name: pair.slice(0, equals), parts: splitVariables(pair.slice(equals + 1)) };
}

export function splitVariables(text: string): readonly PathPart[] {
  const parts: PathPart[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ variable: (match[1] ?? match[2]) as string, tag: match[1] !== undefined });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** Names that differ only by case or punctuation are one name on a published route. */
export const foldName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
