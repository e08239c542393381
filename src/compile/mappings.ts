import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { readerOf } from '../expression/template.ts';
import { isRecord } from '../json.ts';
import type { Json, Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { outputNames, type PlacedMapping } from './mapped-feeds.ts';
import type { StepReferences } from './step-references.ts';

export interface WrittenMapping {
  readonly targetName: string;
  readonly value: unknown;
}

/**
 * Puts values of the steps into one object; dots in a target name lead into objects. What a step did
 * not give is left out.
 */
export function compileMappings(
  compilation: Compilation,
  mappings: readonly PlacedMapping[],
  outputs: readonly OutputParameter[],
  references: StepReferences,
): (scope: Scope) => Json {
  const names = outputNames(outputs);
  const filled = new Map<string, number>();
  const members = mappings.map(({ mapping: { targetName, value }, pointer: at }, index) => {
    const read = readerOf(references.value(value, pointerOf(at, 'value')));
    const keys = names.includes(targetName) ? [targetName] : targetName.split('.');
    const problem = problemOf(targetName, keys, names, filled);
    if (problem !== undefined) {
      compilation.report('MAPPING_UNKNOWN', pointerOf(at, 'targetName'), problem, {
        suggestion: nearest(keys[0] as string, names),
      });
    }
    filled.set(targetName, index);
    return { keys, read };
  });
  return mapper(members);
}

interface Member {
  readonly keys: readonly string[];
  readonly read: (scope: Scope) => unknown;
}

const mapper = (members: readonly Member[]): ((scope: Scope) => Json) =>
  function mapSteps(scope) {
    const out: MutableObject = Object.create(null);
    for (const { keys, read } of members) {
      const value = read(scope) as Json | undefined;
      if (value !== undefined) put(out, keys, value);
    }
    return out as Json;
  };

type MutableObject = { [key: string]: Json };

function problemOf(
  targetName: string,
  keys: readonly string[],
  names: readonly string[],
  filled: ReadonlyMap<string, number>,
): string | undefined {
  if (filled.has(targetName))
    return `"${targetName}" is filled by an earlier mapping, too; this one wins.`;
  if (names.length === 0 || names.includes(keys[0] as string)) return undefined;
  return `"${targetName}" is none of the declared outputParameters, so the answer leaves it out. Declare it, or correct its name.`;
}

/** Objects are made on the way; a value that stands there already gives way to them. */
function put(out: MutableObject, keys: readonly string[], value: Json): void {
  let at = out;
  for (const key of keys.slice(0, -1)) {
    const inner = at[key];
    if (isRecord(inner)) {
      // An object of a step's answer may be seen by others.
      at[key] = Object.assign(Object.create(null), inner) as MutableObject;
    } else {
      at[key] = Object.create(null) as MutableObject;
    }
    at = at[key] as MutableObject;
  }
  at[keys.at(-1) as string] = value;
}
