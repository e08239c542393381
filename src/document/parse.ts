import type { Document, Node } from 'yaml';
import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { Finding, FindingCode } from './finding.ts';
import { FINDINGS } from './finding.ts';
import { createSource, place } from './position.ts';
import type { Source } from './source.ts';
import { explainSyntax } from './syntax.ts';
import { toValue } from './value.ts';

/** Pieces (words, marks, line ends) a file may have; the largest published file has 90,000. */
const PIECE_LIMIT = 1_000_000;

/** The library uses some of these for marks of its own. */
const CONTROL = /[^\P{Cc}\t\n\r\x7F-\x9F]/u;

export interface Parsed {
  readonly source: Source;
  /** The document as plain values; undefined when the text holds none or has errors. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
}

/** Reads YAML 1.2 (and so JSON) with the place of every part. Never throws, whatever the text. */
export function parseText(path: string, text: string): Parsed {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const findings: Finding[] = [];
  const report = (code: FindingCode, offset: number, pointer: string, message: string): void => {
    const { severity } = FINDINGS[code];
    findings.push({ severity, code, file: path, pointer, ...place(lines, offset), message });
  };

  const control = CONTROL.exec(text);
  const documents = control === null ? compose(text, lines, report) : undefined;
  if (control !== null) {
    indexLines(text, lines);
    const name = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const message = `The control character ${name} stands here, which YAML does not take. Delete it.`;
    report('YAML_SYNTAX', control.index, '', message);
  }
  const document = documents?.[0];
  const root = (document?.contents ?? null) as Node | null;
  for (const problem of document === undefined ? [] : explainSyntax(document, text)) {
    report(problem.code, problem.offset, '', problem.message);
  }
  const second = documents?.[1];
  if (second !== undefined) {
    const message =
      'A second YAML document begins here; a capability file holds one. Move it to a file of its own, ' +
      'or delete the line "---".';
    report('YAML_MANY_DOCUMENTS', second.range?.[0] ?? 0, '', message);
  }
  const lineOf = (offset: number): number => place(lines, offset).line;
  // After a syntax error the tree is a guess, and what is found in it would be noise.
  const converted =
    findings.length > 0 ? { value: undefined, aliases: new Map() } : toValue(root, lineOf, report);
  if (findings.length === 0 && converted.value === null) {
    const message =
      'The file is empty or holds comments only. A capability begins with "naftiko: 1.0.0-alpha2".';
    report('FILE_EMPTY', 0, '', message);
  }
  const source = createSource(path, text, root, lines, converted.aliases);
  return { source, value: findings.length > 0 ? undefined : converted.value, findings };
}

function indexLines(text: string, lines: LineCounter): void {
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1);
  }
}

/** At most two documents: the second is only ever named. */
function compose(
  text: string,
  lines: LineCounter,
  report: (code: FindingCode, offset: number, pointer: string, message: string) => void,
): Document.Parsed[] | undefined {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const documents: Document.Parsed[] = [];
  const { stackTraceLimit } = Error;
  // The library makes an Error for each problem; a stack for each would take seconds on hostile text.
  Error.stackTraceLimit = 0;
  try {
    let pieces = 0;
    for (const lexeme of new Lexer().lex(text)) {
      pieces += 1;
      if (pieces > PIECE_LIMIT) {
        const limit = PIECE_LIMIT.toLocaleString('en');
        const message = `The text has more than ${limit} words and marks, which is more than a capability needs.`;
        report('FILE_TOO_LARGE', parser.offset, '', message);
        return undefined;
      }
      for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
      if (documents.length > 1) return documents;
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end(true, text.length));
    return documents;
  } catch (error) {
    const deep = error instanceof RangeError;
    const message = deep
      ? 'The text is nested too deep to be read.'
      : 'The text cannot be read as YAML.';
    report('YAML_SYNTAX', 0, '', message);
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
