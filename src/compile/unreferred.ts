import type { CapabilityDocument, Exposed, ExposesMcp, ExposesRest } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { functionsIn } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import type { TargetIndex } from './link.ts';
import { compileOperation } from './operation.ts';

/**
 * Functions that no ref leads to serve nobody, yet what is wrong in them is told. What they need of
 * the environment is not: nothing of them runs.
 */
export function checkUnreferred(compilation: Compilation, targets: TargetIndex): void {
  const referred = new Set(exposedIn(compilation.document).flatMap(({ ref }) => ref ?? []));
  const quiet: Compilation = {
    ...compilation,
    used: new Map(),
    report(code, pointer, message, details) {
      if (code === 'VARIABLE_MISSING' || code === 'VARIABLE_MOCKED') return;
      compilation.report(code, pointer, message, details);
    },
  };
  for (const [id, { written, namespace, pointer }] of functionsIn(compilation.document)) {
    if (referred.has(id)) continue;
    const declared = (written.inputParameters ?? []).map((parameter, index) => ({
      parameter,
      pointer: pointerOf(pointer, 'inputParameters', index),
    }));
    compileOperation(
      quiet,
      targets,
      { face: 'rest', namespace, routeVariables: [], exposed: written, pointer, declared },
      {},
    );
  }
}

function exposedIn({ capability }: CapabilityDocument): readonly Exposed[] {
  return (capability?.exposes ?? []).flatMap((expose): readonly Exposed[] => {
    if (expose.type === 'mcp') return (expose as ExposesMcp).tools ?? [];
    if (expose.type !== 'rest') return [];
    return ((expose as ExposesRest).resources ?? []).flatMap(({ operations = [] }) => operations);
  });
}
