import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type {
  RequestId,
  ServerNotification,
  ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type {
  JsonSchemaValidator,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation/types.js';
import { capabilitiesOf, declaredCapabilities } from './capabilities.ts';
import type { CallContext, Caller, LogLevel } from './conversation.ts';
import type { McpEvent } from './events.ts';
import { answerAsking } from './legacy-asking.ts';
import { isLogLevel, isWanted, levelNames } from './log-levels.ts';
import { type Params, uriOf } from './methods.ts';
import { LONGEST_NAME } from './modest.ts';
import { INVALID_PARAMS, INVALID_REQUEST, RpcError } from './rpc-error.ts';
import { requireScopes } from './scopes.ts';
import type { ToolCore } from './tools.ts';
import { MOST_WANTED, want } from './wanting.ts';

/** Who sends a request, and what can be done about it. */
export interface Connection extends Caller {
  /** Messages can be sent beside the answer. */
  readonly streams: boolean;
  /** The connection outlasts a request, so that there is something to remember and to tell later. */
  readonly lasts: boolean;
  /** Aborts when the caller cancels or is gone, where the SDK does not tell. */
  readonly left?: AbortSignal | undefined;
}

/**
 * One protocol server of the revisions with a handshake: one for a session, one for stdio, or one
 * for a single request.
 */
export function createLegacyServer(
  core: ToolCore,
  connectionOf: (id: RequestId) => Connection,
): Server {
  const { name, title, version, instructions } = core.toolset;
  const server = new Server(title === undefined ? { name, version } : { name, title, version }, {
    capabilities: capabilitiesOf(core),
    jsonSchemaValidator: validatesNothing,
    ...(instructions === undefined ? {} : { instructions }),
  });
  const remembered = createMemory(core, server);
  // The SDK's own keeps levels for ever, and says nothing of one that does not exist.
  server.removeRequestHandler('logging/setLevel');
  // Not `setRequestHandler`: its schemas would turn bad params into an internal error and would not
  // let lists be answered that no capability declares.
  server.fallbackRequestHandler = async ({ method, params = {} }, extra) => {
    const connection = connectionOf(extra.requestId);
    switch (method) {
      case 'logging/setLevel':
        remembered.setLevel(params);
        return {};
      case 'resources/subscribe':
        if (!connection.lasts) throw needsSession(method);
        requireScopes(core, { method, params }, connection);
        remembered.subscribe(uriOf(method, params));
        return {};
      case 'resources/unsubscribe':
        remembered.unsubscribe(uriOf(method, params));
        return {};
    }
    const context = contextOf(server, extra, connection, remembered.level());
    return answerAsking(core, method, params, context, extra);
  };
  return server;
}

const needsSession = (method: string): RpcError =>
  new RpcError(INVALID_REQUEST, `${method} needs a session: send initialize first.`);

interface Memory {
  setLevel(params: Params): void;
  level(): LogLevel | undefined;
  subscribe(uri: string): void;
  unsubscribe(uri: string): void;
}

/** What a client has asked for until its connection ends. */
function createMemory({ events }: ToolCore, server: Server): Memory {
  const wishes = new Map<string, () => void>();
  let level: LogLevel | undefined;
  const deaf = events.listen((event) => {
    if (event.kind === 'resourceUpdated' && !wishes.has(event.uri)) return;
    // Nobody may be listening, and then nobody minds.
    server.notification(notificationOf(event)).catch(() => {});
  });
  server.onclose = () => {
    deaf();
    for (const drop of wishes.values()) drop();
    wishes.clear();
  };
  return {
    setLevel(params) {
      if (!isLogLevel(params.level)) {
        const why = `logging/setLevel needs a "level", one of ${levelNames()}.`;
        throw new RpcError(INVALID_PARAMS, why);
      }
      level = params.level;
    },
    level: () => level,
    subscribe(uri) {
      if (wishes.has(uri)) return;
      if (wishes.size >= MOST_WANTED || uri.length > LONGEST_NAME) {
        const why = `At most ${MOST_WANTED} resources can be subscribed to in a session, with URIs of at most ${LONGEST_NAME} characters.`;
        throw new RpcError(INVALID_PARAMS, why);
      }
      wishes.set(uri, want(events, uri));
    },
    unsubscribe(uri) {
      wishes.get(uri)?.();
      wishes.delete(uri);
    },
  };
}

const LIST_CHANGES = {
  toolsChanged: 'notifications/tools/list_changed',
  promptsChanged: 'notifications/prompts/list_changed',
  resourcesChanged: 'notifications/resources/list_changed',
} as const;

const notificationOf = (event: McpEvent): ServerNotification =>
  event.kind === 'resourceUpdated'
    ? { method: 'notifications/resources/updated', params: { uri: event.uri } }
    : { method: LIST_CHANGES[event.kind] };

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

function contextOf(
  server: Server,
  extra: Extra,
  { principal, account, scopes, stepUp, streams, left }: Connection,
  level: LogLevel | undefined,
): CallContext {
  const token = extra._meta?.progressToken;
  const send = (notification: ServerNotification): void => {
    // Fails only when the caller is gone, and then the call is about to be aborted.
    extra.sendNotification(notification).catch(() => {});
  };
  return {
    signal: left === undefined ? extra.signal : AbortSignal.any([extra.signal, left]),
    ...(principal === undefined ? {} : { principal }),
    ...(account === undefined ? {} : { account }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(stepUp === undefined ? {} : { stepUp }),
    client: declaredCapabilities(streams ? server.getClientCapabilities() : undefined),
    ...(!streams || token === undefined
      ? {}
      : {
          progress: (progress, total, message) =>
            send({
              method: 'notifications/progress',
              params: { progressToken: token, progress, total, message },
            }),
        }),
    ...(!streams || level === undefined
      ? {}
      : {
          log: (of, data) => {
            if (!isWanted(of, level)) return;
            send({ method: 'notifications/message', params: { level: of, data } });
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
