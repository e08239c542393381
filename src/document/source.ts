export interface Position {
  /** 1-based line and column. */
  readonly line: number;
  readonly column: number;
}

/** A file's text, with the way from a JSON pointer to a line and column. */
export interface Source {
  /** As the user named it. */
  readonly path: string;
  readonly text: string;
  /** The place of the node at `pointer`, or of the nearest parent that exists. */
  position(pointer: string, at?: 'key' | 'value'): Position;
  /** Where a part that was imported is written: its file, and its pointer there. */
  origin?(pointer: string): { readonly source: Source; readonly pointer: string };
}

/** Joins pointer tokens with RFC 6901 escapes. */
export const pointerOf = (parent: string, ...tokens: readonly (string | number)[]): string =>
  parent +
  tokens.map((token) => `/${String(token).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
