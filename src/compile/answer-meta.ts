import { pointerOf } from '../document/source.ts';
import { compileJsonPath } from '../expression/jsonpath.ts';
import type { CallStep, Json, Meta } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';

/** What the consumed operation, or else its API, says of `outputMeta`; undefined for nothing. */
export function compileMeta(compilation: Compilation, target: ConsumedTarget): CallStep['meta'] {
  const parts = compileParts(compilation, target);
  return parts.length === 0 ? undefined : metaReader(parts);
}

interface Part {
  readonly name: string;
  readonly select: (value: Json) => Json | undefined;
}

function compileParts(
  compilation: Compilation,
  { block, operation, pointer }: ConsumedTarget,
): readonly Part[] {
  const own = operation.outputMeta;
  const paths = Object.entries(own ?? block.consumes.outputMeta ?? {});
  const parent = own === undefined ? block.pointer : pointer;
  return paths.flatMap(([name, path]) => {
    const compiled = compileJsonPath(path);
    if (!('why' in compiled)) return [{ name, select: compiled.select }];
    const at = pointerOf(parent, 'outputMeta', name);
    compilation.report('JSONPATH_INVALID', at, `The path ${compiled.why}.`);
    return [];
  });
}

const metaReader = (parts: readonly Part[]): NonNullable<CallStep['meta']> =>
  function readMeta(answer): Meta | undefined {
    const found = parts.flatMap(({ name, select }) => {
      const value = select(answer);
      return value === undefined || value === null ? [] : [[name, value] as const];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };
