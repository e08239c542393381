import { STATUS_CODES } from 'node:http';
import { ERRORS, type ErrorCode, GatewayError } from '../errors.ts';
import { headerOf } from '../flat-headers.ts';
import { isRecord } from '../json.ts';
import type { CallStep, Json, Outcome, UpstreamResponse } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { DEFAULT_BINARY_LIMIT, encodeBinary } from './binary.ts';
import type { ContentPart } from './content.ts';
import {
  decodeText,
  decodeUtf8Strictly,
  isJsonType,
  isTextType,
  type MediaType,
  readMediaType,
} from './media.ts';
import { typeOfBytes } from './media-type.ts';

/** What `tools/call` answers, in every revision of the protocol. */
export type ToolResult = {
  readonly content: readonly ContentPart[];
  readonly structuredContent?: { readonly [key: string]: Json };
  readonly isError?: true;
  /** What programs may know beside it; nothing of it is part of the answer. */
  readonly _meta?: { readonly [key: string]: Json };
};

/** Takes secrets out of a text that leaves the process. */
export type Mask = (text: string) => string;

/** Characters of an upstream's error body that are handed on. */
const ERROR_BODY_LIMIT = 4_000;

export interface ResultOptions {
  /** The tool has an `outputSchema`: each success is a value, and nothing is null. */
  readonly typed?: boolean;
  /** Bytes that binary content may have; 10 MiB when absent. */
  readonly maxBinaryBytes?: number;
}

/** An outcome as a tool result. Never throws for what an upstream sent. */
export function toToolResult(
  outcome: Outcome,
  mask: Mask,
  { typed = false, maxBinaryBytes = DEFAULT_BINARY_LIMIT }: ResultOptions = {},
): ToolResult {
  if (outcome.kind === 'value') {
    const { value = typed ? null : undefined, status, meta } = outcome;
    if (value === undefined) return statusResult(status, {});
    if (isDeeperThan(DEEPEST, value)) return tooDeep(mask);
    const result = jsonResult(JSON.stringify(value), value);
    return meta === undefined || isDeeperThan(DEEPEST, meta) ? result : { ...result, _meta: meta };
  }
  const { response, step } = outcome;
  const { status } = response;
  const body = heldBody(response);
  if (status >= 400) return refusedByUpstream(response, body, step, mask);
  if (typed && (status === 304 || (status < 300 && body.length === 0))) {
    return jsonResult('null', null);
  }
  if (status === 304) return statusResult(status, picked(response, HEAD_HEADERS));
  if (status >= 300) return redirected(response, step, mask);
  if (step.method === 'HEAD') return statusResult(status, picked(response, HEAD_HEADERS));
  if (body.length === 0) return statusResult(status, picked(response, EMPTY_HEADERS));
  const media = readMediaType(headerOf(response.headers, 'content-type'));
  return bodyResult(body, media, step, mask, maxBinaryBytes);
}

/** A failure of the gateway as a tool result that an agent can act on; no stack, no secret. */
export function toErrorResult(error: GatewayError, mask: Mask): ToolResult {
  const { violations } = error.details;
  const reasons =
    violations === undefined || violations.length === 0
      ? error.message
      : [
          `${ERRORS[error.code].title}:`,
          ...violations.map(({ input, message }) => `- ${input}: ${message}`),
        ].join('\n');
  return failure(error.code, error.status, reasons, mask);
}

function bodyResult(
  body: Buffer,
  media: MediaType,
  step: CallStep,
  mask: Mask,
  limit: number,
): ToolResult {
  const { essence, charset } = media;
  if (step.format === 'binary') {
    return binaryResult(body, essence, step, mask, limit);
  }
  if (isJsonType(essence)) {
    const text = decodeText(body, charset);
    const value = parsed(text);
    if (value !== undefined) return jsonResult(text, value);
    return failure(
      'UPSTREAM_UNUSABLE',
      502,
      `${step.target} answered with the content type ${essence}, but its body is not JSON. It begins: ${JSON.stringify(shortened(mask(text), 200))}`,
      mask,
    );
  }
  if (isTextType(essence)) return textResult(decodeText(body, charset));
  if (essence === '' || (essence === OCTETS && TEXT_FORMATS.has(step.format))) {
    const text = decodeUtf8Strictly(body);
    const value = text === undefined ? undefined : parsed(text);
    if (text !== undefined) return value === undefined ? textResult(text) : jsonResult(text, value);
  }
  return binaryResult(body, essence, step, mask, limit);
}

