import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type {
  JsonSchemaValidator,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation/types.js';
import { type ResourceCore, ResourceError } from './resources.ts';
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  RESOURCE_NOT_FOUND,
  RpcError,
} from './rpc-error.ts';
import type { OnItems, ToolCore } from './tools.ts';

/** One protocol server over the tools, resources and prompts: one for a session, one for stdio, or one for a single request. */
export function createServer(core: ToolCore): Server {
  const { name, title, version, instructions } = core.toolset;
  const server = new Server(title === undefined ? { name, version } : { name, title, version }, {
    capabilities: {
      tools: {},
      ...(core.resources === undefined ? {} : { resources: {} }),
      ...(core.prompts === undefined ? {} : { prompts: {} }),
    },
    jsonSchemaValidator: validatesNothing,
    ...(instructions === undefined ? {} : { instructions }),
  });
  // Not `setRequestHandler`: its schemas would turn bad params into an internal error and would not
  // let lists be answered that no capability declares.
  server.fallbackRequestHandler = async ({ method, params }, extra) =>
    answer(core, method, params ?? {}, extra.signal, progressOf(extra));
  return server;
}

type Extra = Parameters<NonNullable<Server['fallbackRequestHandler']>>[1];

/** Tells a client who asks for it how a call goes on. */
function progressOf({ _meta, sendNotification }: Extra): OnItems | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress) => {
    const message = `${progress} collected`;
    const params = { progressToken, progress, message };
    // Who has left learns nothing more, and that is no failure of the call.
    sendNotification({ method: 'notifications/progress', params }).catch(() => {});
  };
}

type Params = Readonly<Record<string, unknown>>;

async function answer(
  core: ToolCore,
  method: string,
  params: Params,
  signal: AbortSignal,
  onItems: OnItems | undefined,
): Promise<Record<string, unknown>> {
  const { resources, prompts } = core;
  if (method.endsWith('/list')) refuseCursor(method, params);
  switch (method) {
    case 'tools/list':
      return { tools: core.list() };
    case 'tools/call': {
      const { name, args } = nameAndArguments(method, 'a tool', params);
      return core.call(name, args, signal, onItems);
    }
    // Some clients ask for these without being told that there are any.
    case 'resources/list':
      return { resources: resources === undefined ? [] : await resources.list() };
    case 'resources/templates/list':
      return { resourceTemplates: resources?.templates() ?? [] };
    case 'prompts/list':
      return { prompts: prompts?.list() ?? [] };
    case 'resources/read':
      if (resources !== undefined) return read(resources, params, signal);
      break;
    case 'prompts/get':
      if (prompts !== undefined) {
        const { name, args } = nameAndArguments(method, 'a prompt', params);
        return prompts.get(name, args);
      }
      break;
  }
  throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
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

async function read(resources: ResourceCore, { uri }: Params, signal: AbortSignal) {
  if (typeof uri !== 'string' || uri === '') {
    throw new RpcError(INVALID_PARAMS, 'resources/read needs the URI of a resource in "uri".');
  }
  try {
    return await resources.read(uri, signal);
  } catch (thrown) {
    if (!(thrown instanceof ResourceError)) throw thrown;
    throw new RpcError(READ_CODES[thrown.reason], thrown.message, { data: thrown.data });
  }
}

const READ_CODES = {
  unknown: RESOURCE_NOT_FOUND,
  invalid: INVALID_PARAMS,
  failed: INTERNAL_ERROR,
} as const satisfies Record<ResourceError['reason'], number>;

/** Each list is one page, so no cursor was ever handed out. */
function refuseCursor(method: string, { cursor }: Params): void {
  if (cursor === undefined || cursor === null || cursor === '') return;
  throw new RpcError(INVALID_PARAMS, `This cursor is not known: ${method} answers in one page.`);
}

const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The SDK makes a costly validator for each server unless it is given one, for elicitation only. */
const validatesNothing: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};
