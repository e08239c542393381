import { isUtf8 } from 'node:buffer';
import { kindOfJson } from '../json-scan.ts';
import type { AnswerLimit } from '../plan/answer-limit.ts';
import type { Json, Outcome, ToolPlan } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { isJsonType, readMediaType } from './media.ts';

export interface WrittenResult {
  /** As JSON text, without braces. */
  readonly members: string;
  /** Each character stands for a byte of UTF-8. */
  readonly isBytes: boolean;
}

/**
 * Writes a successful result; undefined for an outcome that needs more
 * thought: one that is no JSON, too long or too deep, or not what the tool promises.
 */
export type WriteResult = (outcome: Outcome) => WrittenResult | undefined;

export function createResultWriter(tool: ToolPlan, limit: AnswerLimit = {}): WriteResult {
  const { content, checkStructured } = tool;
  const { characters, tokens } = { ...limit, ...tool.maxAnswer };
  if (content !== undefined || tokens) return () => undefined;
  const longest = characters || Number.POSITIVE_INFINITY;
  const isJson = createTypeCheck();

  function written(text: string, value: Json): string | undefined {
    if (text.length > longest || isTooDeep(text, value)) return undefined;
    if (checkStructured !== undefined && checkStructured(structured(value)).length > 0) {
      return undefined;
    }
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return members(text, isOneLine(text) ? text : JSON.stringify(value), isObject);
  }

  /**
   * Of JSON that nobody has to look into, neither its values, which are most of what reading it costs,
   * nor its letters: all that is escaped in JSON is ASCII, so its bytes may stand for them.
   */
  function unread(bytes: Buffer): string | undefined {
    if (checkStructured !== undefined || bytes.length > longest || !isOneLine(bytes)) {
      return undefined;
    }
    const kind = kindOfJson(bytes);
    if (kind === undefined) return undefined;
    const text = bytes.toString('latin1');
    return members(text, text, kind === 'object');
  }

  return function write(outcome) {
    if (outcome.kind === 'value') {
      if (outcome.value === undefined || outcome.meta !== undefined) return undefined;
      const text = textOfValue(outcome.value);
      return text === undefined ? undefined : asText(written(text, outcome.value));
    }
    const { response, step } = outcome;
    const { body, status, headers } = response;
    if (status < 200 || status > 299 || step.method === 'HEAD' || step.format === 'binary') {
      return undefined;
    }
    if (!Buffer.isBuffer(body) || body.length === 0 || !isJson(headers)) return undefined;
    if (body[0] === BYTE_ORDER_MARK || !isUtf8(body)) return undefined;
    const soon = unread(body);
    if (soon !== undefined) return { members: soon, isBytes: true };
    const text = body.toString();
    const value = parsed(text);
    return value === undefined ? undefined : asText(written(text, value));
  };
}

const asText = (members: string | undefined): WrittenResult | undefined =>
  members === undefined ? undefined : { members, isBytes: false };

/** An event ends with its line, so that line ends in what came have to go. */
const isOneLine = (text: string | Buffer): boolean => !text.includes('\n') && !text.includes('\r');

/** @param bare the same JSON on one line */
function members(text: string, bare: string, isObject: boolean): string {
  const wrapped = isObject ? bare : `{"result":${bare}}`;
  return `"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${wrapped}`;
}

const structured = (value: Json): { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : { result: value };

/** What an upstream says of its answers is nearly always the same. */
function createTypeCheck(): (headers: readonly string[]) => boolean {
  let known: string | undefined;
  let answer = false;
  return function isJson(headers) {
    for (let at = 0; at < headers.length; at += 2) {
      if (headers[at] !== 'content-type') continue;
      const header = headers[at + 1] as string;
      if (header !== known) {
        const { essence, charset = 'utf-8' } = readMediaType(header);
        answer = isJsonType(essence) && /^utf-?8$/.test(charset);
        known = header;
      }
      return answer;
    }
    return false;
  };
}

const BYTE_ORDER_MARK = 0xef;

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function textOfValue(value: Json): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // Too deep for the stack.
    return undefined;
  }
}

/** A text with few brackets is not deep, and that is seen much sooner. */
function isTooDeep(text: string, value: Json): boolean {
  let left = DEEPEST;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return isDeeperThan(DEEPEST, value);
    }
  }
  return false;
}
