import type { Document } from 'yaml';
import { readEvents } from './event-yaml.ts';
import type { Finding } from './finding.ts';
import { FINDINGS } from './finding.ts';
import type { Source } from './source.ts';
import { createPositions, createSource } from './spot.ts';
import { explainSyntax } from './syntax.ts';
import { type Part, type Report, toValue } from './value.ts';
import { yamlLibrary } from './yaml.ts';

/** Pieces (words, marks, line ends) a file may have; the largest published file has 90,000. */
const PIECE_LIMIT = 500_000;

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
  const positionOf = createPositions(text);
  const findings: Finding[] = [];
  const report: Report = (code, offset, pointer, message) => {
    const { severity } = FINDINGS[code];
    findings.push({ severity, code, file: path, pointer, ...positionOf(offset), message });
  };

  const part = readPart(text, (offset) => positionOf(offset).line, findings, report);
  const source = createSource(path, text, part?.spot, positionOf);
  return { source, value: findings.length > 0 ? undefined : part?.value, findings };
}

function readPart(
  text: string,
  lineOf: (offset: number) => number,
  findings: readonly Finding[],
  report: Report,
): Part | undefined {
  const control = CONTROL.exec(text);
  if (control !== null) {
    const name = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const message = `The control character ${name} stands here, which YAML does not take. Delete it.`;
    report('YAML_SYNTAX', control.index, '', message);
    return undefined;
  }
  const read = readEvents(text);
  if (read !== undefined) return read;
  const [document, second] = compose(text, report);
  if (document === undefined) return undefined;
  for (const problem of explainSyntax(document, text)) {
    report(problem.code, problem.offset, '', problem.message);
  }
  if (second !== undefined) {
    const message =
      'A second YAML document begins here; a capability file holds one. Move it to a file of its own, ' +
      'or delete the line "---".';
    report('YAML_MANY_DOCUMENTS', second.range?.[0] ?? 0, '', message);
  }
  // After a syntax error the tree is a guess, and what is found in it would be noise.
  if (findings.length > 0) return undefined;
  const part = toValue(document.contents, lineOf, report);
  if (findings.length === 0 && part.value === null) {
    const message =
      'The file is empty or holds comments only. A capability begins with "naftiko: 1.0.0-alpha2".';
    report('FILE_EMPTY', 0, '', message);
  }
  return part;
}

/** At most two documents: the second is only ever named. */
function compose(text: string, report: Report): Document.Parsed[] {
  const { Composer, Lexer, Parser } = yamlLibrary();
  const parser = new Parser();
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
        return [];
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
    return [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
