import { isRecord } from '../json.ts';
import {
  type CallContext,
  type CompletionRequest,
  type InputRequired,
  isInputRequired,
} from './conversation.ts';
import { pageOf } from './pages.ts';
import type { Params } from './params.ts';
import { type ResourceCore, ResourceError } from './resources.ts';
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  RESOURCE_NOT_FOUND,
  RpcError,
} from './rpc-error.ts';
import { requireScopes, within } from './scopes.ts';
import type { ToolCore } from './tools.ts';

export type { Params };

/** A result as every revision has it, or what must be asked first. */
export type Answer = Record<string, unknown> | InputRequired;

export const SHARED_METHODS: ReadonlySet<string> = new Set([
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
]);

/**
 * Answers the methods that all revisions share. Lists that nothing stands in are answered too: some
 * clients ask for them without being told that there are any.
 * Lists have only what the caller's scopes let him use.
 * @throws RpcError, of a resource that is not known with -32002
 */
export async function answerMethod(
  core: ToolCore,
  method: string,
  params: Params,
  context: CallContext,
): Promise<Answer> {
  requireScopes(core, { method, params }, context);
  const page = <Item>(items: readonly Item[], keyOf: (item: Item) => string) => {
    const shown = within(core, context, method, items, keyOf);
    return pageOf(shown, { method, cursor: params.cursor, size: core.pageSize, keyOf });
  };
  switch (method) {
    case 'tools/list':
      return listed('tools', page(core.list(), byName));
    case 'tools/call': {
      const { name, args } = nameAndArguments(method, 'a tool', params);
      return plain(await core.call(name, args, context));
    }
    case 'resources/list':
      return listed('resources', page(await core.resources.list(), byUri));
    case 'resources/templates/list':
      return listed('resourceTemplates', page(core.resources.templates(), byTemplate));
    case 'resources/read':
      return read(core.resources, params, context);
    case 'prompts/list':
      return listed('prompts', page(core.prompts.list(), byName));
    case 'prompts/get': {
      const { name, args } = nameAndArguments(method, 'a prompt', params);
      return plain(await core.prompts.get(name, args, context));
    }
    case 'completion/complete':
      return complete(core, params, context);
  }
  throw methodNotFound(method);
}

const methodNotFound = (method: string): RpcError =>
  new RpcError(METHOD_NOT_FOUND, `Method not found: ${method.slice(0, 200)}`);

export const byName = ({ name }: { readonly name: string }): string => name;
const byUri = ({ uri }: { readonly uri: string }): string => uri;
const byTemplate = ({ uriTemplate }: { readonly uriTemplate: string }): string => uriTemplate;

const plain = (result: object): Answer => (isInputRequired(result) ? result : { ...result });

export function listed(
  what: string,
  { items, nextCursor }: { readonly items: readonly unknown[]; readonly nextCursor?: string },
): Answer {
  return nextCursor === undefined ? { [what]: items } : { [what]: items, nextCursor };
}

function nameAndArguments(
  method: string,
  what: string,
  { name, arguments: args }: Params,
): { name: string; args: Params } {
  if (typeof name !== 'string') {
    throw new RpcError(INVALID_PARAMS, `${method} needs the name of ${what} in "name".`);
  }
  if (args !== undefined && args !== null && !isRecord(args)) {
    const found = Array.isArray(args) ? 'an array' : `a ${typeof args}`;
    throw new RpcError(
      INVALID_PARAMS,
      `"arguments" of ${method} must be an object of arguments by name, not ${found}.`,
    );
  }
  return { name, args: args ?? {} };
}

async function read(
  resources: ResourceCore,
  params: Params,
  context: CallContext,
): Promise<Answer> {
  const uri = uriOf('resources/read', params);
  try {
    return plain(await resources.read(uri, context));
  } catch (thrown) {
    if (!(thrown instanceof ResourceError)) throw thrown;
    throw new RpcError(READ_CODES[thrown.reason], thrown.message, { data: thrown.data });
  }
}

/** @throws RpcError -32602 */
export function uriOf(method: string, { uri }: Params): string {
  if (typeof uri === 'string' && uri !== '') return uri;
  throw new RpcError(INVALID_PARAMS, `${method} needs the URI of a resource in "uri".`);
}

const READ_CODES = {
  unknown: RESOURCE_NOT_FOUND,
  invalid: INVALID_PARAMS,
  failed: INTERNAL_ERROR,
} as const satisfies Record<ResourceError['reason'], number>;

/** The protocol takes no more values than these at once. */
const MOST_COMPLETIONS = 100;

async function complete(core: ToolCore, params: Params, context: CallContext): Promise<Answer> {
  const { ref, argument, context: beside } = params;
  const about = isRecord(ref) ? completed(ref) : undefined;
  if (about === undefined) {
    const why =
      'completion/complete needs a "ref": {"type": "ref/prompt", "name"} or {"type": "ref/resource", "uri"}.';
    throw new RpcError(INVALID_PARAMS, why);
  }
  if (
    !isRecord(argument) ||
    typeof argument.name !== 'string' ||
    typeof argument.value !== 'string'
  ) {
    const why = 'completion/complete needs an "argument" with "name" and "value", both text.';
    throw new RpcError(INVALID_PARAMS, why);
  }
  const given = isRecord(beside) && isRecord(beside.arguments) ? beside.arguments : {};
  const others = Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
  const { name, value } = argument;
  const values = await core.complete({ about, argument: name, value, others }, context);
  const shown = values.slice(0, MOST_COMPLETIONS);
  const completion = { values: shown, total: values.length, hasMore: shown.length < values.length };
  return { completion };
}

function completed({ type, name, uri }: Params): CompletionRequest['about'] | undefined {
  if (type === 'ref/prompt' && typeof name === 'string') return { prompt: name };
  if (type === 'ref/resource' && typeof uri === 'string') return { template: uri };
  return undefined;
}
