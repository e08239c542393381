const LINE_LIMIT = 100;

/** A piece of a word: text, or a variable that the shell fills in. */
export type Piece = string | { readonly variable: string };

/** A word of a command; one of pieces stands in double quotes. */
export type Word = string | readonly Piece[];

/** A word as a POSIX shell reads it back. */
export function quote(word: Word): string {
  if (typeof word !== 'string') return `"${word.map(pieceText).join('')}"`;
  return /^[\w:/.@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const pieceText = (piece: Piece): string =>
  typeof piece === 'string' ? piece.replace(/[\\"$`]/g, '\\$&') : `\${${piece.variable}}`;

/**
 * Groups of words as a command to paste, indented: on one line when that is short enough, else a
 * line for each group.
 */
export function commandLine(groups: readonly (readonly Word[])[]): string[] {
  const lines = groups.map((words) => words.map(quote).join(' '));
  const single = `  ${lines.join(' ')}`;
  if (single.length <= LINE_LIMIT) return [single];
  return lines.map(
    (line, index) =>
      `${index === 0 ? '  ' : '    '}${line}${index === lines.length - 1 ? '' : ' \\'}`,
  );
}
