import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { readTree, treeOfKnown, valueOfTree } from './json-tree.ts';
import type { ToolResult } from './result.ts';

type Part = ToolResult['content'][number];

/** The text of a part, also of a resource that it holds; bytes are limited elsewhere. */
export function textOf(part: Part): string | undefined {
  if (part.type === 'text') return part.text;
  return part.type === 'resource' && 'text' in part.resource ? part.resource.text : undefined;
}

export function withText(part: Part, text: string): Part {
  if (part.type === 'text') return { ...part, text };
  if (part.type !== 'resource') return part;
  const { uri, mimeType } = part.resource;
  return {
    ...part,
    resource: { uri, ...(mimeType === undefined ? {} : { mimeType }), text },
  } as Part;
}

/** The texts of a result by the place of their parts, and what they hold. */
export interface AnswerTexts {
  readonly texts: readonly (string | undefined)[];
  /** Of texts that are a list, object or string in JSON. */
  readonly trees: readonly (Json | undefined)[];
  /** Place of the text that says what structured content says; -1 when none of the trees does. */
  readonly saying: number;
}

export function readAnswer({ content, structuredContent }: ToolResult): AnswerTexts {
  const texts = content.map(textOf);
  const places = texts.flatMap((text, at) => (text === undefined ? [] : [at]));
  const [only = -1] = places;
  const known =
    places.length === 1 ? knownTree(texts[only] as string, structuredContent) : undefined;
  if (known !== undefined) {
    return { texts, trees: texts.map((_, at) => (at === only ? known : undefined)), saying: only };
  }
  const trees = texts.map((text) => (text === undefined ? undefined : readContainer(text)));
  if (structuredContent === undefined) return { texts, trees, saying: -1 };
  const whole = JSON.stringify(structuredContent);
  const wrapped = JSON.stringify(unwrapped(structuredContent));
  const saying = trees.findIndex((tree) => {
    if (tree === undefined || isDeeperThan(DEEPEST, tree)) return false;
    return JSON.stringify(valueOfTree(tree)) === (isRecord(tree) ? whole : wrapped);
  });
  return { texts, trees, saying };
}

/** The only text of a result is JSON of its structured content: no need to read it again. */
function knownTree(text: string, structured: ToolResult['structuredContent']): Json | undefined {
  if (structured === undefined) return undefined;
  const [first] = text.trimStart();
  if (first === '{') return treeOfKnown(text, structured);
  const value = unwrapped(structured);
  const fits = first === '[' ? Array.isArray(value) : first === '"' && typeof value === 'string';
  return fits && value !== undefined ? treeOfKnown(text, value) : undefined;
}

/** What stands under `result`, if nothing stands beside it. */
const unwrapped = (structured: { readonly [key: string]: Json }): Json | undefined =>
  Object.keys(structured).length === 1 ? structured.result : undefined;

/** A list, object or string in JSON; a text that is none is a text. */
function readContainer(text: string): Json | undefined {
  const [first = ' '] = text.trimStart();
  return '{["'.includes(first) ? readTree(text) : undefined;
}
