import type { RoutePlan } from '../plan/plan.ts';

/** What a path and method lead to. */
export type RouteMatch =
  | {
      readonly kind: 'route';
      readonly route: RoutePlan;
      readonly variables: readonly string[];
      readonly values: readonly string[];
    }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' };

/** Finds the route of a request. `path` is as it came, percent-encoded, without the query. */
export type FindRoute = (method: string, path: string) => RouteMatch;

interface Leaf {
  readonly route: RoutePlan;
  readonly variables: readonly string[];
}

interface Node {
  readonly literals: Map<string, Node>;
  /** Segments such as `{sha}.{type}` or `report-{id}`. */
  readonly patterns: { readonly text: string; readonly expression: RegExp; readonly node: Node }[];
  variable: Node | undefined;
  readonly leaves: Map<string, Leaf>;
}

const createNode = (): Node => ({
  literals: new Map(),
  patterns: [],
  variable: undefined,
  leaves: new Map(),
});

const NONE: RouteMatch = { kind: 'none' };
const MALFORMED: RouteMatch = { kind: 'malformed' };
const VARIABLE = /\{\{\s*([^{}]+?)\s*\}\}|\{([^{}]+)\}/g;

/**
 * Compiles routes into a tree of segments. Text in a path is literal whatever it holds; literal
 * segments win over mixed ones, mixed over variables, whatever the order; of equal routes the first wins.
 */
export function compileRoutes(routes: readonly RoutePlan[]): FindRoute {
  const root = createNode();
  for (const route of routes) addRoute(root, route);
  return function findRoute(method, path) {
    const segments = splitPath(path);
    const values: string[] = [];
    const allow = new Set<string>();
    try {
      const leaf = walk(root, segments, 0, values, method, allow);
      if (leaf !== undefined)
        return { kind: 'route', route: leaf.route, variables: leaf.variables, values };
    } catch (error) {
      if (error instanceof URIError) return MALFORMED;
      throw error;
    }
    return allow.size === 0 ? NONE : { kind: 'method', allow: allowList(allow) };
  };
}

/** One slash at the end makes no difference; empty segments in between do. */
function splitPath(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
}

function addRoute(root: Node, route: RoutePlan): void {
  const variables: string[] = [];
  let node = root;
  for (const segment of splitPath(route.path)) node = childFor(node, segment, variables);
  if (!node.leaves.has(route.method)) node.leaves.set(route.method, { route, variables });
}

function childFor(node: Node, segment: string, variables: string[]): Node {
  const names = [...segment.matchAll(VARIABLE)].map((match) => (match[1] ?? match[2]) as string);
  variables.push(...names);
  if (names.length === 0) {
    const literal = decodeLiteral(segment);
    const known = node.literals.get(literal);
    if (known !== undefined) return known;
    const child = createNode();
    node.literals.set(literal, child);
    return child;
  }
  const text = segment.replace(VARIABLE, '{}');
  if (text === '{}') {
    node.variable ??= createNode();
    return node.variable;
  }
  const known = node.patterns.find((pattern) => pattern.text === text);
  if (known !== undefined) return known.node;
  const child = createNode();
  const source = text.split('{}').map(escapeExpression).join('(.+?)');
  node.patterns.push({ text, expression: new RegExp(`^${source}$`, 's'), node: child });
  // The pattern with the most literal text is the most specific.
  node.patterns.sort((one, other) => other.text.length - one.text.length);
  return child;
}

const escapeExpression = (text: string): string =>
  decodeLiteral(text).replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function decodeLiteral(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function walk(
  node: Node,
  segments: readonly string[],
  index: number,
  values: string[],
  method: string,
  allow: Set<string>,
): Leaf | undefined {
  if (index === segments.length) return leafOf(node, method, allow);
  const raw = segments[index] as string;
  const segment = raw.includes('%') ? decodeURIComponent(raw) : raw;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const leaf = walk(literal, segments, index + 1, values, method, allow);
    if (leaf !== undefined) return leaf;
  }
  if (segment === '') return undefined;
  const depth = values.length;
  for (const pattern of node.patterns) {
    const match = pattern.expression.exec(segment);
    if (match === null) continue;
    values.push(...match.slice(1));
    const leaf = walk(pattern.node, segments, index + 1, values, method, allow);
    if (leaf !== undefined) return leaf;
    values.length = depth;
  }
  if (node.variable === undefined) return undefined;
  values.push(segment);
  const leaf = walk(node.variable, segments, index + 1, values, method, allow);
  if (leaf === undefined) values.length = depth;
  return leaf;
}

/** HEAD follows GET where the file declares no HEAD of its own. */
function leafOf(node: Node, method: string, allow: Set<string>): Leaf | undefined {
  const leaf = node.leaves.get(method) ?? (method === 'HEAD' ? node.leaves.get('GET') : undefined);
  if (leaf === undefined) for (const known of node.leaves.keys()) allow.add(known);
  return leaf;
}

function allowList(methods: ReadonlySet<string>): string[] {
  const all = new Set(methods);
  if (all.has('GET')) all.add('HEAD');
  all.add('OPTIONS');
  return [...all].sort();
}
