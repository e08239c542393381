import type { ExposesMcp } from '../document/document.ts';
import { type McpResource, resourcesOf } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type {
  DynamicResourcePlan,
  FolderResourcePlan,
  InputPlan,
  ResourceDefinition,
  ResourcePlan,
  UriPart,
} from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { compileCompletions } from './completions.ts';
import type { TargetIndex } from './link.ts';
import { locateFolder } from './location.ts';
import { compileOperation } from './operation.ts';
import { splitVariables } from './path.ts';
import { compileScopes } from './scopes.ts';
import { compileWatch } from './watch.ts';

/** The resources of an MCP expose in file order; those that cannot be served are reported. */
export function compileResources(
  compilation: Compilation,
  targets: TargetIndex,
  expose: ExposesMcp,
  pointer: string,
): readonly ResourcePlan[] {
  const seen = new Map<string, string>();
  return resourcesOf(expose).flatMap((resource, index) => {
    const here = pointerOf(pointer, 'resources', index);
    if (isDuplicate(compilation, seen, resource, here)) return [];
    const plan = compileResource(compilation, targets, expose.namespace ?? 'mcp', resource, here);
    const scopes = compileScopes(compilation, expose, resource, here);
    return plan === undefined ? [] : [{ ...plan, ...scopes }];
  });
}

function isDuplicate(
  compilation: Compilation,
  seen: Map<string, string>,
  { uri }: McpResource,
  pointer: string,
): boolean {
  const shape = splitVariables(uri)
    .map((part) => ('text' in part ? part.text : '{}'))
    .join('');
  const first = seen.get(shape);
  if (first === undefined) {
    seen.set(shape, pointer);
    return false;
  }
  const { line } = compilation.source.position(first);
  compilation.report(
    'RESOURCE_DUPLICATE',
    pointerOf(pointer, 'uri'),
    `The URI ${uri} equals that of a resource on line ${line}, which is served; this one never is. Give it a URI of its own.`,
  );
  return true;
}

