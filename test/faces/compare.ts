import { isDeepStrictEqual } from 'node:util';
import type { ToolResult } from '../../src/mcp/result.ts';
import type { Answer } from './answers.ts';
import {
  type AskRest,
  askTool,
  type Reached,
  type RestAnswer,
  recordingUpstream,
} from './drive.ts';
import type { Pair } from './pairs.ts';
import { requestFor } from './request.ts';
import type { Given } from './values.ts';

/** What came of giving both faces the same. */
export type Verdict =
  /** HTTP cannot say these inputs, or they are another route's. */
  | { readonly kind: 'left out' }
  | { readonly kind: 'same'; readonly refused: boolean }
  | { readonly kind: 'different'; readonly what: string };

/** Gives both faces of an operation the same inputs and holds what they send and answer together. */
export async function compareFaces(
  { route, tool }: Pair,
  askRest: AskRest,
  given: Given,
  answers: readonly Answer[],
): Promise<Verdict> {
  const asked = requestFor(route, given);
  if (asked === undefined) return { kind: 'left out' };
  const ofRest = recordingUpstream(answers, route.operation.steps);
  const asking = askRest(route, asked, ofRest);
  if (asking === undefined) return { kind: 'left out' };
  const ofTool = recordingUpstream(answers, tool.operation.steps);
  const answer = await asking;
  const result = await askTool(tool, argumentsOf(tool.operation.inputs, given), ofTool);
  const what =
    differentRequests(ofRest.reached, ofTool.reached) ?? differentValues(answer, result, given);
  if (what !== undefined) return { kind: 'different', what };
  return { kind: 'same', refused: ofRest.reached.length === 0 && answer.status >= 400 };
}

/** Under the published name or the safe key, by turns: both are taken. */
export function argumentsOf(
  inputs: Pair['tool']['operation']['inputs'],
  given: Given,
): Record<string, unknown> {
  const known = inputs.filter(({ name }) => Object.hasOwn(given, name));
  return Object.fromEntries(
    known.map(({ name, key }, at) => [at % 2 === 0 ? key : name, given[name]]),
  );
}

function differentRequests(rest: readonly Reached[], tool: readonly Reached[]): string | undefined {
  if (isDeepStrictEqual(rest, tool)) return undefined;
  return `REST sent ${shown(rest)}\nMCP sent  ${shown(tool)}`;
}

/** Why what REST answered and what the tool gave are not the same; undefined when they are. */
export function differentValues(
  answer: RestAnswer,
  result: ToolResult,
  given: Given,
): string | undefined {
  const told = (what: string): string =>
    `${what}\nREST ${answer.status} ${answer.contentType} ${shown(answer.bytes.toString())}\nMCP  ${shown(result)}`;
  const problem = problemOf(answer);
  if (problem !== undefined) {
    return sameFailure(problem, result, given) ? undefined : told('REST failed in another way');
  }
  const [first] = result.content;
  const text = first?.type === 'text' ? first.text : undefined;
  if (answer.status >= 400) {
    const holds = result.isError === true && text?.includes(` answered ${answer.status}`) === true;
    if (!holds) return told('REST handed on a refusal');
    return text.includes(handedOn(answer)) ? undefined : told('the refusal says something else');
  }
  if (result.isError === true) return told('MCP failed alone');
  if (answer.bytes.length === 0)
    return text === 'null' || isStatus(result, answer) ? undefined : told('REST has no body');
  if (text === undefined) return sameBytes(answer, result) ? undefined : told('the bytes differ');
  if (text !== answer.bytes.toString('utf8')) return told('the values differ');
  return sameStructure(answer, result, text) ? undefined : told('structuredContent differs');
}

interface Problem {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly violations?: readonly { readonly input: string; readonly message: string }[];
}

function problemOf({ contentType, bytes }: RestAnswer): Problem | undefined {
  if (contentType !== 'application/problem+json') return undefined;
  return JSON.parse(bytes.toString('utf8')) as Problem;
}

/** The same code, status and inputs, for the same reasons; what REST reads is text, which may show. */
function sameFailure(
  { code, status, detail, violations }: Problem,
  result: ToolResult,
  given: Given,
): boolean {
  const [first] = result.content;
  const text = first?.type === 'text' ? first.text : '';
  if (result.isError !== true || !text.startsWith(`${code} (${status}): `)) return false;
  if (violations === undefined) return text.endsWith(`: ${detail}`);
  const reasons = (lines: readonly string[]): string[] =>
    lines
      .map((line) => (isNull(line, given) ? (line.split(':')[0] ?? '') : withoutValue(line)))
      .sort();
  const own = violations.map(({ input, message }) => `- ${input}: ${message}`);
  return isDeepStrictEqual(
    reasons(
      text
        .split('\n- ')
        .slice(1)
        .map((line) => `- ${line}`),
    ),
    reasons(own),
  );
}

/** What a null does wrong is that it is null for one face, and nothing for the other. */
const isNull = (line: string, given: Given): boolean =>
  Object.entries(given).some(([name, value]) => value === null && line.startsWith(`- ${name}: `));

const withoutValue = (reason: string): string => reason.replace(/, not .*/s, '');

const handedOn = ({ contentType = '', bytes }: RestAnswer): string =>
  contentType.startsWith('image/') && bytes.length > 0
    ? `${bytes.length} bytes of ${contentType}`
    : bytes.toString().slice(0, 3_000);

const isStatus = ({ structuredContent }: ToolResult, { status }: RestAnswer): boolean =>
  structuredContent?.status === status;

function sameBytes({ bytes }: RestAnswer, { content: [first] }: ToolResult): boolean {
  if (first === undefined || first.type === 'text' || first.type === 'resource_link') return false;
  if (first.type !== 'resource') return first.data === bytes.toString('base64');
  return 'blob' in first.resource && first.resource.blob === bytes.toString('base64');
}

function sameStructure(
  { contentType = '' }: RestAnswer,
  { structuredContent }: ToolResult,
  text: string,
): boolean {
  if (!contentType.includes('json')) return structuredContent === undefined;
  const value: unknown = JSON.parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isDeepStrictEqual(structuredContent, isObject ? value : { result: value });
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 1_500);
