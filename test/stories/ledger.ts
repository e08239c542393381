import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Actor, Note } from './actor.ts';
import type { Operation } from './outline.ts';

/** Which stories showed which operations, over which face. */
export interface Ledger {
  readonly operations: readonly Operation[];
  story(name: string): Note;
  /** `operation over FACE` of all that no story has shown. */
  missing(): readonly string[];
  /** Rows of the table, in Markdown. */
  table(): string;
}

export function createLedger(operations: readonly Operation[]): Ledger {
  const shown = new Map<string, Set<string>>();
  const keyOf = (operation: string, face: Actor['face']): string => `${operation} over ${face}`;
  return {
    operations,
    story: (name) => (operation, face) => {
      const key = keyOf(operation, face);
      shown.set(key, (shown.get(key) ?? new Set()).add(name));
    },
    missing: () =>
      operations
        .flatMap(({ name }) => [keyOf(name, 'REST'), keyOf(name, 'MCP')])
        .filter((key) => !shown.has(key)),
    table() {
      const rows = operations.map(({ name, consumed, method, path, tool }) => {
        const stories = (['REST', 'MCP'] as const).flatMap((face) => [
          ...(shown.get(keyOf(name, face)) ?? []),
        ]);
        const route = `${method} ${path}`;
        return `| \`${consumed}\` | \`${route}\` | \`${tool}\` | ${[...new Set(stories)].sort().join('; ')} |`;
      });
      const head = '| operation | route | tool | shown by |\n|---|---|---|---|';
      return `${head}\n${rows.join('\n')}`;
    },
  };
}

const DOCS = path.join(import.meta.dirname, '..', '..', 'docs');

/** Holds the table of a page of the docs to what the stories did, which is all, over both faces. */
export function checkTable(page: string, ledger: Ledger): void {
  assert.deepEqual(ledger.missing(), []);
  const table = ledger.table();
  const why = `WRITE_TABLES=1 npm test -- stories writes docs/${page}`;
  assert.equal(tableIn(path.join(DOCS, page), table), table, why);
}

const MARKS = /(<!-- operations[^>]*-->\n)([\s\S]*?)(<!-- end of operations -->)/;

/**
 * The table of a page, between its marks; with WRITE_TABLES=1 in the environment it is written first.
 */
function tableIn(page: string, made: string): string {
  const text = readFileSync(page, 'utf8');
  const found = MARKS.exec(text);
  if (found === null) throw new Error(`${page} has no place for the table`);
  if (process.env.WRITE_TABLES !== '1') return (found[2] as string).trim();
  writeFileSync(
    page,
    text.replace(MARKS, (_, begin, __, end) => `${begin}\n${made}\n\n${end}`),
  );
  return made;
}
