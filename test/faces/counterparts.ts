import type {
  CapabilityDocument,
  ExposedOperation,
  ExposedParameter,
  ExposedResource,
  ExposesMcp,
  ExposesRest,
} from '../../src/document/document.ts';

/** Where the published operation and the one made for it are found among the compiled ones. */
export interface Link {
  readonly route: string;
  /** Of the tool. */
  readonly name: string;
  /** How the pair came about, for messages. */
  readonly kind: string;
}

export interface Extended {
  /** Exposes for the other face of each operation. */
  readonly exposes: readonly object[];
  readonly links: readonly Link[];
}

/** Says of a tool, by its name, or of an operation, by method and path, whether its other face is made. */
export type Wanted = (nameOrRoute: string) => boolean;

/**
 * The other face of each wanted operation, written as an author would: a tool of a REST operation, and
 * two routes of a tool, one that leaves open where its inputs are and one that takes them as text.
 */
export function counterpartsOf({ capability }: CapabilityDocument, wanted: Wanted): Extended {
  const exposes: object[] = [];
  const links: Link[] = [];
  for (const [index, expose] of (capability?.exposes ?? []).entries()) {
    if (expose.type === 'mcp') addRoutes(expose, index, wanted, exposes, links);
    if (expose.type === 'rest') addTools(expose, index, wanted, exposes, links);
  }
  return { exposes, links };
}

function addRoutes(
  { tools = [], namespace = 'mcp' }: ExposesMcp,
  index: number,
  wanted: Wanted,
  exposes: object[],
  links: Link[],
): void {
  const resources: object[] = [];
  for (const [at, tool] of tools.entries()) {
    const { hints: _, inputParameters, ...rest } = tool;
    const name = tool.name ?? tool.ref?.replace(/^.*\./, '') ?? '';
    if (!wanted(name)) continue;
    const add = (kind: string, inputs: readonly ExposedParameter[] | undefined): void => {
      const variables = (inputs ?? []).filter((input) => input.in === 'path');
      const segments = variables.map((input) => `/{${input.name}}`).join('');
      const path = `/made-${kind}-${index}-${at}${segments}`;
      const declared = inputs === undefined ? {} : { inputParameters: inputs };
      resources.push({ path, operations: [{ ...rest, name, method: 'POST', ...declared }] });
      links.push({ route: `POST ${path}`, name, kind: `a route made, ${kind}` });
    };
    add('open', inputParameters?.map(sameNeed));
    if (inputParameters !== undefined && tool.ref === undefined) {
      add('text', inputParameters.map(sameNeed).map(asText));
    }
  }
  if (resources.length > 0) exposes.push({ type: 'rest', namespace, port: 1, resources });
}

/** Tools take an input for required that says nothing of it, routes for optional. */
const sameNeed = (input: ExposedParameter): ExposedParameter => ({
  ...input,
  required: input.required ?? true,
});

/** The first that is required takes a segment, so that paths are tried, too. */
function asText(input: ExposedParameter, at: number): ExposedParameter {
  if (input.value !== undefined) return input;
  const fitsPath = at === 0 && input.required === true && /^\w+$/.test(input.name);
  return { ...input, in: fitsPath && input.type !== 'object' ? 'path' : 'query' };
}

function addTools(
  expose: ExposesRest,
  index: number,
  wanted: Wanted,
  exposes: object[],
  links: Link[],
): void {
  const { namespace = 'rest', resources = [] } = expose;
  const tools: object[] = [];
  for (const [at, resource] of resources.entries()) {
    for (const [place, operation] of (resource.operations ?? []).entries()) {
      const { method: _, inputParameters, ...rest } = operation;
      const route = routeName(operation, resource);
      if (!wanted(route)) continue;
      const name = `made-${index}-${at}-${place}`;
      const declared = declaredOf(expose, resource, inputParameters);
      const inputs = declared.length === 0 ? {} : { inputParameters: declared };
      tools.push({ description: name, ...rest, name, ...inputs });
      links.push({ route, name, kind: 'a tool made' });
    }
  }
  if (tools.length > 0) exposes.push({ type: 'mcp', namespace, port: 1, tools });
}

/** `METHOD /path`, as it is served. */
export function routeName({ method = 'GET' }: ExposedOperation, { path }: ExposedResource): string {
  const [text = ''] = path.split(/[?#]/, 1);
  return `${method.toUpperCase()} ${text.startsWith('/') ? text : `/${text}`}`;
}

function declaredOf(
  expose: ExposesRest,
  resource: ExposedResource,
  own: readonly ExposedParameter[] | undefined,
): readonly object[] {
  const all = [expose.inputParameters, resource.inputParameters, own].flatMap((each) => each ?? []);
  const byName = new Map(all.map((parameter) => [parameter.name, parameter]));
  return [...byName.values()].map(({ in: place, value, ...rest }) => {
    const selects = typeof value === 'string' && /^\$(?:$|[.[])/.test(value);
    return {
      ...rest,
      required: rest.required ?? place === 'path',
      ...(value === undefined || selects ? {} : { value }),
    };
  });
}
