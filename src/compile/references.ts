import { nearest } from '../document/suggest.ts';
import { inputNameOf } from '../expression/reference.ts';
import type { Value } from '../expression/template.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import { compileData } from './data.ts';
import type { ExposedSide } from './exposed-side.ts';
import { isManagedHeader } from './headers.ts';
import { compileText } from './text.ts';

/** Where a parameter of the consumed operation can be put at all. */
export function isPlaceable(target: ConsumedTarget, { parameter }: PlacedParameter): boolean {
  if (parameter.in === 'path') return target.path.variables.includes(parameter.name);
  return parameter.in !== 'header' || !isManagedHeader(parameter.name);
}

/** Whether a with key can be sent; one that cannot is reported. */
export function isTarget(
  compilation: Compilation,
  target: ConsumedTarget,
  name: string,
  pointer: string,
): boolean {
  const like = target.byName.get(name);
  if (like?.parameter.value !== undefined) {
    compilation.report(
      'WITH_TARGET_UNKNOWN',
      pointer,
      `"${name}" has a fixed value in ${target.id}, which callers cannot change; this entry does nothing.`,
      { at: 'key' },
    );
    return false;
  }
  if (target.path.variables.includes(name) || target.tags.has(name)) return true;
  if (like !== undefined) {
    if (isPlaceable(target, like)) return true;
    if (like.parameter.in === 'path') {
      compilation.report(
        'PARAMETER_UNPLACED',
        pointer,
        `"${name}" is declared in the path of ${target.id}, but "${target.resource.path}" has no {${name}}; it is not sent.`,
        { at: 'key' },
      );
    } else {
      compilation.report(
        'HEADER_MANAGED',
        pointer,
        `The header "${name}" belongs to the connection with the consumed API, so the gateway sets it itself; the input is left out.`,
        { at: 'key' },
      );
    }
    return false;
  }
  compilation.report(
    'WITH_TARGET_UNKNOWN',
    pointer,
    `"${name}" is neither a parameter nor a path variable of ${target.id} (${target.method} ${target.path.text}); it is not sent.`,
    { at: 'key', suggestion: nearest(name, [...target.byName.keys(), ...target.path.variables]) },
  );
  return false;
}

/** How references find inputs. */
export interface InputFinder {
  readonly isDeclared: (name: string) => boolean;
  /** The input's value. `alone` says that it is handed on as it is, not as a piece of a text. */
  readonly take: (name: string, alone: boolean) => Value;
}

/** What leads a reference to an input. */
export const rootsOf = ({ namespace, roots = [] }: ExposedSide): readonly string[] => [
  'rest',
  'tools',
  namespace,
  ...roots,
];

/** `rest.x`, `tools.x`, `<namespace>.x`; a template; else a literal. */
export function compileReference(
  compilation: Compilation,
  side: ExposedSide,
  reference: unknown,
  pointer: string,
  inputs: InputFinder,
): Value | undefined {
  if (typeof reference === 'object' && reference !== null) {
    return compileData(reference, pointer, (text, at) =>
      compileReference(compilation, side, text, at, {
        ...inputs,
        // Inside an object or a list an input is a piece, whatever the parameter is.
        take: (name) => inputs.take(name, false),
      }),
    );
  }
  if (typeof reference !== 'string') return { constant: reference };
  const roots = rootsOf(side);
  const input = inputNameOf(reference, roots);
  if (input !== undefined && !input.includes('{{')) return inputs.take(input, true);
  if (/^\$\.[^.{]+\./.test(reference)) {
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointer,
      `"${reference}" refers to an earlier step, but this is a simple call without steps.`,
    );
    return undefined;
  }
  return compileText(compilation, reference, pointer, {
    before: (name, alone) => (inputs.isDeclared(name) ? inputs.take(name, alone) : undefined),
    after: (name, alone) => inputs.take(inputNameOf(name, roots) ?? name, alone),
    unknown: '',
  });
}
