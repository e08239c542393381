import { pointerOf } from '../document/source.ts';
import { readerOf, type Value } from '../expression/template.ts';
import type { Json, Scope, ScriptStep } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { StepReferences } from './step-references.ts';

/** A step of type script, as the file writes it. */
export interface WrittenScript {
  readonly type: 'script';
  readonly name: string;
  readonly file: string;
  readonly language?: string;
  readonly location?: string;
  readonly dependencies?: readonly string[];
  readonly with?: Readonly<Record<string, unknown>>;
}

/**
 * A script and its context: what `with` says, else all inputs and what every earlier step gave.
 * The code was read and checked before; what is not there was refused, with a finding.
 */
export function compileScript(
  compilation: Compilation,
  written: WrittenScript,
  pointer: string,
  references: StepReferences,
  known: {
    readonly inputs: () => readonly (readonly [string, Value])[];
    readonly earlier: readonly string[];
  },
): ScriptStep | undefined {
  const members =
    written.with === undefined
      ? [
          ...known.inputs().map(([name, value]) => [name, readerOf(value)] as const),
          ...known.earlier.flatMap((name) => {
            const read = references.step(name, pointer);
            return read === undefined ? [] : [[name, read] as const];
          }),
        ]
      : Object.entries(written.with).map(([name, value]) => {
          const at = pointerOf(pointer, 'with', name);
          return [name, plainly(readerOf(references.value(value, at)), levelsOf(value))] as const;
        });
  const { scripts } = compilation.options;
  if (scripts === undefined) {
    compilation.report('SCRIPT_NOT_ALLOWED', pointer, 'No scripts are run here.');
  }
  const script = scripts?.get(pointer);
  if (script === undefined) return undefined;
  return {
    kind: 'script',
    name: written.name,
    script,
    ...(written.with === undefined ? {} : { with: written.with as { [name: string]: Json } }),
    context: contextOf(members),
  };
}

const plainly =
  (read: (scope: Scope) => unknown, levels: number) =>
  (scope: Scope): unknown =>
    plain(read(scope), levels);

function contextOf(
  members: readonly (readonly [string, (scope: Scope) => unknown])[],
): (scope: Scope) => Json {
  return function readContext(scope) {
    const context: Record<string, Json> = Object.create(null);
    for (const [name, read] of members) {
      const value = plain(read(scope), 0);
      if (value !== undefined) context[name] = value as Json;
    }
    return context;
  };
}

/** How deep lists and objects are nested in what the file writes. */
function levelsOf(written: unknown): number {
  if (typeof written !== 'object' || written === null) return 0;
  return 1 + Math.max(0, ...Object.values(written).map(levelsOf));
}

/** Bodies that were taken unread are read; inputs stand in the first `levels` of a value. */
function plain(value: unknown, levels: number): unknown {
  if (Buffer.isBuffer(value)) return JSON.parse(value.toString('utf8'));
  if (levels === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, levels - 1));
  const out: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value)) out[key] = plain(member, levels - 1);
  return out;
}
