import {
  isInitializeRequest,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { INVALID_PARAMS, INVALID_REQUEST, RpcError, type RpcId } from './rpc-error.ts';
import type { Handshake } from './session-ids.ts';

/** What one POST carries. */
export interface Envelope {
  readonly messages: readonly JSONRPCMessage[];
  readonly batch: boolean;
  /** The ids of the requests among the messages: what waits for an answer. */
  readonly ids: readonly RequestId[];
}

const MAX_BATCH = 100;

/** @throws RpcError -32600, with the id of the message when it has a usable one. */
export function readEnvelope(value: unknown): Envelope {
  const batch = Array.isArray(value);
  const raw: readonly unknown[] = batch ? value : [value];
  if (raw.length === 0) throw invalid('a batch holds at least one message.');
  if (raw.length > MAX_BATCH) {
    throw invalid(`a batch holds at most ${MAX_BATCH} messages, this one ${raw.length}.`);
  }
  const messages = raw.map(readMessage);
  const ids = messages.flatMap((message) =>
    'method' in message && 'id' in message ? [message.id] : [],
  );
  if (new Set(ids).size < ids.length) throw invalid('two requests of the batch have the same id.');
  if (batch && messages.some((message) => 'method' in message && message.method === 'initialize')) {
    throw invalid('initialize cannot be part of a batch.');
  }
  return { messages, batch, ids };
}

/**
 * What a client says to open a session; undefined for any other message.
 * @throws RpcError -32602 for an initialize that lacks what it needs
 */
export function handshakeOf(envelope: Envelope): Handshake | undefined {
  const [message] = envelope.messages;
  if (message === undefined || !('method' in message) || message.method !== 'initialize') {
    return undefined;
  }
  if (isInitializeRequest(message) && 'id' in message) return message.params;
  const why = 'initialize needs an id, and protocolVersion, capabilities and clientInfo in params.';
  throw new RpcError(INVALID_PARAMS, why, { id: envelope.ids[0] });
}

function readMessage(raw: unknown): JSONRPCMessage {
  const read = JSONRPCMessageSchema.safeParse(raw);
  if (read.success) return read.data;
  const id = (raw as { id?: unknown } | null)?.id;
  throw invalid(whyNot(raw), typeof id === 'string' || typeof id === 'number' ? id : undefined);
}

function whyNot(raw: unknown): string {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return 'a JSON-RPC message is an object.';
  }
  const { jsonrpc, method, id, params, result, error } = raw as Record<string, unknown>;
  if (jsonrpc !== '2.0') return '"jsonrpc" must be "2.0".';
  if (id !== undefined && typeof id !== 'string' && !Number.isSafeInteger(id)) {
    return '"id" must be a string or an integer.';
  }
  if (typeof method !== 'string' && result === undefined && error === undefined) {
    return '"method" must be a string.';
  }
  if (
    params !== undefined &&
    (typeof params !== 'object' || params === null || Array.isArray(params))
  ) {
    return '"params" must be an object.';
  }
  return 'its members are not those of a JSON-RPC 2.0 message.';
}

const invalid = (why: string, id?: RpcId): RpcError =>
  new RpcError(INVALID_REQUEST, `Invalid Request: ${why}`, { id });
