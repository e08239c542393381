/** A piece of a path: text of RFC 9535 to stand after `$`, or a number after a dot. */
export type Piece = { readonly rfc: string } | { readonly either: string };

/** A path that cannot be honoured; the message completes a sentence that begins with the path. */
export class PathRefused extends Error {}

const SHORTHAND = /^[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*$/;
/** Letters and digits, and the signs that stand in names of real answers. */
const LOOSE_NAME =
  /^[@$#]?[\w\u0080-\uffff](?:[\w\u0080-\uffff \-:/+&%#@$]*[\w\u0080-\uffff+%#$])?$/;
const FUNCTION = /^\.\s*([A-Za-z]+)\s*\(/;

/**
 * Splits a path that is not of RFC 9535 into pieces that are: names with hyphens, spaces or other
 * signs after a dot, a dot before a bracket, numbers after a dot, `.length()` in filters.
 * @throws PathRefused when a part has no meaning that could be meant
 */
export function splitLoosePath(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 1;
  while (at < text.length) {
    if (text[at] === '[') {
      const end = closingBracket(text, at);
      pieces.push({ rfc: looseBracket(text.slice(at, end + 1)) });
      at = end + 1;
    } else if (text[at] === '.') {
      at = readDotted(text, at, pieces);
    } else {
      throw new PathRefused(`has "${text[at]}" where a dot or a bracket belongs`);
    }
  }
  return pieces;
}

function readDotted(text: string, from: number, pieces: Piece[]): number {
  const named = FUNCTION.exec(text.slice(from));
  if (named !== null) {
    throw new PathRefused(
      `uses the function .${named[1]}(); only .length() at the end of a path is served`,
    );
  }
  const deep = text[from + 1] === '.';
  const start = from + (deep ? 2 : 1);
  if (text[start] === '[') {
    if (!deep) return start;
    const end = closingBracket(text, start);
    pieces.push({ rfc: `..${looseBracket(text.slice(start, end + 1))}` });
    return end + 1;
  }
  let end = start;
  while (end < text.length && text[end] !== '.' && text[end] !== '[') end += 1;
  const name = text.slice(start, end).trim();
  if (name === '') throw new PathRefused('ends, or goes on, right after a dot');
  const dots = deep ? '..' : '.';
  if (name === '*') pieces.push({ rfc: `${dots}*` });
  else if (/^\d+$/.test(name) && !deep) pieces.push({ either: name });
  else pieces.push({ rfc: dotted(name, dots) });
  return end;
}

function dotted(name: string, dots: '.' | '..'): string {
  if (SHORTHAND.test(name)) return `${dots}${name}`;
  if (!LOOSE_NAME.test(name)) {
    throw new PathRefused(
      `has the name "${name}" after a dot; write such a name in brackets, ["…"]`,
    );
  }
  return `${dots === '..' ? '..' : ''}[${JSON.stringify(name)}]`;
}

/** The place of the bracket that closes the one at `open`; quotes and nesting are respected. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"' || char === "'") at = closingQuote(text, at);
    else if (char === '[') depth += 1;
    else if (char === ']') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new PathRefused('has a bracket that is not closed');
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[open]) return at;
  }
  throw new PathRefused('has a quote that is not closed');
}

function looseBracket(bracket: string): string {
  const inner = bracket.slice(1, -1).trim();
  if (inner.startsWith('(')) {
    throw new PathRefused(
      'computes an index; code in a path is never run. Count from the end with a negative index, [-1]',
    );
  }
  if (/^[A-Za-z_]/.test(inner)) {
    throw new PathRefused(
      `has a name in brackets without quotes; write [${JSON.stringify(inner)}]`,
    );
  }
  return inner.startsWith('?') ? `[${looseFilter(inner)}]` : bracket;
}

/** What authors write for RFC 9535's operators, looked for where an operator may stand. */
const OPERATORS: readonly (readonly [RegExp, string])[] = [
  [/^=~/, 'uses =~, which is not of RFC 9535; write match(@.name, "pattern") or search(…)'],
  [/^[!=]==/, 'uses === or !==; write == or !='],
  [/^<>/, 'uses <>; write !='],
  [/^=(?![=~])/, 'uses =; write == to compare'],
  [/^&(?!&)/, 'uses &; write && for "and"'],
  [/^\|(?!\|)/, 'uses |; write || for "or"'],
  [
    /^(?:and|or|not)\b/i,
    'uses a word as operator; write && for "and", || for "or" and ! for "not"',
  ],
  [
    /^(?:in|nin|subsetof|anyof|noneof|size|empty|contains)\b/i,
    'uses an operator that is not of RFC 9535; compare with == and join with ||',
  ],
  [/^[+*/%]/, 'computes in a filter; RFC 9535 only compares'],
];

/** Names with hyphens and `.length()` inside a filter, written as RFC 9535 has them. */
function looseFilter(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === '"' || char === "'") {
      const end = closingQuote(text, at) + 1;
      out += text.slice(at, end);
      at = end;
    } else if (char === '@' || char === '$') {
      const query = readLooseQuery(text, at);
      out += query.rfc;
      at = query.end;
    } else {
      const rest = text.slice(at);
      const refused = /\w$/.test(out) ? undefined : OPERATORS.find(([form]) => form.test(rest));
      if (refused !== undefined) throw new PathRefused(refused[1]);
      const width = /^(?:==|!=|<=|>=|&&|\|\|)/.test(rest) ? 2 : 1;
      out += text.slice(at, at + width);
      at += width;
    }
  }
  return out;
}

const FILTER_NAME = /[@$#]?[\w\u0080-\uffff]+(?:-+[\w\u0080-\uffff]+)*/y;
const LENGTH = /\.length\(\s*\)/y;

function readLooseQuery(text: string, from: number): { rfc: string; end: number } {
  let rfc = text[from] as string;
  let at = from + 1;
  while (at < text.length) {
    LENGTH.lastIndex = at;
    if (LENGTH.test(text)) return { rfc: `length(${rfc})`, end: LENGTH.lastIndex };
    if (text[at] === '[') {
      const end = closingBracket(text, at);
      rfc += looseBracket(text.slice(at, end + 1));
      at = end + 1;
      continue;
    }
    if (text[at] !== '.') break;
    const dots = text[at + 1] === '.' ? '..' : '.';
    const start = at + dots.length;
    if (text[start] === '[' || text[start] === '*') {
      rfc += text[start] === '*' ? `${dots}*` : dots === '..' ? '..' : '';
      at = text[start] === '*' ? start + 1 : start;
      continue;
    }
    FILTER_NAME.lastIndex = start;
    const name = FILTER_NAME.exec(text)?.[0];
    if (name === undefined) throw new PathRefused('has no name after a dot in its filter');
    if (text[start + name.length] === '(') {
      throw new PathRefused(
        `uses the function .${name}() in its filter; only .length() and the functions of RFC 9535 are served`,
      );
    }
    rfc += dotted(name, dots);
    at = start + name.length;
  }
  return { rfc, end: at };
}
