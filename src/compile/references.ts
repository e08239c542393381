import { nearest } from '../document/suggest.ts';
import { splitReference } from '../expression/reference.ts';
import { compileTemplate, hasTags, type Value } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { isManagedHeader } from './headers.ts';

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
  like: PlacedParameter | undefined,
  pointer: string,
): boolean {
  if (like?.parameter.value !== undefined) {
    compilation.report(
      'WITH_TARGET_UNKNOWN',
      pointer,
      `"${name}" has a fixed value in ${target.id}, which callers cannot change; this entry does nothing.`,
      { at: 'key' },
    );
    return false;
  }
  if (target.path.variables.includes(name)) return true;
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
  if (usesTag(target, name)) return true;
  const known = [
    ...target.parameters.map(({ parameter }) => parameter.name),
    ...target.path.variables,
  ];
  compilation.report(
    'WITH_TARGET_UNKNOWN',
    pointer,
    `"${name}" is neither a parameter nor a path variable of ${target.id} (${target.method} ${target.path.text}); it is not sent.`,
    { at: 'key', suggestion: nearest(name, known) },
  );
  return false;
}

/** A template in the operation's fixed values or body may name a with key that is no parameter. */
function usesTag(target: ConsumedTarget, name: string): boolean {
  const text = JSON.stringify([
    target.operation.body ?? null,
    target.parameters.map(({ parameter }) => parameter.value ?? null),
  ]);
  return text.includes(`{{${name}}}`) || text.includes(`{{ ${name} }}`);
}

/** `rest.x`, `tools.x`, `<namespace>.x`; a template; else a literal. */
export function compileReference(
  compilation: Compilation,
  side: ExposedSide,
  reference: unknown,
  pointer: string,
  take: (name: string) => Value,
): Value | undefined {
  if (typeof reference !== 'string') return { constant: reference };
  if (hasTags(reference)) {
    return compileTemplate(reference, (name) => {
      const found = useVariable(compilation, name, pointer);
      if (found === 'missing') return undefined;
      const split = splitReference(name);
      const input = split !== undefined && isInputRoot(split.root, side) ? split.name : name;
      return found ?? take(input);
    });
  }
  if (/^\$\.[^.]+\./.test(reference)) {
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointer,
      `"${reference}" refers to an earlier step, but this is a simple call without steps.`,
    );
    return undefined;
  }
  const split = splitReference(reference);
  return split !== undefined && isInputRoot(split.root, side)
    ? take(split.name)
    : { constant: reference };
}

const isInputRoot = (root: string, side: ExposedSide): boolean =>
  root === 'rest' || root === 'tools' || root === side.namespace;
