import { DEFAULT_METHOD, type ExposedParameter, type ExposesRest } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { unwrappedSchema } from '../format/output-schema.ts';
import type { ForwardPlan, RestPlan, RoutePlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { CompiledConsumes } from './consumes.ts';
import { compileForward } from './forward.ts';
import { compileLimits } from './limits.ts';
import type { TargetIndex } from './link.ts';
import { compileOperation } from './operation.ts';
import { hasStrayBrace, splitVariables, variableOf } from './path.ts';

export function compileRest(
  compilation: Compilation,
  targets: TargetIndex,
  blocks: readonly CompiledConsumes[],
  expose: ExposesRest,
  pointer: string,
): RestPlan {
  const namespace = expose.namespace ?? 'rest';
  const prefix = compilation.options.prefix === true ? `/${namespace}` : '';
  const seen = new Map<string, string>();
  const shared = declaredIn(expose.inputParameters, pointer);
  const routes: RoutePlan[] = [];
  const forwards: ForwardPlan[] = [];
  for (const [index, resource] of (expose.resources ?? []).entries()) {
    const resourcePointer = pointerOf(pointer, 'resources', index);
    const path = routePath(compilation, resource.path, pointerOf(resourcePointer, 'path'));
    const forward = compileForward(compilation, blocks, resource, path, prefix, resourcePointer);
    if (forward !== undefined) forwards.push(forward);
    const routeVariables = splitVariables(path).flatMap(variableOf);
    const ofResource = [...shared, ...declaredIn(resource.inputParameters, resourcePointer)];
    for (const [at, operation] of (resource.operations ?? []).entries()) {
      const operationPointer = pointerOf(resourcePointer, 'operations', at);
      const method = (operation.method ?? DEFAULT_METHOD).toUpperCase();
      const declared = mergeDeclared([
        ...ofResource,
        ...declaredIn(operation.inputParameters, operationPointer),
      ]);
      const compiled = compileOperation(
        compilation,
        targets,
        {
          face: 'rest',
          namespace,
          routeVariables,
          exposed: operation,
          pointer: operationPointer,
          declared,
          unaskable: { why: NO_DIALOGUE, pointer: operationPointer },
        },
        { method, route: path },
      );
      if (isDuplicate(compilation, seen, method, path, operationPointer)) continue;
      if (compiled === undefined) continue;
      const { description, outputSchema } = compiled;
      routes.push({
        method,
        path: prefix + path,
        ...(description === undefined ? {} : { description }),
        ...(outputSchema === undefined ? {} : { outputSchema: unwrappedSchema(outputSchema) }),
        operation: compiled.plan,
        ...compileLimits(
          compilation,
          operation,
          operationPointer,
          `${namespace} ${method} ${path}`,
        ),
      });
    }
  }
  return {
    face: 'rest',
    namespace,
    ...(expose.address === undefined ? {} : { address: expose.address }),
    port: expose.port as number,
    ...(expose.description === undefined ? {} : { description: expose.description }),
    routes,
    forwards,
  };
}

const NO_DIALOGUE =
  'a REST request is answered once, with nobody to ask in between. Expose the operation as an MCP tool instead';

/** The path that requests are matched with, and what cannot be matched in it reported. */
function routePath(compilation: Compilation, written: string, pointer: string): string {
  const [text = ''] = written.split(/[?#]/, 1);
  const path = text.startsWith('/') ? text : `/${text}`;
  if (text !== written) {
    compilation.report(
      'ROUTE_INVALID',
      pointer,
      `A route is matched by its path alone; of "${written}" only "${path}" is served. Declare query parameters as inputs.`,
      { severity: 'warning' },
    );
  }
  if (hasStrayBrace(splitVariables(path))) {
    compilation.report(
      'ROUTE_INVALID',
      pointer,
      `"${written}" holds a brace that belongs to no variable. A variable is written {name}.`,
    );
  }
  return path;
}

interface Declared {
  readonly parameter: ExposedParameter;
  readonly pointer: string;
}

const declaredIn = (
  parameters: readonly ExposedParameter[] | undefined,
  pointer: string,
): Declared[] =>
  (parameters ?? []).map((parameter, index) => ({
    parameter,
    pointer: pointerOf(pointer, 'inputParameters', index),
  }));

/** The nearer declaration of a name wins over the farther one. */
const mergeDeclared = (declared: readonly Declared[]): readonly Declared[] => [
  ...new Map(declared.map((entry) => [entry.parameter.name, entry])).values(),
];

/** Two routes are equal when they differ by nothing but the names of their variables. */
function isDuplicate(
  compilation: Compilation,
  seen: Map<string, string>,
  method: string,
  path: string,
  pointer: string,
): boolean {
  const shape = splitVariables(path)
    .map((part) => ('text' in part ? part.text : '{}'))
    .join('')
    .replace(/(?<=.)\/$/, '');
  const first = seen.get(`${method} ${shape}`);
  if (first === undefined) {
    seen.set(`${method} ${shape}`, pointer);
    return false;
  }
  const { line } = compilation.source.position(first);
  compilation.report(
    'ROUTE_DUPLICATE',
    pointer,
    `${method} ${path} equals a route on line ${line}, which is served; this one never is. Give it a path of its own.`,
  );
  return true;
}
