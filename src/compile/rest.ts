import type {
  ExposedOperation,
  ExposedParameter,
  ExposedResource,
  ExposesRest,
} from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { RestPlan, RoutePlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { TargetIndex } from './link.ts';
import { compileOperation } from './operation.ts';
import { splitVariables } from './path.ts';

export function compileRest(
  compilation: Compilation,
  targets: TargetIndex,
  expose: ExposesRest,
  pointer: string,
): RestPlan {
  const namespace = expose.namespace ?? 'rest';
  const prefix = compilation.options.prefix === true ? `/${namespace}` : '';
  const seen = new Map<string, string>();
  const shared = declaredIn(expose.inputParameters, pointer);
  const routes: RoutePlan[] = [];
  for (const [index, resource] of (expose.resources ?? []).entries()) {
    const resourcePointer = pointerOf(pointer, 'resources', index);
    if (resource.forward !== undefined) {
      compilation.report(
        'NOT_SERVED_YET',
        pointerOf(resourcePointer, 'forward'),
        'Forwarding is not served yet. Declare operations with a call.',
      );
    }
    const ofResource = [...shared, ...declaredIn(resource.inputParameters, resourcePointer)];
    for (const [at, operation] of (resource.operations ?? []).entries()) {
      const operationPointer = pointerOf(resourcePointer, 'operations', at);
      if (isDuplicate(compilation, seen, resource, operation, operationPointer)) continue;
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
          routeVariables: variablesOf(resource.path),
          exposed: operation,
          pointer: operationPointer,
          declared,
        },
        { method: operation.method.toUpperCase(), route: resource.path },
      );
      if (compiled === undefined) continue;
      const description = operation.description ?? compiled.target.operation.description;
      routes.push({
        method: operation.method.toUpperCase(),
        path: prefix + withSlash(resource.path),
        ...(description === undefined ? {} : { description }),
        operation: compiled.plan,
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
  };
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

const variablesOf = (path: string): string[] =>
  splitVariables(path).flatMap((part) => ('variable' in part ? [part.variable] : []));

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
  resource: ExposedResource,
  operation: ExposedOperation,
  pointer: string,
): boolean {
  const method = operation.method.toUpperCase();
  const shape = `${method} ${splitVariables(withSlash(resource.path))
    .map((part) => ('text' in part ? part.text : '{}'))
    .join('')
    .replace(/(?<=.)\/$/, '')}`;
  const first = seen.get(shape);
  if (first === undefined) {
    seen.set(shape, pointer);
    return false;
  }
  const { line } = compilation.source.position(first);
  compilation.report(
    'ROUTE_DUPLICATE',
    pointer,
    `${method} ${resource.path} equals a route on line ${line}, which is served; this one never is. Give it a path of its own.`,
  );
  return true;
}
