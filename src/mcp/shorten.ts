import { isRecord } from '../json.ts';
import type { AnswerLimit } from '../plan/answer-limit.ts';
import type { ToolPlan } from '../plan/plan.ts';
import { DEEPEST } from '../runtime/depth.ts';
import { readAnswer, textOf, withText } from './answer-texts.ts';
import { type Cut, fitTree, levelOf } from './json-fit.ts';
import { sizeOf, valueOfTree, writeTree } from './json-tree.ts';
import type { ToolResult } from './result.ts';
import { surelySatisfies } from './satisfies.ts';
import { selectInResult } from './select-result.ts';
import { LEAST_NOTE, metaOf, narrowingInputs, noteOf, type Told } from './shorten-note.ts';
import { codePointEnd, type TokenCounter, tokenCounter } from './tokens.ts';

/** What a note takes at most, and what part of a limit. */
const LONGEST_NOTE = 1_200;
const NOTE_SHARE = 3;
/** Less than that is not worth an attempt. */
const LEAST_ATTEMPT = 3 * LEAST_NOTE.length;
/** Attempts at a token limit before the bound that holds for every text is taken. */
const ATTEMPTS = 6;
/** No text has more tokens than bytes, and no character more bytes than this. */
const TOKENS_A_CHARACTER = 3;

/**
 * What a caller gets of a result: the fields it chose, within the limit of the tool. A text that is JSON
 * stays JSON, structured content says the same, and what is missing is told in a last text and in `_meta`.
 * @param limit what counts where the tool says nothing; 0 is no limit
 */
export async function shapeResult(
  result: ToolResult,
  tool: ToolPlan,
  limit: AnswerLimit = {},
  paths?: readonly string[],
): Promise<ToolResult> {
  const limits = { ...limit, ...tool.maxAnswer };
  const counter = limits.tokens ? await tokenCounter() : undefined;
  const chosen =
    paths === undefined || result.isError === true ? undefined : selectInResult(result, paths);
  if (chosen === undefined && isWithin(result, limits, counter)) return result;
  const whole = chosen?.result ?? result;
  const told: Told = {
    cuts: [],
    unstructured: false,
    characters: total(whole.content.map(textOf)),
    limit: limits,
    narrowing: narrowingInputs(tool.operation.inputs),
    fields: tool.fields,
    unknown: chosen?.unknown ?? [],
    unselectable: chosen?.unselectable ?? false,
  };
  const chosenWhole = finished(whole, tool, told, LONGEST_NOTE, result);
  if (isWithin(chosenWhole, limits, counter)) return chosenWhole;
  return shortened(whole, tool, told, counter, result);
}

interface Fitting {
  /** What is left of a result when its texts have `budget` characters together. */
  fit(budget: number): { readonly result: ToolResult; readonly cuts: readonly Cut[] };
  /** Whether the texts have no more once the blanks in JSON are gone. */
  holds(budget: number): boolean;
}

function shortened(
  whole: ToolResult,
  tool: ToolPlan,
  told: Told,
  counter: TokenCounter | undefined,
  given: ToolResult,
): ToolResult {
  const { limit } = told;
  const { fit, holds } = fitting(whole);
  const isChosen = told.unknown.length > 0 || told.unselectable;
  const attempt = (most: number, room: number): ToolResult => {
    // What fits once its blanks are gone needs no note.
    const bare = isChosen || !holds(most) ? undefined : fit(most);
    const { result, cuts } = bare?.cuts.length === 0 ? bare : fit(most - room);
    return finished(result, tool, { ...told, cuts }, room, given);
  };
  const roomIn = (most: number): number => Math.min(LONGEST_NOTE, Math.floor(most / NOTE_SHARE));
  const exceeds = (result: ToolResult): number | undefined => {
    const texts = result.content.map((part) => textOf(part) ?? '');
    return counter?.exceedsAt(texts, limit.tokens || Number.POSITIVE_INFINITY);
  };
  // Without blanks there is room for more of what was sent than up to where the limit was passed.
  const passed = 2 * (exceeds(whole) ?? told.characters) + LONGEST_NOTE;
  let most = Math.min(limit.characters || passed, passed);
  for (let count = 0; count < ATTEMPTS && most >= LEAST_ATTEMPT; count += 1) {
    const result = attempt(most, roomIn(most));
    const end = exceeds(result);
    if (end === undefined) return result;
    const length = total(result.content.map(textOf));
    most = Math.floor(Math.min(most * 0.9, (most * end) / length) * 0.98);
  }
  const surely = Math.floor((limit.tokens ?? 0) / TOKENS_A_CHARACTER);
  return attempt(Math.min(limit.characters || surely, surely), LEAST_NOTE.length);
}

