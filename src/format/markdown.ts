import { Lexer, type Token, type Tokens, type TokensList } from 'marked';
import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';
import type { CompiledFormat } from './read-format.ts';
import { decodeText } from './text.ts';
import { checkSize, createCount, unreadable } from './unreadable.ts';
import { parseYaml } from './yaml.ts';

/** Longer pieces keep their marks: stripping them takes time that grows with the square. */
const LONGEST_INLINE = 2000;
const MOST_MILLISECONDS = 5000;

interface Heading {
  readonly text: string;
  readonly level: number;
}

/**
 * `{frontMatter, tables, sections: [{heading, level, content}]}`, texts without inline marks. Only
 * tables outside of lists and quotes count. A filter is the beginning of a heading, `#` signs before
 * it ask for its level: it keeps the sections and tables under such headings.
 */
export function compileMarkdown(filter: string | undefined): CompiledFormat {
  const wanted = filter === undefined ? undefined : readFilter(filter);
  if (wanted?.text === '' && wanted.level === 0) {
    return {
      why: 'outputSchema has to be the beginning of a heading for an answer of format markdown, and it is empty.',
    };
  }
  return {
    read: function readMarkdown(bytes, contentType) {
      checkSize('markdown', bytes, 2);
      const text = decodeText(bytes, contentType, { format: 'markdown', strict: false });
      const { frontMatter, body } = splitFrontMatter(text.replace(/\r\n?/g, '\n'));
      return { frontMatter, ...readBody(body, wanted) };
    },
  };
}

function readFilter(filter: string): Heading {
  const marks = /^#*/.exec(filter.trim())?.[0] ?? '';
  return { text: filter.trim().slice(marks.length).trim(), level: marks.length };
}

const FRONT_MATTER = /^---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/s;

function splitFrontMatter(text: string): { frontMatter: Json; body: string } {
  const match = FRONT_MATTER.exec(text);
  if (match !== null) {
    try {
      const frontMatter = parseYaml(match[1] as string);
      if (isRecord(frontMatter)) {
        return { frontMatter, body: text.slice(match[0].length) };
      }
    } catch {
      // Lines between two rules are a piece of text, too.
    }
  }
  return { frontMatter: {}, body: text };
}

function readBody(body: string, wanted: Heading | undefined) {
  const lexer = new FlatLexer({ gfm: true });
  const strip = createStrip(lexer);
  const count = createCount('markdown');
  const tables: Json[] = [];
  const sections: { heading: string; level: number; content: string[] }[] = [];
  let scope: number | undefined = wanted === undefined ? 0 : undefined;
  for (const token of lexer.blockTokens(body)) {
    count();
    if (token.type === 'heading') {
      const { depth, text } = token as Tokens.Heading;
      const heading = strip(text);
      if (wanted !== undefined) {
        if (scope !== undefined && depth <= scope) scope = undefined;
        if (scope === undefined && isWanted(wanted, heading, depth)) scope = depth;
      }
      if (scope !== undefined) sections.push({ heading, level: depth, content: [] });
    } else if (scope !== undefined && token.type === 'table') {
      tables.push(toRows(token as Tokens.Table, strip, count));
    } else if (scope !== undefined) {
      const text = contentOf(token, strip);
      if (text !== '') sections.at(-1)?.content.push(text);
    }
  }
  return {
    tables,
    sections: sections.map(({ content, ...section }) => ({
      ...section,
      content: content.join('\n'),
    })),
  };
}

const isWanted = (wanted: Heading, heading: string, level: number): boolean =>
  heading.startsWith(wanted.text) && (wanted.level === 0 || wanted.level === level);

function toRows(table: Tokens.Table, strip: Strip, count: (values: number) => void): Json {
  const names = table.header.map(({ text }) => strip(text));
  return table.rows.map((row) => {
    count(row.length + 1);
    return Object.fromEntries(
      names.map((name, index) => [name, strip(row[index]?.text ?? '')] as const),
    );
  });
}

function contentOf(token: Token, strip: Strip): string {
  switch (token.type) {
    case 'paragraph':
    case 'text':
      return strip((token as Tokens.Paragraph).text);
    case 'code':
      return (token as Tokens.Code).text;
    case 'list':
      return (token as Tokens.List).items.map(({ text }) => strip(text)).join('\n');
    case 'blockquote':
      return strip((token as Tokens.Blockquote).text);
    default:
      return '';
  }
}

type Strip = (text: string) => string;

function createStrip(lexer: FlatLexer): Strip {
  const end = performance.now() + MOST_MILLISECONDS;
  return function stripMarks(text) {
    const trimmed = text.trim();
    if (trimmed.length > LONGEST_INLINE) return trimmed;
    if (performance.now() > end) throw unreadable('markdown', 'it takes too long to read');
    return lexer.inlineTokens(trimmed, []).map(plain).join('').trim();
  };
}

function plain(token: Token): string {
  if (token.type === 'br') return '\n';
  if (token.type === 'html') return '';
  if (token.type === 'image') return (token as Tokens.Image).text;
  const { tokens, text } = token as Tokens.Generic;
  return tokens === undefined ? (text ?? '') : tokens.map(plain).join('');
}

/**
 * Leaves what stands inside lists and quotes as text: only the outermost blocks are asked for, and
 * an answer of nothing but marks would make the library call itself until the stack is full.
 */
class FlatLexer extends Lexer<string, string> {
  #inside = false;

  override blockTokens(source: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(source: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(source: string, tokens: Token[] = [], clipped = false): Token[] {
    if (this.#inside) {
      tokens.push({ type: 'text', raw: source, text: source });
      return tokens;
    }
    this.#inside = true;
    try {
      return super.blockTokens(source, tokens, clipped);
    } finally {
      this.#inside = false;
    }
  }
}
