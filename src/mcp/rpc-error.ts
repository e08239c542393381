export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** What the protocol has no code for: refusals of the transport, a server that is closing. */
export const SERVER_ERROR = -32000;
export const SESSION_NOT_FOUND = -32001;
/** Of the revisions with a handshake; later ones answer -32602 for this. */
export const RESOURCE_NOT_FOUND = -32002;
/** Of the revisions without a handshake: a header is missing, or says something else than the body. */
export const HEADER_MISMATCH = -32020;
/** Of the revisions without a handshake: `data.requiredCapabilities` has what the client lacks. */
export const MISSING_CAPABILITY = -32021;
/** Of the revisions without a handshake: `data` has `supported` and `requested`. */
export const UNSUPPORTED_VERSION = -32022;

export type RpcId = string | number;

interface RpcErrorDetails {
  /** HTTP status when the failure ends the whole request; 400 when absent. */
  readonly status?: number;
  readonly id?: RpcId | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Facts for programs, beside the message. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A failure of the protocol, not of a tool: answered as a JSON-RPC error with this code and message. */
export class RpcError extends Error {
  readonly code: number;
  readonly details: RpcErrorDetails;
  /** Read by the SDK, which puts it into the answer. */
  readonly data: RpcErrorDetails['data'];

  constructor(code: number, message: string, details: RpcErrorDetails = {}) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.details = details;
    this.data = details.data;
  }
}

/** The JSON-RPC answer for a failure; what was not foreseen says nothing of its cause. */
export function rpcErrorAnswer(thrown: unknown): string {
  const known = thrown instanceof RpcError;
  const code = known ? thrown.code : INTERNAL_ERROR;
  const message = known ? thrown.message : 'Internal error';
  const id = known ? (thrown.details.id ?? null) : null;
  const data = known && thrown.data !== undefined ? { data: thrown.data } : {};
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...data } });
}
