import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type {
  JsonSchemaValidator,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation/types.js';
import { INVALID_PARAMS, METHOD_NOT_FOUND, RpcError } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';

/** One protocol server over the tools: one for a session, one for stdio, or one for a single request. */
export function createServer(core: ToolCore): Server {
  const { name, title, version, instructions } = core.toolset;
  const server = new Server(title === undefined ? { name, version } : { name, title, version }, {
    capabilities: { tools: {} },
    jsonSchemaValidator: validatesNothing,
    ...(instructions === undefined ? {} : { instructions }),
  });
  // Not `setRequestHandler`: its schemas would turn bad params into an internal error and would not
  // let lists be answered that no capability declares.
  server.fallbackRequestHandler = async ({ method, params }, { signal }) =>
    answer(core, method, params ?? {}, signal);
  return server;
}

type Params = Readonly<Record<string, unknown>>;

function answer(
  core: ToolCore,
  method: string,
  params: Params,
  signal: AbortSignal,
): Promise<Record<string, unknown>> | Record<string, unknown> {
  switch (method) {
    case 'tools/list':
      refuseCursor(params);
      return { tools: core.list() };
    case 'tools/call':
      return call(core, params, signal);
    // Some clients ask for these without being told that there are any.
    case 'resources/list':
      return { resources: [] };
    case 'resources/templates/list':
      return { resourceTemplates: [] };
    case 'prompts/list':
      return { prompts: [] };
    default:
      throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
  }
}

function call(core: ToolCore, params: Params, signal: AbortSignal) {
  const { name, arguments: args } = params;
  if (typeof name !== 'string') {
    throw new RpcError(INVALID_PARAMS, 'tools/call needs the name of a tool in "name".');
  }
  if (args !== undefined && args !== null && !isRecord(args)) {
    const found = Array.isArray(args) ? 'an array' : `a ${typeof args}`;
    throw new RpcError(
      INVALID_PARAMS,
      `"arguments" of tools/call must be an object of arguments by name, not ${found}.`,
    );
  }
  return core.call(name, args ?? {}, signal);
}

/** The list is one page, so no cursor was ever handed out. */
function refuseCursor({ cursor }: Params): void {
  if (cursor === undefined || cursor === null || cursor === '') return;
  throw new RpcError(INVALID_PARAMS, 'This cursor is not known: tools/list answers in one page.');
}

const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The SDK makes a costly validator for each server unless it is given one, for elicitation only. */
const validatesNothing: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};
