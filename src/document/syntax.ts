import type { Document, Scalar, YAMLError } from 'yaml';
import type { FindingCode } from './finding.ts';
import { yamlLibrary } from './yaml.ts';

export interface SyntaxProblem {
  readonly code: FindingCode;
  readonly offset: number;
  readonly message: string;
}

/** Problems shown of one file: what comes after the first few follows from them. */
const PROBLEM_LIMIT = 10;

/** What the YAML library refused in a document, in our words, one problem a line. */
export function explainSyntax(document: Document.Parsed, text: string): SyntaxProblem[] {
  const raised = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const problems: SyntaxProblem[] = [];
  let end = -1;
  for (const error of raised) {
    if (problems.length === PROBLEM_LIMIT) break;
    const problem = explain(error, document, text);
    if (problem.offset <= end) continue;
    problems.push(problem);
    // Once the parser has lost the structure, all that follows is refused.
    if (/YAML stream|at node end/.test(error.message)) break;
    const lineEnd = text.indexOf('\n', Math.max(error.pos[0], problem.offset));
    end = lineEnd < 0 ? text.length : lineEnd;
  }
  return problems;
}

function explain(error: YAMLError, document: Document.Parsed, text: string): SyntaxProblem {
  const offset = Math.min(error.pos[0], text.length);
  const found = (message: string, at = offset): SyntaxProblem => ({
    code: 'YAML_SYNTAX',
    offset: at,
    message,
  });
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return found('A tab indents this line, and YAML takes only spaces. Put spaces in its place.');
    case 'NON_STRING_KEY':
      return explainKey(text, offset, found);
    case 'TAG_RESOLVE_FAILED':
      return {
        code: 'YAML_TAG_UNKNOWN',
        offset,
        message:
          `The tag "${wordAt(text, offset)}" has no meaning in a capability file. Write the plain value; ` +
          'a variable is written as "{{NAME}}" and declared in binds.',
      };
    case 'MISSING_CHAR':
      if (error.message.includes('quote')) {
        return found(
          'The text in quotes that begins here never ends. Close the quotes.',
          openQuote(document, offset),
        );
      }
      if (error.message.startsWith('Implicit')) {
        return found(
          'A key stands here without ": " after it. Write "key: value", with a space after the colon.',
        );
      }
      break;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return found(
        'This value holds ": ", which begins another mapping. Put the whole value in quotes, ' +
          'or move the inner mapping to lines of its own.',
      );
    case 'BAD_SCALAR_START':
      return found(
        `A value without quotes cannot begin with "${text[offset] ?? ''}". Put the value in quotes.`,
      );
    case 'BAD_DQ_ESCAPE':
      return found(
        `"${text.slice(offset, offset + 2)}" means nothing inside double quotes. ` +
          'Write the backslash twice, or use single quotes.',
      );
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) {
        return found(
          'A bracket opened above is not closed before this line. Close it, or indent what belongs inside it.',
        );
      }
      return found(`${sentence(error)} Line this up with the lines around it.`);
    case 'RESOURCE_EXHAUSTION':
      return found('The text is nested too deep to be read.');
    default:
  }
  return found(
    `${sentence(error)} Check the indentation, the quotes and the brackets of this line and the one above.`,
  );
}

function explainKey(
  text: string,
  offset: number,
  found: (message: string, at?: number) => SyntaxProblem,
): SyntaxProblem {
  const start = text.slice(0, offset + 1).lastIndexOf('{{');
  const template =
    start >= offset - 1 ? /^\{\{[^{}\n]*\}\}/.exec(text.slice(start, start + 200))?.[0] : undefined;
  if (template !== undefined) {
    return found(
      `Without quotes, "${template}" is read as a mapping. Put the whole value in quotes: '${template}'.`,
      start,
    );
  }
  return found('A key must be plain text. Write the key as a word, in quotes when it holds marks.');
}

/** The place of the quote that is never closed, rather than the end of the file. */
function openQuote(document: Document.Parsed, offset: number): number {
  let start = offset;
  yamlLibrary().visit(document, {
    Scalar: (_key, node: Scalar) => {
      const at = node.range?.[0] ?? offset;
      if (node.type?.startsWith('QUOTE') && at < offset) start = at;
    },
  });
  return start;
}

const wordAt = (text: string, offset: number): string =>
  /^\S{1,60}/.exec(text.slice(offset, offset + 60))?.[0] ?? '!';

function sentence(error: YAMLError): string {
  const said = error.message.split('\n')[0]?.trim().slice(0, 200) ?? '';
  return said.endsWith('.') ? said : `${said}.`;
}
