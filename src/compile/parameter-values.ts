import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import { compileData } from './data.ts';
import { compileText } from './text.ts';

/** How the parameters of one operation get their values. */
export interface ParameterValues {
  /** The value of a variable of the path. */
  readonly byName: ReadonlyMap<string, Value>;
  of(entry: PlacedParameter): Value | undefined;
  /** Compiles a string of the consumes side: its tags are inputs of this call, then binds. */
  template(text: string, pointer: string): Value | undefined;
}

/** @param feeds the value of each consumed parameter and template name; what has none is absent */
export function parameterValues(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
): ParameterValues {
  const template = (text: string, pointer: string): Value | undefined =>
    compileText(compilation, text, pointer, {
      before: (name) => feeds.get(name),
      after: (name) => (target.byName.has(name) ? { read: () => undefined } : undefined),
      unknown:
        'it is neither a parameter of this operation nor a variable of a bind. Declare it, or correct its name.',
    });
  const fixed = new Map<PlacedParameter, Value>();
  const byName = new Map(feeds);
  for (const entry of target.parameters) {
    const { name, value } = entry.parameter;
    if (value === undefined) continue;
    const compiled = compileData(value, pointerOf(entry.pointer, 'value'), template);
    fixed.set(entry, compiled);
    if (!feeds.has(name)) byName.set(name, compiled);
  }
  return {
    byName,
    of: (entry) => fixed.get(entry) ?? feeds.get(entry.parameter.name),
    template,
  };
}
