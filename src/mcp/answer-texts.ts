import type { Json } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { readTree, valueOfTree } from './json-tree.ts';
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

/** The text that says what structured content says; -1 when none does. */
export function sayingSame(
  trees: readonly (Json | undefined)[],
  texts: readonly (string | undefined)[],
  structured: { readonly [key: string]: Json },
): number {
  const whole = JSON.stringify(structured);
  const isWrapped = Object.keys(structured).length === 1 && structured.result !== undefined;
  const only = isWrapped ? JSON.stringify(structured.result) : undefined;
  return trees.findIndex((tree, at) => {
    const value = treeValue(tree);
    const said = value === undefined ? texts[at] : JSON.stringify(value);
    return said !== undefined && (said === whole || said === only);
  });
}

export const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export const treeValue = (tree: Json | undefined): Json | undefined =>
  tree === undefined || isDeeperThan(DEEPEST, tree) ? undefined : valueOfTree(tree);

/** An object, array or string in JSON; a text that is none is a text. */
export function readContainer(text: string): Json | undefined {
  const [first = ''] = text.trimStart();
  const tree = '{["'.includes(first) && first !== '' ? readTree(text) : undefined;
  return tree === undefined || typeof tree === 'object' || typeof tree === 'string'
    ? (tree ?? undefined)
    : undefined;
}

export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
