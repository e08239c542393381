import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../json.ts';
import type { JsonSchema, ToolDefinition } from '../plan/plan.ts';
import { HEADER_MISMATCH, RpcError, type RpcId } from './rpc-error.ts';

/** An argument that comes in a header too, so that what stands between can act on it unread. */
interface Mirrored {
  readonly path: readonly string[];
  /** In lower case, `mcp-param-` included. */
  readonly header: string;
}

/** Compares what a call says in its headers with what its arguments say. */
export type CheckParamHeaders = (
  call: { readonly id: RpcId | undefined; readonly params: unknown },
  headers: IncomingHttpHeaders,
) => void;

/** @throws RpcError -32020 from the check, for a header that is missing or says something else */
export function createParamHeaderCheck(
  toolNamed: (name: string) => ToolDefinition | undefined,
): CheckParamHeaders {
  const known = new WeakMap<ToolDefinition, readonly Mirrored[]>();
  function mirroredOf(tool: ToolDefinition): readonly Mirrored[] {
    const found = known.get(tool) ?? mirrored(tool.inputSchema, []);
    known.set(tool, found);
    return found;
  }
  return function check({ id, params }, headers) {
    if (!isRecord(params) || typeof params.name !== 'string') return;
    const tool = toolNamed(params.name);
    if (tool === undefined) return;
    for (const { path, header } of mirroredOf(tool)) {
      const value = textOf(valueAt(params.arguments, path));
      if (value === undefined) continue;
      const problem = disagreement(headers[header], value);
      if (problem === undefined) continue;
      const name = path.join('.');
      throw new RpcError(
        HEADER_MISMATCH,
        `The header ${header} ${problem}; it must repeat the argument "${name}".`,
        { id, data: { header, argument: name } },
      );
    }
  };
}

/** Only what is reached by names alone: an item of a list has no header. */
function mirrored(schema: JsonSchema, path: readonly string[]): readonly Mirrored[] {
  const { properties } = schema;
  if (!isRecord(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isRecord(property)) return [];
    const at = [...path, name];
    const header = property['x-mcp-header'];
    const own =
      typeof header === 'string' && header !== ''
        ? [{ path: at, header: `mcp-param-${header.toLowerCase()}` }]
        : [];
    return [...own, ...mirrored(property as JsonSchema, at)];
  });
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** As a client writes it; nothing for what cannot be written in a header. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function disagreement(header: string | string[] | undefined, value: string): string | undefined {
  if (header === undefined) return 'is missing';
  const written = (Array.isArray(header) ? header.join(', ') : header).replace(
    /^[ \t]+|[ \t]+$/g,
    '',
  );
  const decoded = decodeHeader(written);
  if (decoded === undefined) return 'is not Base64 of UTF-8 between "=?base64?" and "?="';
  if (decoded === value) return undefined;
  // 1.0 and 1 are one number, and clients write either.
  const isNumber = DECIMAL.test(decoded) && DECIMAL.test(value);
  return isNumber && Number(decoded) === Number(value) ? undefined : 'says something else';
}

const DECIMAL = /^-?\d+(\.\d+)?$/;
const ENCODED = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeHeader(text: string): string | undefined {
  const encoded = ENCODED.exec(text)?.[1];
  if (encoded === undefined) return text;
  if (!BASE64.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
