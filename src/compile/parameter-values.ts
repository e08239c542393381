import { pointerOf } from '../document/source.ts';
import { compileTemplate, hasTags, type Value } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';

/** How the parameters of one operation get their values. */
export interface ParameterValues {
  readonly byName: ReadonlyMap<string, Value>;
  of(entry: PlacedParameter): Value | undefined;
  /** Compiles a string of the consumes side: its tags are inputs of this call, then binds. */
  template(text: string, pointer: string): Value | undefined;
}

/** @param feeds the value of each consumed parameter and template variable; what has none is absent */
export function parameterValues(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
): ParameterValues {
  const declared = new Set(target.parameters.map(({ parameter }) => parameter.name));
  const template = (text: string, pointer: string): Value | undefined =>
    compileTemplate(text, (name) => {
      const fed = feeds.get(name);
      if (fed !== undefined) return fed;
      const found = useVariable(compilation, name, pointer);
      if (found === 'missing') return undefined;
      if (found !== undefined) return found;
      if (declared.has(name)) return { read: () => undefined };
      compilation.report(
        'VARIABLE_UNKNOWN',
        pointer,
        `{{${name}}} names nothing: neither an input of ${target.id} nor a variable of a bind. Declare it, or correct its name.`,
      );
      return undefined;
    });
  const fixed = new Map<PlacedParameter, Value | undefined>();
  for (const entry of target.parameters) {
    const { value } = entry.parameter;
    if (value === undefined) continue;
    const pointer = pointerOf(entry.pointer, 'value');
    fixed.set(
      entry,
      typeof value === 'string' && hasTags(value) ? template(value, pointer) : { constant: value },
    );
  }
  const byName = new Map(feeds);
  for (const [entry, value] of fixed)
    if (value !== undefined) byName.set(entry.parameter.name, value);
  return {
    byName,
    of: (entry) => (fixed.has(entry) ? fixed.get(entry) : feeds.get(entry.parameter.name)),
    template,
  };
}
