import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../json.ts';
import { CAPABILITIES, STATELESS, VERSION } from './eras.ts';
import type { Params } from './params.ts';
import type { RpcId } from './rpc-error.ts';

/**
 * A request in the shape that nearly all have. Whatever is unusual about one, right or wrong, is left
 * to the SDKs: that it is taken here means that they would have found no fault with it.
 */
export interface HotRequest {
  readonly id: RpcId;
  readonly method: HotMethod;
  readonly params: Params;
  /** It is of a revision without a handshake. */
  readonly stateless: boolean;
}

type HotMethod = 'tools/call' | 'tools/list' | 'ping';

/** Revisions with a handshake, as they may stand in a header. */
export const HANDSHAKES: ReadonlySet<string | undefined> = new Set([
  undefined,
  '',
  '2024-10-07',
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
]);

export function readHotRequest(
  message: unknown,
  headers: IncomingHttpHeaders,
): HotRequest | undefined {
  if (!isRecord(message) || !hasOnly(message, MESSAGE)) return undefined;
  const { jsonrpc, id, method, params = NO_PARAMS } = message;
  if (jsonrpc !== '2.0' || !(typeof id === 'string' || Number.isSafeInteger(id))) return undefined;
  const known = PARAMS[method as HotMethod];
  if (typeof method !== 'string' || known === undefined) return undefined;
  if (!isRecord(params) || !hasOnly(params, known)) return undefined;
  if (method === 'tools/call' && !isPlainCall(params)) return undefined;
  const stateless = eraOf(method, params, headers);
  if (stateless === undefined) return undefined;
  return { id: id as RpcId, method: method as HotMethod, params, stateless };
}

const NO_PARAMS: Params = {};

const MESSAGE: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

/** Without what belongs to tasks, or to a call that comes again with answers. */
const PARAMS: Readonly<Record<HotMethod, ReadonlySet<string> | undefined>> = Object.assign(
  Object.create(null),
  {
    'tools/call': new Set(['name', 'arguments', '_meta']),
    'tools/list': new Set(['cursor', '_meta']),
    ping: new Set(['_meta']),
  },
);

function hasOnly(record: Params, known: ReadonlySet<string>): boolean {
  for (const key in record) if (!known.has(key)) return false;
  return true;
}

const isPlainCall = ({ name, arguments: args }: Params): boolean =>
  typeof name === 'string' && (args === undefined || isRecord(args));

/** Whether a request is of a revision without a handshake; undefined for one that is not plain. */
function eraOf(method: string, params: Params, headers: IncomingHttpHeaders): boolean | undefined {
  const version = headers['mcp-protocol-version'] as string | undefined;
  const { _meta: meta = NO_PARAMS } = params;
  if (!isRecord(meta)) return undefined;
  if (HANDSHAKES.has(version)) return hasForeignOnly(meta, NOTHING) ? false : undefined;
  const isPlain =
    version === STATELESS &&
    method !== 'ping' &&
    headers['mcp-method'] === method &&
    (method !== 'tools/call' || isNamed(params.name as string, headers['mcp-name'])) &&
    meta[VERSION] === STATELESS &&
    isPlainClient(meta[CLIENT]) &&
    arePlainCapabilities(meta[CAPABILITIES]) &&
    hasForeignOnly(meta, ENVELOPE);
  return isPlain ? true : undefined;
}

/** A name that no header can hold is written there in another way. */
const isNamed = (name: string, header: string | string[] | undefined): boolean =>
  header === name && !name.startsWith('=?');

const OWN = 'io.modelcontextprotocol/';
const CLIENT = `${OWN}clientInfo`;
const ENVELOPE: ReadonlySet<string> = new Set([VERSION, CLIENT, CAPABILITIES]);
const NOTHING: ReadonlySet<string> = new Set();

/** No key means anything to the protocol, but for those that are looked at. */
function hasForeignOnly(meta: Params, seen: ReadonlySet<string>): boolean {
  for (const key in meta) {
    if (key === 'progressToken' || (key.startsWith(OWN) && !seen.has(key))) return false;
  }
  return true;
}

const CLIENT_TEXTS: ReadonlySet<string> = new Set([
  'name',
  'version',
  'title',
  'description',
  'websiteUrl',
]);

function isPlainClient(client: unknown): boolean {
  if (client === undefined) return true;
  if (!isRecord(client) || !hasOnly(client, CLIENT_TEXTS)) return false;
  if (client.name === undefined || client.version === undefined) return false;
  for (const key in client) if (typeof client[key] !== 'string') return false;
  return true;
}

/** What capabilities may say, as far as it is looked at here. */
const SAYINGS: Readonly<Record<string, ReadonlySet<string>>> = {
  sampling: new Set(['context', 'tools']),
  elicitation: new Set(['form', 'url']),
  roots: new Set(['listChanged']),
};

function arePlainCapabilities(capabilities: unknown): boolean {
  if (!isRecord(capabilities)) return false;
  for (const name in capabilities) {
    const said = capabilities[name];
    const known = Object.hasOwn(SAYINGS, name) ? SAYINGS[name] : undefined;
    if (known === undefined || !isRecord(said) || !hasOnly(said, known)) return false;
    for (const key in said) {
      const value = said[key];
      const isPlain = key === 'listChanged' ? typeof value === 'boolean' : isEmpty(value);
      if (!isPlain) return false;
    }
  }
  return true;
}

const isEmpty = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0;
