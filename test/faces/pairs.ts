import assert from 'node:assert/strict';
import { compileCapability } from '../../src/compile/compile.ts';
import { type Environment, resolveBinds } from '../../src/document/binds.ts';
import type { CapabilityDocument, Exposed } from '../../src/document/document.ts';
import { hasErrors } from '../../src/document/finding.ts';
import { type ResolvedImports, resolveImports } from '../../src/document/imports.ts';
import { loadText } from '../../src/document/load.ts';
import type { RoutePlan, ToolPlan } from '../../src/plan/plan.ts';
import { counterpartsOf, type Link, routeName, type Wanted } from './counterparts.ts';

/** One operation as it is served on both faces. */
export interface Pair {
  readonly label: string;
  readonly route: RoutePlan;
  readonly tool: ToolPlan;
}

export interface Faces {
  readonly pairs: readonly Pair[];
  /** All of the file, which are what a request is routed among. */
  readonly routes: readonly RoutePlan[];
  /** Published operations and tools that are in no pair. */
  readonly alone: readonly string[];
  /** Exposed on the REST face and on the MCP face by the file itself. */
  readonly published: { readonly routes: number; readonly tools: number };
  /** Names that the answers of consumed APIs are read by. */
  readonly words: readonly string[];
}

export interface FacesOptions {
  /** Makes the other face of every operation, not only where the file has none. */
  readonly everyOther?: boolean;
  readonly environment?: Environment;
}

/** Compiles a capability text, lying at `path`, with what it lacks of either face. */
export async function facesOf(
  path: string,
  text: string,
  { everyOther = false, environment = {} }: FacesOptions = {},
): Promise<Faces> {
  const loaded = loadText(path, text);
  assert.ok(loaded.document !== undefined, `${path}: ${JSON.stringify(loaded.findings)}`);
  const resolved = await resolveImports(loaded.document, loaded.source);
  assert.ok(!hasErrors(resolved.findings), `${path}: ${JSON.stringify(resolved.findings)}`);
  const { document } = resolved;
  const own = await compile(resolved, environment);
  const wordings = wordingsOf(document);
  const alike = (plans: Compiled): Pair[] =>
    publishedPairs(plans).filter(
      ({ route, tool }) => wordings.get(nameOf(route)) === wordings.get(nameOf(tool)),
    );
  const published = alike(own);
  const made = counterpartsOf(document, everyOther ? () => true : lacking(own, published));
  const whole =
    made.links.length === 0
      ? own
      : await compile(extended(path, document, made.exposes), environment);
  const { routes, tools } = whole;
  const pairs = [
    ...alike({
      routes: routes.slice(0, own.routes.length),
      tools: tools.slice(0, own.tools.length),
    }),
    ...made.links.flatMap((link) => linkedPair(link, routes, tools)),
  ];
  const paired = new Set(pairs.flatMap(({ route, tool }) => [nameOf(route), nameOf(tool)]));
  return {
    pairs,
    routes,
    alone: [...own.routes, ...own.tools].map(nameOf).filter((name) => !paired.has(name)),
    published: { routes: own.routes.length, tools: own.tools.length },
    words: wordsOf(document),
  };
}

/** As `Wanted` knows it. */
const nameOf = (plan: RoutePlan | ToolPlan): string =>
  'definition' in plan ? plan.definition.name : `${plan.method} ${plan.path}`;

/** What a file says of the answer of each operation, which may differ from face to face. */
function wordingsOf({ capability }: CapabilityDocument): ReadonlyMap<string, string> {
  const wordings = new Map<string, string>();
  const add = (name: string, { outputParameters, mappings, steps }: Exposed): void => {
    if (!wordings.has(name))
      wordings.set(name, JSON.stringify([outputParameters, mappings, steps]));
  };
  for (const expose of capability?.exposes ?? []) {
    if (expose.type === 'mcp') for (const tool of expose.tools ?? []) add(tool.name, tool);
    if (expose.type !== 'rest') continue;
    for (const resource of expose.resources ?? []) {
      for (const operation of resource.operations ?? [])
        add(routeName(operation, resource), operation);
    }
  }
  return wordings;
}

