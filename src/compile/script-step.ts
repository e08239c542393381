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
    readonly inputs: readonly (readonly [string, Value])[];
    readonly earlier: readonly string[];
  },
): ScriptStep | undefined {
  const members =
    written.with === undefined
      ? [
          ...known.inputs.map(([name, value]) => [name, readerOf(value)] as const),
          ...known.earlier.flatMap((name) => {
            const read = references.step(name, pointer);
            return read === undefined ? [] : [[name, read] as const];
          }),
        ]
      : Object.entries(written.with).map(([name, value]) => {
          const at = pointerOf(pointer, 'with', name);
          return [name, readerOf(references.value(value, at))] as const;
        });
  const { scripts } = compilation.options;
  const script = scripts?.get(pointer);
  if (script === undefined) {
    if (scripts === undefined) {
      compilation.report('NOT_SERVED_YET', pointer, 'Scripts are not served here.');
    }
    return undefined;
  }
  return {
    kind: 'script',
    name: written.name,
    script,
    ...(written.with === undefined ? {} : { with: written.with as { [name: string]: Json } }),
    context: contextOf(members),
  };
}

function contextOf(
  members: readonly (readonly [string, (scope: Scope) => unknown])[],
): (scope: Scope) => Json {
  return function readContext(scope) {
    const context: Record<string, Json> = Object.create(null);
    for (const [name, read] of members) {
      const value = read(scope);
      if (value === undefined) continue;
      context[name] = Buffer.isBuffer(value)
        ? (JSON.parse(value.toString('utf8')) as Json)
        : (value as Json);
    }
    return context;
  };
}
