import {
  type ConsumedOperation,
  type ConsumedParameter,
  type ConsumedResource,
  type ConsumesHttp,
  DEFAULT_METHOD,
} from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ConsumedPlan } from '../plan/plan.ts';
import { type CompiledAuthentication, compileAuthentication } from './authentication.ts';
import { type CompiledBase, compileBaseUri } from './base-uri.ts';
import type { Compilation } from './compilation.ts';
import { tagsIn } from './data.ts';
import { indexTargets } from './link.ts';
import { type ConsumedPath, hasStrayBrace, parseConsumedPath } from './path.ts';
import { compileSession } from './session.ts';

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
  readonly pathPointer: string;
  readonly resource: ConsumedResource;
  readonly operation: ConsumedOperation;
  readonly pointer: string;
  readonly parameters: readonly PlacedParameter[];
  /** Of several parameters of one name the one that decides: without a fixed value, in the path, the first. */
  readonly byName: ReadonlyMap<string, PlacedParameter>;
  /** Names in the templates of its fixed values, headers and body. */
  readonly tags: ReadonlySet<string>;
}

export interface PlacedParameter {
  readonly parameter: ConsumedParameter;
  readonly pointer: string;
}

export function compileConsumes(compilation: Compilation): readonly CompiledConsumes[] {
  const { document } = compilation;
  // Blocks that are there for others to import are judged with the binds of those.
  if (document.capability === undefined) return [];
  const blocks = [
    ...blocksOf(compilation, document.consumes, '/consumes'),
    ...blocksOf(compilation, document.capability?.consumes, '/capability/consumes'),
  ];
  const targets = indexTargets(blocks);
  for (const block of blocks) {
    const { authentication } = block.consumes;
    if (authentication?.type === 'session')
      block.authentication = compileSession(compilation, targets, block, authentication);
  }
  return blocks;
}

/** A block whose session is still to come. */
interface OpenBlock extends CompiledConsumes {
  authentication: CompiledAuthentication;
}

function blocksOf(
  compilation: Compilation,
  entries: readonly (ConsumesHttp | object)[] | undefined,
  parent: string,
): OpenBlock[] {
  return (entries ?? []).flatMap((entry, index) => {
    const pointer = pointerOf(parent, index);
    if ('location' in entry) {
      compilation.report(
        'NOT_SERVED_YET',
        pointer,
        'Imported consumes are not served where a capability is given as text.',
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
): OpenBlock {
  const operations: ConsumedTarget[] = [];
  const block: OpenBlock = {
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
    const pathPointer = pointerOf(resourcePointer, 'path');
    const path = parsePath(compilation, resource.path, pathPointer);
    const ofResource = placed(resource.inputParameters, resourcePointer);
    for (const [at, operation] of (resource.operations ?? []).entries()) {
      const operationPointer = pointerOf(resourcePointer, 'operations', at);
      const own = placed(operation.inputParameters, operationPointer);
      const parameters = mergeParameters([...shared, ...ofResource, ...own]);
      operations.push({
        block,
        id: `${consumes.namespace}.${operation.name}`,
        method: (operation.method ?? DEFAULT_METHOD).toUpperCase(),
        path,
        pathPointer,
        resource,
        operation,
        pointer: operationPointer,
        parameters,
        byName: decidingByName(parameters),
        tags: tagsIn([
          consumes.headers,
          operation.body,
          parameters.map(({ parameter }) => parameter.value),
        ]),
      });
    }
  }
  return block;
}

const redirectsOf = (declared: boolean | number | undefined): number =>
  declared === true ? 5 : declared === false || declared === undefined ? 0 : declared;

function parsePath(compilation: Compilation, text: string, pointer: string): ConsumedPath {
  const path = parseConsumedPath(text);
  if (hasStrayBrace([...path.parts, ...path.query.flatMap((pair) => pair.parts)])) {
    compilation.report(
      'TEMPLATE_INVALID',
      pointer,
      `"${text}" holds a brace that belongs to no variable; it is sent as it stands. A variable is written {name}.`,
      { severity: 'warning' },
    );
  }
  return path;
}

/** What is in: environment is a variable, which the binds give; nothing of it is sent by itself. */
function placed(
  parameters: readonly ConsumedParameter[] | undefined,
  parent: string,
): PlacedParameter[] {
  return (parameters ?? [])
    .map((parameter, index) => ({
      parameter,
      pointer: pointerOf(parent, 'inputParameters', index),
    }))
    .filter(({ parameter }) => parameter.in !== 'environment');
}

/** The nearer declaration of a name and place wins over the farther one. */
function mergeParameters(entries: readonly PlacedParameter[]): readonly PlacedParameter[] {
  const merged = new Map<string, PlacedParameter>();
  for (const entry of entries) {
    const { in: place, name } = entry.parameter;
    merged.set(`${place} ${place === 'header' ? name.toLowerCase() : name}`, entry);
  }
  return [...merged.values()];
}

function decidingByName(
  parameters: readonly PlacedParameter[],
): ReadonlyMap<string, PlacedParameter> {
  const rank = ({ parameter }: PlacedParameter): number =>
    parameter.value !== undefined ? 2 : parameter.in === 'path' ? 0 : 1;
  const byName = new Map<string, PlacedParameter>();
  for (const entry of parameters) {
    const known = byName.get(entry.parameter.name);
    if (known === undefined || rank(entry) < rank(known)) byName.set(entry.parameter.name, entry);
  }
  return byName;
}

export function consumedPlanOf(block: CompiledConsumes): ConsumedPlan {
  const { facts, caller } = block.authentication;
  return {
    namespace: block.consumes.namespace,
    baseUri: block.base.text,
    authentication: block.consumes.authentication?.type ?? 'none',
    operations: block.operations.length,
    ...(facts === undefined ? {} : { session: facts }),
    ...(caller === undefined
      ? {}
      : { caller: { header: caller.input, sent: { in: caller.in, name: caller.name } } }),
  };
}