function compileResource(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  resource: McpResource,
  pointer: string,
): ResourcePlan | undefined {
  const parts = uriParts(compilation, resource, pointer);
  const sources = (['location', 'call', 'steps'] as const).filter(
    (key) => resource[key] !== undefined,
  );
  if (sources.length !== 1) {
    const found = sources.length === 0 ? 'none of them' : sources.join(' and ');
    compilation.report(
      'RESOURCE_INVALID',
      pointer,
      `The resource "${resource.name}" takes its content from one of call, steps and location, and it has ${found}.`,
    );
    return undefined;
  }
  if (parts === undefined) return undefined;
  return resource.location === undefined
    ? compileDynamic(compilation, targets, namespace, resource, parts, pointer)
    : compileFolder(compilation, resource, parts, pointer);
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const VARIABLE = /^[\w.-]+$/;

/** The URI in its pieces, when it is one and its variables can be told apart. */
function uriParts(
  compilation: Compilation,
  { uri }: McpResource,
  pointer: string,
): readonly UriPart[] | undefined {
  const parts = splitVariables(uri).map((part) =>
    'text' in part ? part : { variable: part.variable.trim() },
  );
  const names = parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  const why = whyNotUri(uri, parts, names);
  if (why === undefined) return parts;
  compilation.report('RESOURCE_INVALID', pointerOf(pointer, 'uri'), why);
  return undefined;
}

function whyNotUri(
  uri: string,
  parts: readonly UriPart[],
  names: readonly string[],
): string | undefined {
  if (!SCHEME.test(uri) || /[\s\p{Cc}]/u.test(uri)) {
    return `"${uri}" is no URI: it begins with a scheme, as docs://guide does, and holds no spaces. Write a space as %20.`;
  }
  if (parts.some((part) => 'text' in part && /[{}]/.test(part.text))) {
    return `"${uri}" has a brace that belongs to no variable. A variable is written {name}.`;
  }
  const odd = names.find((name) => !VARIABLE.test(name));
  if (odd !== undefined) {
    return `{${odd}} is more than a name. A variable is written {name}, with letters, digits, "_", "-" and ".", and stands for one segment.`;
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    return `The variable {${twice}} stands twice in "${uri}". Give each place a name of its own.`;
  }
  const joined = parts.findIndex(
    (part, index) => 'variable' in part && 'variable' in (parts[index + 1] ?? { text: '' }),
  );
  if (joined !== -1) {
    return `Two variables of "${uri}" stand side by side, so nobody can tell where one ends. Put text between them.`;
  }
  return undefined;
}

function compileFolder(
  compilation: Compilation,
  resource: McpResource,
  parts: readonly UriPart[],
  pointer: string,
): FolderResourcePlan | undefined {
  if (parts.length !== 1 || /[?#]/.test(resource.uri)) {
    compilation.report(
      'RESOURCE_INVALID',
      pointerOf(pointer, 'uri'),
      `"${resource.uri}" stands for a folder: the path of each file is added to it, so it can hold no variable, query or fragment.`,
    );
    return undefined;
  }
  for (const key of ['watch', 'inputParameters'] as const) {
    if (resource[key] === undefined) continue;
    compilation.report(
      'KEY_UNKNOWN',
      pointerOf(pointer, key),
      `"${key}" has no meaning for a folder of files; it is ignored.`,
      { at: 'key' },
    );
  }
  const folder = locateFolder(
    compilation,
    resource.location as string,
    pointerOf(pointer, 'location'),
  );
  return folder === undefined
    ? undefined
    : { kind: 'folder', definition: definitionOf(resource, resource.uri), folder };
}

function compileDynamic(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  resource: McpResource,
  parts: readonly UriPart[],
  pointer: string,
): DynamicResourcePlan | undefined {
  const variables = parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  const { inputParameters: parameters = [] } = resource;
  if (hasStrangers(compilation, resource, variables, pointer)) return undefined;
  const compiled = compileOperation(
    compilation,
    targets,
    {
      face: 'mcp',
      namespace,
      routeVariables: [],
      exposed: resource,
      pointer,
      unaskable: {
        why: 'a resource is read without anybody being asked. Expose it as an MCP tool instead',
        pointer,
      },
      declared: variables.map((name) => {
        const at = parameters.findIndex((parameter) => parameter.name === name);
        const { completions: _, ...parameter } = parameters[at] ?? { name };
        return {
          parameter: { type: 'string', ...parameter, required: true },
          pointer:
            at === -1 ? pointerOf(pointer, 'uri') : pointerOf(pointer, 'inputParameters', at),
        };
      }),
    },
    {},
  );
  if (compiled === undefined) return undefined;
  const { plan: operation } = compiled;
  if (lacksInputs(compilation, resource, variables, operation.inputs, pointer)) return undefined;
  const completions = compileCompletions(
    compilation,
    targets,
    namespace,
    parameters.map((parameter, index) => ({
      ...parameter,
      pointer: pointerOf(pointer, 'inputParameters', index),
    })),
  );
  const watchMs = compileWatch(compilation, resource, pointer);
  const uri = parts.map((part) => ('text' in part ? part.text : `{${part.variable}}`)).join('');
  return {
    kind: 'dynamic',
    definition: definitionOf(resource, uri),
    ...(variables.length === 0 ? {} : { template: parts }),
    operation,
    ...(completions === undefined ? {} : { completions }),
    ...(watchMs === undefined ? {} : { watchMs }),
  };
}

/** What is said of variables that the URI does not have. */
function hasStrangers(
  compilation: Compilation,
  { uri, inputParameters = [] }: McpResource,
  variables: readonly string[],
  pointer: string,
): boolean {
  const strangers = inputParameters.filter(({ name }) => !variables.includes(name));
  for (const { name } of strangers) {
    const at = inputParameters.findIndex((parameter) => parameter.name === name);
    compilation.report(
      'RESOURCE_INVALID',
      pointerOf(pointer, 'inputParameters', at, 'name'),
      `"${name}" is no variable of the URI ${uri}. Put {${name}} into the uri, or remove it here.`,
      { suggestion: nearest(name, variables) },
    );
  }
  return strangers.length > 0;
}

/** Who reads a resource gives a URI and nothing else, so every input has to be a variable of it. */
function lacksInputs(
  compilation: Compilation,
  resource: McpResource,
  variables: readonly string[],
  inputs: readonly InputPlan[],
  pointer: string,
): boolean {
  const others = inputs.filter(({ name }) => !variables.includes(name));
  for (const { name, secret } of others.filter((input) => input.required)) {
    const mend =
      secret === true
        ? 'A URI is no place for a credential: expose this as a tool.'
        : `Put {${name}} into the uri, or give it a fixed value under with.`;
    compilation.report(
      'RESOURCE_INVALID',
      pointer,
      `The resource "${resource.name}" needs a value for "${name}", which its URI does not give. ${mend}`,
    );
  }
  // Without variables nothing else would say that such a reference is never given a value.
  if (variables.length === 0 && resource.with !== undefined) {
    for (const { name } of others.filter((input) => !input.required)) {
      compilation.report(
        'INPUT_UNDECLARED',
        pointerOf(pointer, 'with'),
        `"${name}" is no variable of the URI ${resource.uri}, so it never has a value here.`,
      );
    }
  }
  return others.some((input) => input.required);
}

function definitionOf(resource: McpResource, uri: string): ResourceDefinition {
  const { name, label, description, mimeType } = resource;
  return {
    uri,
    name,
    ...(label === undefined ? {} : { title: label }),
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}
