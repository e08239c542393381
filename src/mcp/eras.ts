import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../json.ts';
import { INVALID_PARAMS, RpcError, type RpcId, UNSUPPORTED_VERSION } from './rpc-error.ts';

/** The first revision without a handshake: each request says for itself what it speaks. */
export const STATELESS = '2026-07-28';

export const VERSION = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

/**
 * Whether a message claims to be of a revision without a handshake; rightly or not, its answer comes
 * from there. `initialize` is a handshake, unless the message itself says otherwise.
 */
export function claimsStateless(message: unknown, headers: IncomingHttpHeaders = {}): boolean {
  if (Array.isArray(message)) return message.some((each) => claimsByItself(each));
  if (claimsByItself(message)) return true;
  if (!isRecord(message) || typeof message.method !== 'string') return false;
  return message.method !== 'initialize' && namesStateless(headers);
}

export function namesStateless(headers: IncomingHttpHeaders): boolean {
  const version = headers['mcp-protocol-version'];
  return typeof version === 'string' && DATE.test(version.trim()) && version.trim() >= STATELESS;
}

const DATE = /^\d{4}-\d\d-\d\d$/;

function claimsByItself(message: unknown): boolean {
  if (!isRecord(message)) return false;
  const meta = metaOf(message);
  return VERSION in meta || CAPABILITIES in meta || message.method === 'server/discover';
}

/** @throws RpcError -32602 for a request that does not name its version and capabilities */
export function requireClaim(message: unknown): void {
  if (!isRecord(message) || typeof message.method !== 'string') return;
  const { id, method } = message;
  if (typeof id !== 'string' && typeof id !== 'number') return;
  const meta = metaOf(message);
  const missing = [VERSION, CAPABILITIES].filter((key) => !(key in meta));
  if (missing.length === 0) return;
  const why = `${method} needs ${missing.map((key) => `"${key}"`).join(' and ')} in "_meta" of its params.`;
  throw new RpcError(INVALID_PARAMS, why, { id: id as RpcId, data: { missing } });
}

/** @throws RpcError -32022 for a request of a revision that is not served */
export function requireVersion(message: unknown): void {
  if (!isRecord(message)) return;
  const requested = metaOf(message)[VERSION];
  if (requested === STATELESS) return;
  const why = `The protocol version ${JSON.stringify(requested).slice(0, 100)} is not served here; ${STATELESS} is, and those before it with initialize.`;
  const data = { supported: [STATELESS], requested };
  throw new RpcError(UNSUPPORTED_VERSION, why, { id: message.id as RpcId, data });
}

function metaOf({ params }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return isRecord(params) && isRecord(params._meta) ? params._meta : {};
}
