import { fitSegment, readSegment, segmentShape, splitPath } from './segment.ts';

/** A route and what it leads to. */
export interface Route<Target> {
  readonly method: string;
  /** As published: `/v1/items/{id}`. */
  readonly path: string;
  readonly target: Target;
}

/** What a method and a path lead to; `values` are those of the route's variables, in order. */
export type RouteMatch<Target> =
  | { readonly kind: 'route'; readonly target: Target; readonly values: readonly string[] }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' };

/** Finds the route of a request. `path` is as it came, percent-encoded, without the query. */
export type FindRoute<Target> = (method: string, path: string) => RouteMatch<Target>;

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  /** Segments such as `{sha}.{type}` or `report-{id}`, the most specific first. */
  readonly mixed: MixedBranch<Target>[];
  variable: Node<Target> | undefined;
  /** Targets by method. */
  readonly targets: Map<string, Target>;
}

interface MixedBranch<Target> {
  readonly shape: string;
  readonly texts: readonly string[];
  readonly node: Node<Target>;
}

const NONE = { kind: 'none' } as const;
const MALFORMED = { kind: 'malformed' } as const;

/**
 * Compiles routes into a tree of segments. Text in a path is literal whatever it holds; literal
 * segments win over mixed ones, mixed over variables, whatever the order; of equal routes the first
 * wins.
 */
export function compileRoutes<Target>(routes: readonly Route<Target>[]): FindRoute<Target> {
  const root = createNode<Target>();
  for (const route of routes) addRoute(root, route);
  return function findRoute(method, path) {
    const segments = decodedSegments(path);
    if (segments === undefined) return MALFORMED;
    const values: string[] = [];
    const target = findTarget(root, segments, 0, values, method);
    if (target !== undefined) return { kind: 'route', target, values };
    const allow = methodsAt(root, segments);
    return allow.length === 0 ? NONE : { kind: 'method', allow };
  };
}

/** The names of a route's variables, in order. */
export const routeVariables = (path: string): string[] =>
  splitPath(path).flatMap((segment) => readSegment(segment).variables);

/** The same for two routes that take the same paths: they differ by names of variables at most. */
export const routeShape = (path: string): string =>
  splitPath(path)
    .map((segment) => segmentShape(readSegment(segment)))
    .join('/');

const createNode = <Target>(): Node<Target> => ({
  literals: new Map(),
  mixed: [],
  variable: undefined,
  targets: new Map(),
});

function addRoute<Target>(root: Node<Target>, { method, path, target }: Route<Target>): void {
  let node = root;
  for (const segment of splitPath(path)) node = branchFor(node, segment);
  if (!node.targets.has(method)) node.targets.set(method, target);
}

function branchFor<Target>(node: Node<Target>, text: string): Node<Target> {
  const segment = readSegment(text);
  const { texts, variables } = segment;
  const [only = ''] = texts;
  if (variables.length === 0) {
    const known = node.literals.get(only) ?? createNode<Target>();
    node.literals.set(only, known);
    return known;
  }
  if (texts.length === 2 && texts.every((literal) => literal === '')) {
    node.variable ??= createNode<Target>();
    return node.variable;
  }
  const shape = segmentShape(segment);
  const known = node.mixed.find((branch) => branch.shape === shape);
  if (known !== undefined) return known.node;
  const branch = { shape, texts, node: createNode<Target>() };
  node.mixed.push(branch);
  node.mixed.sort((one, other) => literalLength(other) - literalLength(one));
  return branch.node;
}

const literalLength = ({ texts }: { readonly texts: readonly string[] }): number =>
  texts.join('').length;

function decodedSegments(path: string): string[] | undefined {
  const segments = splitPath(path);
  if (!path.includes('%')) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Every node of the tree is reached at most once, so a path costs no more than there are routes. */
function findTarget<Target>(
  node: Node<Target>,
  segments: readonly string[],
  index: number,
  values: string[],
  method: string,
): Target | undefined {
  if (index === segments.length) return targetFor(node, method);
  const segment = segments[index] as string;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = findTarget(literal, segments, index + 1, values, method);
    if (found !== undefined) return found;
  }
  if (segment === '') return undefined;
  const depth = values.length;
  for (const branch of node.mixed) {
    const fitted = fitSegment(branch.texts, segment);
    if (fitted === undefined) continue;
    values.push(...fitted);
    const found = findTarget(branch.node, segments, index + 1, values, method);
    if (found !== undefined) return found;
    values.length = depth;
  }
  if (node.variable === undefined) return undefined;
  values.push(segment);
  const found = findTarget(node.variable, segments, index + 1, values, method);
  if (found === undefined) values.length = depth;
  return found;
}

/** Every node that a path ends at, whatever its methods. */
function nodesAt<Target>(
  node: Node<Target>,
  segments: readonly string[],
  index: number,
): Node<Target>[] {
  if (index === segments.length) return [node];
  const segment = segments[index] as string;
  const { literals, mixed, variable } = node;
  const below = [
    literals.get(segment),
    ...(segment === ''
      ? []
      : [
          ...mixed.flatMap((branch) =>
            fitSegment(branch.texts, segment) === undefined ? [] : [branch.node],
          ),
          variable,
        ]),
  ];
  return below.flatMap((next) => (next === undefined ? [] : nodesAt(next, segments, index + 1)));
}

/** HEAD follows GET where the file declares no HEAD of its own. */
function targetFor<Target>({ targets }: Node<Target>, method: string): Target | undefined {
  return targets.get(method) ?? (method === 'HEAD' ? targets.get('GET') : undefined);
}

/** The methods of a path, for `Allow`; none when nothing is served there. */
function methodsAt<Target>(root: Node<Target>, segments: readonly string[]): string[] {
  const methods = new Set(nodesAt(root, segments, 0).flatMap(({ targets }) => [...targets.keys()]));
  if (methods.size === 0) return [];
  if (methods.has('GET')) methods.add('HEAD');
  methods.add('OPTIONS');
  return [...methods].sort();
}