/** What the file itself exposes on one face only, or in other words. */
function lacking(own: Compiled, published: readonly Pair[]): Wanted {
  const paired = new Set(published.flatMap(({ route, tool }) => [route, tool]));
  const names = [...own.routes, ...own.tools].filter((plan) => !paired.has(plan)).map(nameOf);
  return (name) => names.includes(name);
}

/** The text of a file that has these exposes, too, read. */
function extended(
  path: string,
  document: CapabilityDocument,
  exposes: readonly object[],
): Readable {
  const { capability } = document;
  const all = [...(capability?.exposes ?? []), ...exposes];
  const text = JSON.stringify({ ...document, capability: { ...capability, exposes: all } });
  const loaded = loadText(path, text);
  assert.ok(loaded.document !== undefined, `${path}: ${JSON.stringify(loaded.findings)}`);
  return { document: loaded.document, source: loaded.source };
}

type Readable = Pick<ResolvedImports, 'document' | 'source'>;

interface Compiled {
  readonly routes: readonly RoutePlan[];
  readonly tools: readonly ToolPlan[];
}

async function compile(
  { document, source }: Readable,
  environment: Environment,
): Promise<Compiled> {
  const { variables } = await resolveBinds(document, source, environment);
  const blocks = [...(document.consumes ?? []), ...(document.capability?.consumes ?? [])];
  const namespaces = blocks.flatMap((each) => ('namespace' in each ? [each.namespace] : []));
  const baseUris = new Map(namespaces.map((name) => [name, 'http://upstream.example/base']));
  const compiled = await compileCapability(document, source, variables, {
    baseUris,
    inventVariables: true,
  });
  const errors = compiled.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, [], source.path);
  const { faces } = compiled.draft;
  return {
    routes: faces.flatMap((face) => (face.face === 'rest' ? face.routes : [])),
    tools: faces.flatMap((face) => (face.face === 'mcp' ? face.tools : [])),
  };
}

/** The n-th route that makes a call is the n-th tool that makes it. */
function publishedPairs({ routes, tools }: Compiled): Pair[] {
  const used = new Set<ToolPlan>();
  return routes.flatMap((route) => {
    const { id } = route.operation;
    const tool = tools.find((each) => each.operation.id === id && !used.has(each));
    if (tool === undefined || !callsTheSame(route, tool)) return [];
    used.add(tool);
    return [{ label: `${route.method} ${route.path} and ${tool.definition.name}`, route, tool }];
  });
}

/** Mocks and steps have no name but their own, which may be another operation's. */
const callsTheSame = (route: RoutePlan, tool: ToolPlan): boolean => {
  const targets = ({ operation }: RoutePlan | ToolPlan): string =>
    operation.steps.map(({ target }) => target).join();
  return targets(route) !== '' && targets(route) === targets(tool);
};

function linkedPair(
  { route: named, name, kind }: Link,
  routes: readonly RoutePlan[],
  tools: readonly ToolPlan[],
): Pair[] {
  const route = routes.find((each) => nameOf(each) === named);
  const tool = tools.find((each) => each.definition.name === name);
  // Of two with one name the first is served, on either face.
  if (route === undefined || tool === undefined) return [];
  return [{ label: `${named} and ${name} (${kind})`, route, tool }];
}

/** Every name behind a dot of a JSONPath, and every property name: what an answer may be asked for. */
function wordsOf(document: CapabilityDocument): readonly string[] {
  const text = JSON.stringify(document);
  const found = [...text.matchAll(/\$\.([\w.]+)|"name":"(\w+)"|"match":"(\w+)"/g)];
  const words = found.flatMap(([, path, name, match]) =>
    `${path ?? ''}.${name ?? ''}.${match ?? ''}`.split('.').filter((word) => word !== ''),
  );
  return [...new Set(words)].slice(0, 60);
}
