import type { Piece, Word } from './shell.ts';

/** How a file names a variable that its client fills in. */
export type Spell = (variable: string) => string;

export const spelled = (word: Word, spell: Spell): string =>
  typeof word === 'string' ? word : word.map((piece) => pieceText(piece, spell)).join('');

const pieceText = (piece: Piece, spell: Spell): string =>
  typeof piece === 'string' ? piece : spell(piece.variable);

/** Clients take letters, digits, `-` and `_` in the name of a server. */
export const serverName = (namespace: string): string =>
  namespace.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'naftiko';

/** The file of VS Code, which asks its user once for each input, and keeps what it is told. */
export function codeFile(serversOf: (spell: Spell) => Readonly<Record<string, object>>): object {
  const asked = new Set<string>();
  const servers = serversOf((variable) => {
    asked.add(variable);
    return `\${input:${variable}}`;
  });
  if (asked.size === 0) return { servers };
  const inputOf = (id: string): object => ({
    type: 'promptString',
    id,
    description: id,
    password: true,
  });
  return { inputs: Array.from(asked, inputOf), servers };
}
