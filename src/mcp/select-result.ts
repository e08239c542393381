import { isRecord } from '../json.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { readAnswer, withText } from './answer-texts.ts';
import { selectFields } from './fields.ts';
import { valueOfTree, writeTree } from './json-tree.ts';
import type { ToolResult } from './result.ts';

/** A result with the chosen fields alone, and what was chosen in vain. */
export interface Selection {
  readonly result: ToolResult;
  readonly unknown: readonly string[];
  readonly unselectable: boolean;
}

/** Leaves of a result that is JSON what the paths name; another one stays as it is. */
export function selectInResult(result: ToolResult, paths: readonly string[]): Selection {
  const { content, structuredContent } = result;
  const { trees, saying: same } = readAnswer(result);
  const saying =
    structuredContent === undefined ? trees.findIndex((tree) => typeof tree === 'object') : same;
  const tree = trees[saying];
  if (typeof tree !== 'object' || tree === null) return { result, unknown: [], unselectable: true };
  const { tree: kept, unknown } = selectFields(tree, paths);
  const isDeep = isDeeperThan(DEEPEST, kept);
  const parts = content.map((part, at) =>
    at !== saying || isDeep ? part : withText(part, writeTree(kept)),
  );
  if (structuredContent === undefined || isDeep) {
    return { result: { ...result, content: parts }, unknown, unselectable: isDeep };
  }
  const value = valueOfTree(kept);
  const structured = isRecord(value) ? value : { result: value };
  return {
    result: { ...result, content: parts, structuredContent: structured },
    unknown,
    unselectable: false,
  };
}