/** The result with its note; without structured content where that is not what was promised. */
function finished(
  result: ToolResult,
  tool: ToolPlan,
  told: Told,
  room: number,
  given: ToolResult,
): ToolResult {
  const { structuredContent, ...rest } = result;
  const { definition, checkStructured } = tool;
  const fits =
    result.isError === true ||
    structuredContent === given.structuredContent ||
    definition.outputSchema === undefined ||
    (structuredContent !== undefined &&
      (checkStructured?.(structuredContent).length === 0 ||
        surelySatisfies(definition.outputSchema, structuredContent)));
  const all = { ...told, unstructured: !fits };
  const note = noteOf(all, room);
  const meta = metaOf(all);
  return {
    ...(fits ? result : { ...rest, isError: true }),
    content: note === '' ? result.content : [...result.content, { type: 'text', text: note }],
    ...(Object.keys(meta).length === 0 ? {} : { _meta: { ...result._meta, ...meta } }),
  };
}

/** Each text by its kind, read once; the cutting is done as often as a token limit needs it. */
function fitting(whole: ToolResult): Fitting {
  const { content, structuredContent } = whole;
  const { texts, trees, saying } = readAnswer(whole);
  const sizes = texts.map((text) => text?.length ?? 0);
  const wraps = !isRecord(trees[saying]);
  const holds = (budget: number): boolean => {
    const bare = sizes.map((size, at) => {
      const tree = trees[at];
      return tree === undefined ? size : sizeOf(tree, budget, DEEPEST - 1);
    });
    return bare.reduce((sum, size) => sum + size, 0) <= budget;
  };
  const fit: Fitting['fit'] = (budget) => {
    const single = texts.filter((text) => text !== undefined).length === 1;
    const share = single ? budget : levelOf(sizes, [], budget);
    const cuts: Cut[] = [];
    let structured = structuredContent;
    const parts = content.map((part, at) => {
      const text = texts[at];
      const tree = trees[at];
      const isSaying = at === saying;
      if (text === undefined) return part;
      if (text.length <= share && (tree === undefined || !(single || isSaying))) return part;
      if (tree === undefined) {
        const cut = cutText(text, share);
        cuts.push({ path: '', kind: 'text', kept: cut.length, of: text.length, places: 1 });
        return withText(part, cut);
      }
      const fitted = fitTree(tree, isSaying && wraps ? share - WRAPPING : share);
      const kept = fitted.tree ?? null;
      cuts.push(...fitted.cuts);
      if (isSaying && fitted.cuts.length > 0) {
        const value = valueOfTree(kept);
        structured = wraps || !isRecord(value) ? { result: value } : value;
      }
      return withText(part, writeTree(kept));
    });
    if (saying === -1 && structuredContent !== undefined) {
      const fitted = fitTree(structuredContent, budget);
      structured = isRecord(fitted.tree) ? fitted.tree : {};
      cuts.push(...fitted.cuts);
    }
    const result = { ...whole, content: parts };
    return {
      result: structured === undefined ? result : { ...result, structuredContent: structured },
      cuts,
    };
  };
  return { fit, holds };
}

/** `{"result":}`, around what is no object. */
const WRAPPING = 11;

/** The first `budget` characters, up to the end of a line where one is near, or of a code point. */
function cutText(text: string, budget: number): string {
  const end = codePointEnd(text, Math.max(0, budget));
  const line = text.lastIndexOf('\n', end - 1);
  return text.slice(0, line > end * 0.8 ? line + 1 : end);
}

function isWithin(
  { content }: ToolResult,
  { characters, tokens }: AnswerLimit,
  counter: TokenCounter | undefined,
): boolean {
  const texts = content.map((part) => textOf(part) ?? '');
  if (characters && total(texts) > characters) return false;
  return !tokens || counter?.exceedsAt(texts, tokens) === undefined;
}

const total = (texts: readonly (string | undefined)[]): number =>
  texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
