import { pointerOf } from '../document/source.ts';
import { readerOf, toText } from '../expression/template.ts';
import type { Json, LookupStep } from '../plan/plan.ts';
import { type StepReferences, walk } from './step-references.ts';

/** A step of type lookup, as the file writes it. */
export interface WrittenLookup {
  readonly type: 'lookup';
  readonly name: string;
  readonly index: string;
  readonly match: string;
  readonly lookupValue?: unknown;
  readonly outputParameters?: readonly string[];
}

/**
 * Finds the first entry of an earlier step's list whose field has a value, compared as text. For a
 * list of values it gives the list of what was found, in their order; those that no entry has are
 * left out.
 */
export function compileLookup(
  written: WrittenLookup,
  pointer: string,
  references: StepReferences,
): LookupStep | undefined {
  const { name, index, match, outputParameters = [] } = written;
  const table = references.step(index, pointerOf(pointer, 'index'));
  const wanted = readerOf(references.value(written.lookupValue, pointerOf(pointer, 'lookupValue')));
  if (table === undefined) return undefined;
  return {
    kind: 'lookup',
    name,
    index,
    match,
    lookupValue: (written.lookupValue ?? null) as Json,
    outputs: outputParameters,
    find(scope) {
      const value = wanted(scope);
      const entries = entriesOf(table(scope));
      if (Array.isArray(value)) {
        const byKey = new Map<string, Json>();
        for (const entry of entries) {
          const key = keyOf(walk(entry, match));
          if (key !== undefined && !byKey.has(key)) byKey.set(key, entry);
        }
        return value.flatMap((each) => {
          const key = keyOf(each);
          const entry = key === undefined ? undefined : byKey.get(key);
          return entry === undefined ? [] : [pick(entry, outputParameters)];
        });
      }
      const key = keyOf(value);
      if (key === undefined) return undefined;
      const entry = entries.find((each) => keyOf(walk(each, match)) === key);
      return entry === undefined ? undefined : pick(entry, outputParameters);
    },
  };
}

const entriesOf = (table: Json | undefined): readonly Json[] =>
  Array.isArray(table) ? table : table === undefined || table === null ? [] : [table];

/** What is absent, null, or no single value equals nothing. */
function keyOf(value: unknown): string | undefined {
  if (value === undefined || value === null || Buffer.isBuffer(value)) return undefined;
  return typeof value === 'object' ? undefined : toText(value);
}

function pick(entry: Json, fields: readonly string[]): Json {
  if (fields.length === 0) return entry;
  return Object.fromEntries(fields.map((field) => [field, walk(entry, field) ?? null]));
}
