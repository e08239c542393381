import { percentDecoded } from '../percent.ts';

const VARIABLE = /\{\{\s*([^{}]+?)\s*\}\}|\{([^{}]+)\}/g;

/** One stretch of text with variables in it: a path segment, or a value of the path's own query. */
interface TextPattern {
  readonly names: readonly string[];
  /** Letters that are not variables; undefined for text without any variable. */
  readonly literal: number | undefined;
  readonly pattern: RegExp;
}

export interface PathTemplate {
  readonly segments: readonly TextPattern[];
  /** The path's own query (`/?Action=RunInstances`). A bare `?acl` has no pattern. */
  readonly query: readonly { readonly name: string; readonly value?: TextPattern }[];
}

/** Reads a consumed path: variables in one or two braces, its own query, its label after `#`. */
export function readTemplate(path: string): PathTemplate {
  const [unlabelled = ''] = path.split('#', 1);
  const mark = unlabelled.indexOf('?');
  const route = mark < 0 ? unlabelled : unlabelled.slice(0, mark);
  const query = mark < 0 ? '' : unlabelled.slice(mark + 1);
  return {
    segments: route
      .replace(/^\//, '')
      .split('/')
      .map((segment) => readPattern(segment, percentDecoded)),
    query: query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const equals = pair.indexOf('=');
        if (equals < 0) return { name: decodeQuery(pair) };
        const value = readPattern(pair.slice(equals + 1), decodeQuery);
        return { name: decodeQuery(pair.slice(0, equals)), value };
      }),
  };
}

/** The values of the variables when the decoded segments fit the template. */
export function matchSegments(
  template: PathTemplate,
  segments: readonly string[],
): Record<string, string> | undefined {
  if (template.segments.length !== segments.length) return undefined;
  const values: Record<string, string> = Object.create(null);
  for (const [index, { pattern, names }] of template.segments.entries()) {
    const match = pattern.exec(segments[index] ?? '');
    if (match === null) return undefined;
    for (const [at, name] of names.entries()) values[name] = match[at + 1] ?? '';
  }
  return values;
}

/** True when the request has every pair of the path's own query, a `replaced` name with any value. */
export function matchQuery(
  template: PathTemplate,
  query: URLSearchParams,
  replaced: ReadonlySet<string>,
): boolean {
  return template.query.every(({ name, value }) =>
    value === undefined || replaced.has(name)
      ? query.has(name)
      : query.getAll(name).some((text) => value.pattern.test(text)),
  );
}

const decodeQuery = (text: string): string => percentDecoded(text.replaceAll('+', ' '));

function readPattern(text: string, decodeLiteral: (literal: string) => string): TextPattern {
  const names: string[] = [];
  let source = '';
  let literal = 0;
  let end = 0;
  const addLiteral = (part: string) => {
    const decoded = decodeLiteral(part);
    literal += decoded.length;
    source += decoded.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  };
  for (const match of text.matchAll(VARIABLE)) {
    addLiteral(text.slice(end, match.index));
    names.push(match[1] ?? match[2] ?? '');
    source += '(.+?)';
    end = match.index + match[0].length;
  }
  addLiteral(text.slice(end));
  return {
    names,
    literal: names.length === 0 ? undefined : literal,
    pattern: new RegExp(`^${source}$`, 's'),
  };
}
