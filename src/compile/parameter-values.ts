import { pointerOf } from '../document/source.ts';
import { readerOf, type Value } from '../expression/template.ts';
import { authenticationOf, CREDENTIAL_TAG } from './authentication.ts';
import { withBraces } from './bare-variable.ts';
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
  /** What one tag of it stands for, with its type. */
  tag(name: string, pointer: string): Value | undefined;
  /** What the caller's own credential is sent as. */
  readonly caller: Value | undefined;
}

/** Among the feeds: the caller's own credential. No parameter has this name. */
export const CALLER_FEED = '\0caller';

/** @param feeds the value of each consumed parameter and template name; what has none is absent */
export function parameterValues(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
): ParameterValues {
  const template = (text: string, pointer: string): Value | undefined =>
    compileText(compilation, text, pointer, {
      before: (name) => feeds.get(name),
      after: (name) => memberOf(name, feeds) ?? absentOf(target, name),
      unknown:
        'it is neither a parameter of this operation nor a variable of a bind. Declare it, or correct its name.',
    });
  const fixed = new Map<PlacedParameter, Value>();
  const byName = new Map(feeds);
  for (const entry of target.parameters) {
    const { name, value } = entry.parameter;
    if (value === undefined) continue;
    const pointer = pointerOf(entry.pointer, 'value');
    const meant = typeof value === 'string' ? withBraces(compilation, value, pointer) : value;
    const compiled = compileData(meant, pointer, template);
    fixed.set(entry, compiled);
    if (!feeds.has(name)) byName.set(name, compiled);
  }
  return {
    byName,
    of: (entry) => fixed.get(entry) ?? feeds.get(entry.parameter.name),
    template,
    tag: (name, pointer) => template(`{{${name}}}`, pointer),
    caller: callerValue(compilation, target, feeds.get(CALLER_FEED)),
  };
}

function callerValue(
  compilation: Compilation,
  target: ConsumedTarget,
  given: Value | undefined,
): Value | undefined {
  const { caller } = authenticationOf(target);
  if (caller === undefined || given === undefined) return undefined;
  return compileText(compilation, caller.text, caller.pointer, {
    before: (name) => (name === CREDENTIAL_TAG ? given : undefined),
    unknown: `it is neither ${CREDENTIAL_TAG}, which the caller gives, nor a variable of a bind.`,
  });
}

/** A declared parameter that nothing feeds. */
const absentOf = (target: ConsumedTarget, name: string): Value | undefined =>
  target.byName.has(name) ? { read: () => undefined } : undefined;

/** `user.name` is the field `name` of the input `user`, where no input has the whole as its name. */
function memberOf(name: string, feeds: ReadonlyMap<string, Value>): Value | undefined {
  const [root = '', ...fields] = name.split('.');
  const value = fields.length === 0 ? undefined : feeds.get(root);
  if (value === undefined) return undefined;
  const read = readerOf(value);
  return {
    read: (scope) =>
      fields.reduce<unknown>(
        (parent, field) =>
          typeof parent === 'object' && parent !== null && Object.hasOwn(parent, field)
            ? (parent as Record<string, unknown>)[field]
            : undefined,
        read(scope),
      ),
    input: root,
  };
}
