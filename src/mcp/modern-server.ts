import {
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type Caching, cachingOfLists } from './caching.ts';
import { capabilitiesOf, declaredCapabilities, requireAble } from './capabilities.ts';
import { type CallContext, type Caller, isInputRequired } from './conversation.ts';
import { STATELESS } from './eras.ts';
import { isLogLevel, isWanted } from './log-levels.ts';
import { answerMethod, SHARED_METHODS } from './methods.ts';
import { INVALID_PARAMS, RESOURCE_NOT_FOUND, RpcError } from './rpc-error.ts';
import { isUnlimited } from './scopes.ts';
import type { ToolCore } from './tools.ts';

export interface ModernServerOptions extends Caching {
  readonly caller: Caller;
  /** Other messages can go beside the answer. */
  readonly streams: boolean;
  /** The one method that will be asked for; any may be when absent. */
  readonly method?: unknown;
}

/** One protocol server of the revisions without a handshake: for one request, or for stdio. */
export function createModernServer(core: ToolCore, options: ModernServerOptions): Server {
  const { method } = options;
  const { name, title, version, instructions } = core.toolset;
  const lists = cachingOfLists(options);
  const server = new Server(title === undefined ? { name, version } : { name, title, version }, {
    capabilities: capabilitiesOf(core),
    supportedProtocolVersions: [STATELESS],
    cacheHints: { 'server/discover': lists },
    jsonSchemaValidator: validatesNothing,
    ...(instructions === undefined ? {} : { instructions }),
  });
  // Without a handler the SDK knows soon enough to say 404.
  if (method !== undefined && !SHARED_METHODS.has(String(method))) return server;
  // As with the other SDK: params are judged by the core alone.
  server.fallbackRequestHandler = async ({ method, params = {} }, extra) => {
    const context = contextOf(extra, options);
    try {
      const answer = await answerMethod(core, method, params, context);
      if (isInputRequired(answer)) {
        requireAble(answer, context.client);
        return { resultType: 'input_required', ...answer };
      }
      // More scopes make a longer list, and clients keep a list whatever token they show next.
      const kept = isUnlimited(core, context) ? lists : { ...lists, ttlMs: 0 };
      return { ...answer, ...cachingOf(method, kept) };
    } catch (thrown) {
      if (!(thrown instanceof RpcError) || thrown.code !== RESOURCE_NOT_FOUND) throw thrown;
      throw new RpcError(INVALID_PARAMS, thrown.message, thrown.details);
    }
  };
  return server;
}

/** What is read belongs to who reads it, and may be another the next moment. */
function cachingOf(method: string, lists: object): object {
  if (method.endsWith('/list')) return lists;
  return method === 'resources/read' ? { ttlMs: 0, cacheScope: 'private' } : {};
}

function contextOf(
  { mcpReq }: ServerContext,
  { caller, streams }: ModernServerOptions,
): CallContext {
  const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
  const token = mcpReq._meta?.progressToken;
  const level = envelope['io.modelcontextprotocol/logLevel'];
  const state = mcpReq.requestState();
  const send = (method: string, params: Record<string, unknown>): void => {
    // Fails only when the caller is gone, and then the call is about to be aborted.
    mcpReq.notify({ method, params }).catch(() => {});
  };
  return {
    ...caller,
    signal: mcpReq.signal,
    client: declaredCapabilities(envelope['io.modelcontextprotocol/clientCapabilities']),
    ...(mcpReq.inputResponses === undefined ? {} : { answers: mcpReq.inputResponses }),
    ...(typeof state === 'string' ? { state } : {}),
    ...(!streams || token === undefined
      ? {}
      : {
          progress: (progress, total, message) =>
            send('notifications/progress', { progressToken: token, progress, total, message }),
        }),
    ...(!streams || !isLogLevel(level)
      ? {}
      : {
          log: (of, data) => {
            if (isWanted(of, level)) send('notifications/message', { level: of, data });
          },
        }),
  };
}

/** The SDK makes a costly validator for each server unless it is given one, for elicitation only. */
const validatesNothing: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};
