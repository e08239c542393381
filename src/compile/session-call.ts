import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { Value } from '../expression/template.ts';
import type { CallStep } from '../plan/plan.ts';
import { withBraces } from './bare-variable.ts';
import { compileCall } from './call-step.ts';
import type { Compilation } from './compilation.ts';
import type { CompiledConsumes, ConsumedTarget } from './consumes.ts';
import { compileData } from './data.ts';
import { isVariableTag } from './inputs.ts';
import type { TargetIndex } from './link.ts';
import { isTarget } from './references.ts';
import { compileText, type Names } from './text.ts';

/** A call of a session as the file writes it. */
export interface WrittenCall {
  readonly operation: string;
  readonly with: Readonly<Record<string, unknown>>;
  /** Of the name of the operation, and of the values. */
  readonly pointer: string;
  readonly withPointer: string;
}

/** `{operation, with}`, or a name alone, whose values may stand beside it. */
export function readCall(
  block: Readonly<Record<string, unknown>>,
  key: 'login' | 'refresh',
  pointer: string,
): WrittenCall | undefined {
  const written = block[key] as
    | undefined
    | string
    | { readonly operation: string; readonly with?: Readonly<Record<string, unknown>> };
  if (written === undefined) return undefined;
  const at = pointerOf(pointer, key);
  if (typeof written === 'object') {
    return {
      operation: written.operation,
      with: written.with ?? {},
      pointer: pointerOf(at, 'operation'),
      withPointer: pointerOf(at, 'with'),
    };
  }
  const beside = key === 'login' ? (block.with as WrittenCall['with'] | undefined) : undefined;
  return {
    operation: written,
    with: beside ?? {},
    pointer: at,
    withPointer: pointerOf(pointer, 'with'),
  };
}

/** The operation of a name, which may leave out the namespace of its own block. undefined was reported. */
export function findOperation(
  compilation: Compilation,
  targets: TargetIndex,
  { consumes }: CompiledConsumes,
  name: string,
  pointer: string,
): ConsumedTarget | undefined {
  const named = targets.get(name) ?? targets.get(`${consumes.namespace}.${name}`);
  if (named !== undefined) return named[0];
  compilation.report(
    'CALL_UNKNOWN',
    pointer,
    `"${name}" names no consumed operation of this file. Write the name of an operation of this API, or <namespace>.<operation>.`,
    { suggestion: nearest(name, [...targets.keys()]) },
  );
  return undefined;
}

/** Parameters whose values are secrets though the file writes them out. */
const SECRET_NAME = /pass|pwd|secret|token|key|pin\b|credential/i;

/** A call that no caller gives inputs to. undefined was reported. */
export function compileOwnCall(
  compilation: Compilation,
  target: ConsumedTarget,
  written: WrittenCall,
  names: Names,
): CallStep | undefined {
  const feeds = new Map<string, Value>();
  let isWhole = true;
  for (const [name, value] of Object.entries(written.with)) {
    const pointer = pointerOf(written.withPointer, name);
    if (!isTarget(compilation, target, name, pointer)) continue;
    const compiled = compileData(value, pointer, (text, at) => {
      const filled = compileText(compilation, withBraces(compilation, text, at), at, names);
      if (filled === undefined) isWhole = false;
      else if ('constant' in filled && SECRET_NAME.test(name))
        compilation.secrets.add(String(filled.constant));
      return filled;
    });
    feeds.set(name, compiled);
  }
  for (const name of lackingIn(compilation, target, feeds)) {
    isWhole = false;
    compilation.report(
      'AUTHENTICATION_INCOMPLETE',
      written.pointer,
      `${target.id} needs a value for "${name}", and no caller is there to give it. Give it one under with.`,
    );
  }
  const step = compileCall(compilation, target, target.operation.name, feeds);
  return isWhole ? step : undefined;
}

function lackingIn(
  compilation: Compilation,
  target: ConsumedTarget,
  feeds: ReadonlyMap<string, Value>,
): readonly string[] {
  const hasValue = (name: string): boolean =>
    feeds.has(name) || target.byName.get(name)?.parameter.value !== undefined;
  const ofPath = target.path.variables.filter((name) => !isVariableTag(compilation, target, name));
  const demanded = target.parameters
    .filter(({ parameter }) => parameter.required === true)
    .map(({ parameter }) => parameter.name);
  return [...new Set([...ofPath, ...demanded])].filter((name) => !hasValue(name));
}
