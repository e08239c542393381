import { isRecord } from '../json.ts';
import { isDeeperThan } from '../runtime/depth.ts';
import type { Params } from './params.ts';
import { INVALID_PARAMS, INVALID_REQUEST, RpcError, type RpcId } from './rpc-error.ts';

/** Characters of what names something or comes back in answers: an id, a token, a method, a URI. */
export const LONGEST_NAME = 8_192;

/** Resources that are not there are named in their own words, up to here. */
const LONGEST_URI = 64 * 1024;

/** What a client may say of itself; a session keeps it. Characters of JSON. */
const LONGEST_INTRODUCTION = 64 * 1024;

/**
 * Nesting that reading and checking a message can take without running out of stack. What is passed
 * on may be nested far less deep, and is checked where it is known what it is.
 */
const DEEPEST_MESSAGE = 1_000;

/** A text shorter than this cannot be nested so deep. */
const SHORTEST_DEEP = 2 * DEEPEST_MESSAGE;

const VERSION = 'io.modelcontextprotocol/protocolVersion';

/**
 * Refuses a message that would cost more to refuse later: too deep to be looked at, or with names so
 * long that answers and sessions would swell. The arguments of a tool are judged by the tool, which
 * has its own words for a model.
 * @param size of its JSON text; unknown when absent
 * @throws RpcError -32600, or -32602 for a param
 */
export function requireModest(message: unknown, size = Number.POSITIVE_INFINITY): void {
  if (size > SHORTEST_DEEP && isDeeperThan(DEEPEST_MESSAGE, withoutArguments(message))) {
    const why = `Invalid Request: it is nested deeper than ${DEEPEST_MESSAGE} levels.`;
    throw new RpcError(INVALID_REQUEST, why);
  }
  if (size <= LONGEST_NAME) return;
  for (const each of Array.isArray(message) ? message : [message]) {
    if (isRecord(each)) requireShortNames(each);
  }
}

function withoutArguments(message: unknown): unknown {
  if (!isRecord(message) || message.method !== 'tools/call' || !isRecord(message.params)) {
    return message;
  }
  const { arguments: _, ...params } = message.params;
  return { ...message, params };
}

function requireShortNames({ id: given, method, params }: Params): void {
  refuseLong({ id: given }, INVALID_REQUEST, undefined);
  const id = typeof given === 'string' || typeof given === 'number' ? (given as RpcId) : undefined;
  refuseLong({ method }, INVALID_REQUEST, id);
  if (!isRecord(params)) return;
  const { name, uri, cursor, requestId } = params;
  refuseLong({ name, cursor, requestId }, INVALID_PARAMS, id);
  refuseLong({ uri }, INVALID_PARAMS, id, LONGEST_URI);
  if (isRecord(params._meta)) {
    const { progressToken, [VERSION]: version } = params._meta;
    refuseLong({ progressToken, [VERSION]: version }, INVALID_PARAMS, id);
  }
  if (method === 'initialize' && JSON.stringify(params).length > LONGEST_INTRODUCTION) {
    const why = `The params of initialize have more than ${LONGEST_INTRODUCTION} characters, which no session keeps.`;
    throw new RpcError(INVALID_PARAMS, why, { id });
  }
}

function refuseLong(
  named: Params,
  code: number,
  id: RpcId | undefined,
  longest = LONGEST_NAME,
): void {
  for (const [name, value] of Object.entries(named)) {
    if (typeof value !== 'string' || value.length <= longest) continue;
    const why = `"${name}" has ${value.length} characters, and at most ${longest} are taken.`;
    throw new RpcError(code, code === INVALID_REQUEST ? `Invalid Request: ${why}` : why, { id });
  }
}
