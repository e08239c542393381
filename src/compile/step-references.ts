import { nearest } from '../document/suggest.ts';
import { compileJsonPath } from '../expression/jsonpath.ts';
import { inputNameOf } from '../expression/reference.ts';
import type { Value } from '../expression/template.ts';
import type { Json, Scope } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { compileData } from './data.ts';
import type { ExposedSide } from './exposed-side.ts';
import type { Gathering } from './gather.ts';
import { rootsOf } from './references.ts';
import { compileText } from './text.ts';
import { pieceOf, plainUse, type Use, useOf } from './use.ts';

/** What one place of an operation with steps may name: the inputs, and the steps before it. */
export interface StepReferences {
  /** A reference, a path into an earlier step, a template or a literal; also inside objects and lists. */
  value(written: unknown, pointer: string, use?: UseOf): Value;
  /** What a tag stands for where it makes no input; undefined when no input and no step has the name. */
  tag(name: string, pointer: string): Value | undefined;
  /** The earlier step of this name; undefined when there is none, which is reported. */
  step(name: string, pointer: string): ((scope: Scope) => Json | undefined) | undefined;
  /** Inputs that were named here. */
  readonly inputs: ReadonlySet<string>;
  /** Places of the steps that were named here. */
  readonly steps: ReadonlySet<number>;
}

/** What an input that is named here is wanted for. */
export interface UseOf {
  readonly use: Use;
  readonly target: ConsumedTarget | undefined;
}

/**
 * @param names of all steps, in file order
 * @param place of the step that refers; of the answer the number of steps
 */
export function stepReferences(
  compilation: Compilation,
  side: ExposedSide,
  gathering: Gathering,
  names: readonly string[],
  place: number,
): StepReferences {
  const inputs = new Set<string>();
  const steps = new Set<number>();
  const roots = rootsOf(side);

  function input(name: string, pointer: string, alone: boolean, wanted: UseOf | undefined): Value {
    gathering.reportUndeclared(name, pointer);
    inputs.add(name);
    const use = wanted?.use ?? plainUse(name, pointer);
    return gathering.take(name, alone ? use : pieceOf(use), wanted?.target);
  }

  function read(at: number): ReadStep {
    const name = names[at] as string;
    steps.add(at);
    return outputOf(name);
  }

  function path(written: string, pointer: string): Value | undefined {
    const found = splitPath(written, names);
    if (found === undefined || found.at >= place) {
      reportStep(written, /^\$\.?\[?['"]?([^.['"\]]*)/.exec(written)?.[1] ?? '', pointer);
      return undefined;
    }
    const compiled = compileJsonPath(`$${found.rest}`);
    if ('why' in compiled) {
      compilation.report('JSONPATH_INVALID', pointer, `The path ${compiled.why}.`);
      return undefined;
    }
    return { read: selected(written, read(found.at), compiled.select) };
  }

  function reportStep(written: string, name: string, pointer: string): void {
    const isLater = names.indexOf(name) >= place;
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointer,
      isLater
        ? `"${written}" refers to the step "${name}", which does not come before this one. Move it up.`
        : `"${written}" refers to no earlier step. A path begins with the name of one: $.step.field.`,
      isLater ? {} : { suggestion: nearest(name, names.slice(0, place)) },
    );
  }

  /** `{{step}}` and `{{step.field.0}}`, the longest name of a step that fits. */
  function tag(name: string): Value | undefined {
    const at = longest(
      names.slice(0, place),
      (each) => name === each || name.startsWith(`${each}.`),
    );
    if (at === undefined) return undefined;
    const rest = name.slice((names[at] as string).length + 1);
    return { read: walked(name, read(at), rest) };
  }

  function text(written: string, pointer: string, wanted: UseOf | undefined): Value {
    const named = inputNameOf(written, roots);
    if (named !== undefined && !named.includes('{{')) return input(named, pointer, true, wanted);
    if (/^\$(?:\.[^.\d]|\[)/.test(written) && !written.includes('{{')) {
      return path(written, pointer) ?? { constant: undefined };
    }
    const value = compileText(compilation, written, pointer, {
      before: (name, alone) =>
        gathering.isDeclared(name) ? input(name, pointer, alone, wanted) : tag(name),
      after: (name, alone) => input(inputNameOf(name, roots) ?? name, pointer, alone, wanted),
      unknown: '',
    });
    return value ?? { constant: undefined };
  }

  return {
    inputs,
    steps,
    value: (written, pointer, wanted) =>
      compileData(written, pointer, (each, at) => text(each, at, wanted)),
    tag(name, pointer) {
      const named = inputNameOf(name, roots) ?? name;
      return gathering.isKnown(named) ? input(named, pointer, false, undefined) : tag(name);
    },
    step(name, pointer) {
      const at = names.indexOf(name);
      if (at !== -1 && at < place) return read(at);
      reportStep(name, name, pointer);
      return undefined;
    },
  };
}

type ReadStep = (scope: Scope) => Json | undefined;

const outputOf =
  (name: string): ReadStep =>
  (scope) =>
    scope.symbol?.(`$.${name}`) ?? scope.steps[name];

const selected =
  (path: string, output: ReadStep, select: (value: Json) => unknown) =>
  (scope: Scope): unknown => {
    if (scope.symbol !== undefined) return scope.symbol(path);
    const value = output(scope);
    return value === undefined ? undefined : select(value);
  };

const walked =
  (name: string, output: ReadStep, rest: string): ReadStep =>
  (scope) =>
    scope.symbol?.(`$.${name}`) ?? walk(output(scope), rest);

/** Where in the request a consumed parameter is, for the input that feeds it. */
export const useIn = (target: ConsumedTarget, name: string, pointer: string): UseOf => ({
  use: useOf(target, name, pointer),
  target,
});

/** The step that a path begins with, and what of the path is left. */
export function splitPath(
  path: string,
  names: readonly string[],
): { readonly at: number; readonly rest: string } | undefined {
  const bracket = /^\$\[\s*(?:'([^']*)'|"([^"]*)")\s*\](.*)$/s.exec(path);
  if (bracket !== null) {
    const at = names.indexOf(bracket[1] ?? (bracket[2] as string));
    return at === -1 ? undefined : { at, rest: bracket[3] as string };
  }
  const at = longest(
    names,
    (name) => path.startsWith(`$.${name}`) && /^(?:[.[]|$)/.test(path.slice(name.length + 2)),
  );
  return at === undefined ? undefined : { at, rest: path.slice((names[at] as string).length + 2) };
}

function longest(names: readonly string[], fits: (name: string) => boolean): number | undefined {
  let found: number | undefined;
  for (const [at, name] of names.entries()) {
    if (fits(name) && (found === undefined || name.length > (names[found] as string).length))
      found = at;
  }
  return found;
}

/** Names and indices with dots between; a name that holds dots is tried whole first. */
export function walk(value: Json | undefined, path: string): Json | undefined {
  if (path === '' || value === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as { readonly [key: string]: Json })[path];
  const dot = path.indexOf('.');
  const key = dot === -1 ? path : path.slice(0, dot);
  if (dot === -1 || !Object.hasOwn(value, key)) return undefined;
  return walk((value as { readonly [key: string]: Json })[key], path.slice(dot + 1));
}
