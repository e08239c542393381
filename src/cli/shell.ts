const LINE_LIMIT = 100;

/** A word as a POSIX shell reads it back. */
export const quote = (text: string): string =>
  /^[\w:/.@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Groups of words as a command to paste, indented: on one line when that is short enough, else a
 * line for each group.
 */
export function commandLine(groups: readonly (readonly string[])[]): string[] {
  const lines = groups.map((words) => words.map(quote).join(' '));
  const single = `  ${lines.join(' ')}`;
  if (single.length <= LINE_LIMIT) return [single];
  return lines.map(
    (line, index) =>
      `${index === 0 ? '  ' : '    '}${line}${index === lines.length - 1 ? '' : ' \\'}`,
  );
}
