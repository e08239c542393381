import type {
  ConsumedOperation,
  ConsumedParameter,
  ConsumedResource,
  ConsumesHttp,
} from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ConsumedPlan } from '../plan/plan.ts';
import { type CompiledAuthentication, compileAuthentication } from './authentication.ts';
import { type CompiledBase, compileBaseUri } from './base-uri.ts';
import type { Compilation } from './compilation.ts';
import { type ConsumedPath, parseConsumedPath } from './path.ts';

/** A consumes block, compiled as far as it does not depend on who calls. */
export interface CompiledConsumes {
  readonly consumes: ConsumesHttp;
  readonly pointer: string;
  readonly base: CompiledBase;
  readonly authentication: CompiledAuthentication;
  readonly redirects: number;
  readonly operations: readonly ConsumedTarget[];
}

/** A consumed operation that a `call` can mean. */
export interface ConsumedTarget {
  readonly block: CompiledConsumes;
  /** `namespace.operation`. */
  readonly id: string;
  readonly method: string;
  readonly path: ConsumedPath;
  readonly resource: ConsumedResource;
  readonly operation: ConsumedOperation;
  readonly pointer: string;
  readonly parameters: readonly PlacedParameter[];
}

export interface PlacedParameter {
  readonly parameter: ConsumedParameter;
  readonly pointer: string;
}

export function compileConsumes(compilation: Compilation): readonly CompiledConsumes[] {
  const { document } = compilation;
  return [
    ...blocksOf(compilation, document.consumes, '/consumes'),
    ...blocksOf(compilation, document.capability?.consumes, '/capability/consumes'),
  ];
}

function blocksOf(
  compilation: Compilation,
  entries: readonly (ConsumesHttp | object)[] | undefined,
  parent: string,
): CompiledConsumes[] {
  return (entries ?? []).flatMap((entry, index) => {
    const pointer = pointerOf(parent, index);
    if ('location' in entry) {
      compilation.report(
        'NOT_SERVED_YET',
        pointer,
        'Imported consumes are not served yet. Write the block in this file.',
      );
      return [];
    }
    return [compileBlock(compilation, entry as ConsumesHttp, pointer)];
  });
}

function compileBlock(
  compilation: Compilation,
  consumes: ConsumesHttp,
  pointer: string,
): CompiledConsumes {
  const operations: ConsumedTarget[] = [];
  const block: CompiledConsumes = {
    consumes,
    pointer,
    base: compileBaseUri(compilation, consumes, pointer),
    authentication: compileAuthentication(compilation, consumes, pointer),
    redirects: redirectsOf(consumes.followRedirects),
    operations,
  };
  const shared = placed(consumes.inputParameters, pointer);
  for (const [index, resource] of (consumes.resources ?? []).entries()) {
    const resourcePointer = pointerOf(pointer, 'resources', index);
    const path = parseConsumedPath(resource.path);
    const ofResource = placed(resource.inputParameters, resourcePointer);
    for (const [at, operation] of (resource.operations ?? []).entries()) {
      const operationPointer = pointerOf(resourcePointer, 'operations', at);
      operations.push({
        block,
        id: `${consumes.namespace}.${operation.name}`,
        method: operation.method.toUpperCase(),
        path,
        resource,
        operation,
        pointer: operationPointer,
        parameters: mergeParameters(
          shared,
          ofResource,
          placed(operation.inputParameters, operationPointer),
        ),
      });
    }
  }
  return block;
}

const redirectsOf = (declared: boolean | number | undefined): number =>
  declared === true ? 5 : declared === false || declared === undefined ? 0 : declared;

const placed = (
  parameters: readonly ConsumedParameter[] | undefined,
  pointer: string,
): PlacedParameter[] =>
  (parameters ?? []).map((parameter, index) => ({
    parameter,
    pointer: pointerOf(pointer, 'inputParameters', index),
  }));

/** The nearer declaration of a name and place wins over the farther one. */
function mergeParameters(...levels: readonly PlacedParameter[][]): readonly PlacedParameter[] {
  const merged = new Map<string, PlacedParameter>();
  for (const entry of levels.flat()) {
    merged.set(`${entry.parameter.in} ${entry.parameter.name}`, entry);
  }
  return [...merged.values()];
}

export function consumedPlanOf(block: CompiledConsumes): ConsumedPlan {
  return {
    namespace: block.consumes.namespace,
    baseUri: block.base.text,
    authentication: block.consumes.authentication?.type ?? 'none',
    operations: block.operations.length,
  };
}