const OCTETS = 'application/octet-stream';

/** Declared to be text, whatever the upstream says of its bytes. */
const TEXT_FORMATS: ReadonlySet<string> = new Set(
  'xml yaml csv tsv psv html markdown text'.split(' '),
);

function binaryResult(
  body: Buffer,
  essence: string,
  step: CallStep,
  mask: Mask,
  limit: number,
): ToolResult {
  const mimeType = typeOfBytes(body, essence);
  try {
    const data = encodeBinary(body, mimeType, step.target, limit);
    return { content: [binaryContent(data, mimeType, step)] };
  } catch (thrown) {
    if (thrown instanceof GatewayError) return toErrorResult(thrown, mask);
    throw thrown;
  }
}

function binaryContent(data: string, mimeType: string, step: CallStep): ContentPart {
  if (mimeType.startsWith('image/')) return { type: 'image', data, mimeType };
  if (mimeType.startsWith('audio/')) return { type: 'audio', data, mimeType };
  const uri = `naftiko:${encodeURIComponent(step.target)}`;
  return { type: 'resource', resource: { uri, mimeType, blob: data } };
}

function jsonResult(text: string, value: Json): ToolResult {
  const content = [{ type: 'text', text }] as const;
  if (isDeeperThan(DEEPEST, value)) return { content };
  const structuredContent = isRecord(value) ? value : { result: value };
  return { content, structuredContent };
}

function statusResult(status: number, headers: Readonly<Record<string, string>>): ToolResult {
  const value = Object.keys(headers).length === 0 ? { status } : { status, headers };
  return jsonResult(JSON.stringify(value), value);
}

const textResult = (text: string): ToolResult => ({ content: [{ type: 'text', text }] });

const HEAD_HEADERS = ['content-type', 'content-length', 'etag', 'last-modified', 'location'];
const EMPTY_HEADERS = ['etag', 'last-modified', 'location', 'retry-after'];

function picked(
  response: UpstreamResponse,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = headerOf(response.headers, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function refusedByUpstream(
  response: UpstreamResponse,
  body: Buffer,
  step: CallStep,
  mask: Mask,
): ToolResult {
  const retryAfter = headerOf(response.headers, 'retry-after');
  const lines = [`${step.target} answered ${statusLine(response.status)}.`];
  if (retryAfter !== undefined) lines.push(`Retry-After: ${retryAfter}`);
  if (step.method !== 'HEAD') lines.push('', errorBody(response, body, mask));
  return failed(mask(lines.join('\n')));
}

function redirected(response: UpstreamResponse, step: CallStep, mask: Mask): ToolResult {
  const location = headerOf(response.headers, 'location');
  const where = location === undefined ? '' : ` to ${location}`;
  return failed(
    mask(
      `${step.target} answered ${statusLine(response.status)}, a redirect${where} that was not followed.`,
    ),
  );
}

/** Masked before it is cut, so that no half of a secret stays at the end. */
function errorBody(response: UpstreamResponse, body: Buffer, mask: Mask): string {
  if (body.length === 0) return 'Its answer has no body.';
  const { essence, charset } = readMediaType(headerOf(response.headers, 'content-type'));
  const text =
    isJsonType(essence) || isTextType(essence)
      ? decodeText(body, charset)
      : decodeUtf8Strictly(body);
  if (text === undefined)
    return `Its body is ${body.length} bytes of ${essence || 'no declared type'}, left out here.`;
  return shortened(mask(text), ERROR_BODY_LIMIT);
}

/** At most `limit` characters, cut between code points, saying how much is left out. */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const code = text.charCodeAt(limit - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
  return `${text.slice(0, end)}… (shortened: ${text.length - end} of ${text.length} characters left out)`;
}

const tooDeep = (mask: Mask): ToolResult =>
  failure(
    'UPSTREAM_UNUSABLE',
    502,
    `The value of this tool is nested deeper than ${DEEPEST} levels.`,
    mask,
  );

const failure = (code: ErrorCode, status: number, message: string, mask: Mask): ToolResult =>
  failed(mask(`${code} (${status}): ${message}`));

const failed = (text: string): ToolResult => ({ content: [{ type: 'text', text }], isError: true });

const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();

function heldBody({ body }: UpstreamResponse): Buffer {
  if (Buffer.isBuffer(body)) return body;
  body.destroy();
  throw new TypeError('A tool needs its answer whole; it was run without hold.');
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
