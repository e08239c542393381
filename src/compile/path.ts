import { percentDecoded } from '../percent.ts';

/** A piece of a path: text as written, or a variable. `tag` marks the `{{name}}` spelling. */
export type PathPart =
  | { readonly text: string }
  | { readonly variable: string; readonly tag: boolean };

export interface ConsumedPath {
  /** As written, without its `#fragment`. */
  readonly text: string;
  readonly parts: readonly PathPart[];
  /** The query that the path itself holds, in order. */
  readonly query: readonly QueryPair[];
  /** Every variable name, of path and query, once. */
  readonly variables: readonly string[];
}

export interface QueryPair {
  /** Decoded, to be compared with the names of parameters. */
  readonly name: string;
  /** The whole pair as written, `name=value` or a name alone. */
  readonly parts: readonly PathPart[];
}

const VARIABLE = /\{\{([^{}]+)\}\}|\{([^{}]+)\}/g;

/** `/a/{b}?acl&x={y}#label` in its pieces. A fragment is the author's label and is dropped. */
export function parseConsumedPath(path: string): ConsumedPath {
  const text = path.split('#', 1)[0] as string;
  const mark = text.indexOf('?');
  const parts = splitVariables(mark === -1 ? text : text.slice(0, mark));
  const pairs = mark === -1 ? [] : text.slice(mark + 1).split('&');
  const query = pairs.filter(Boolean).map((pair) => ({
    name: percentDecoded(pair.split('=', 1)[0] as string),
    parts: splitVariables(pair),
  }));
  const variables = [...parts, ...query.flatMap((pair) => pair.parts)].flatMap(variableOf);
  return { text, parts, query, variables: [...new Set(variables)] };
}

export function splitVariables(text: string): readonly PathPart[] {
  const parts: PathPart[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const variable = match[1]?.trim() ?? (match[2] as string);
    if (variable.trim() === '') continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ variable, tag: match[1] !== undefined });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** The name of a part that is a variable, as a list of one or none. */
export const variableOf = (part: PathPart): string[] => ('variable' in part ? [part.variable] : []);

/** A brace that belongs to no variable. */
export const hasStrayBrace = (parts: readonly PathPart[]): boolean =>
  parts.some((part) => 'text' in part && /[{}]/.test(part.text));

/** Names that differ only by case or punctuation are one name on a published route. */
export const foldName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
