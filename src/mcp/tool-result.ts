import type { Outcome, ToolPlan } from '../plan/plan.ts';
import { renderParts } from './content.ts';
import { type Mask, type ToolResult, toToolResult } from './result.ts';

/** Violations of a published schema that are told; the rest would only make the answer long. */
const TOLD = 10;

/**
 * The result of one run of a tool: its answer, or the parts that it declares.
 * @throws GatewayError when a part cannot be made of what the steps gave
 */
export function resultOf(
  tool: ToolPlan,
  outcome: Outcome,
  mask: Mask,
  maxBinaryBytes?: number,
): ToolResult {
  const { content, checkStructured, definition } = tool;
  const typed = definition.outputSchema !== undefined && checkStructured === undefined;
  const gathered = outcome.kind === 'value' ? outcome.gathered : undefined;
  const result =
    content === undefined || gathered === undefined
      ? toToolResult(outcome, mask, {
          typed,
          ...(maxBinaryBytes === undefined ? {} : { maxBinaryBytes }),
        })
      : ofParts(renderParts(content, gathered), outcome, mask);
  return checkStructured === undefined ? result : fitting(result, checkStructured, mask);
}

/**
 * Clients show a model either the parts or the structured answer, so where there are both, one of the
 * parts is the structured answer as text.
 */
function ofParts(content: ToolResult['content'], outcome: Outcome, mask: Mask): ToolResult {
  if (outcome.kind !== 'value' || outcome.value === undefined) return { content };
  const whole = toToolResult(outcome, mask);
  const { structuredContent } = whole;
  if (structuredContent === undefined) return whole;
  const [text] = whole.content;
  const isSaid = content.some((part) => part.type === 'text' && isSame(part, text));
  return { content: isSaid ? content : [...content, ...whole.content], structuredContent };
}

const isSame = (part: object, text: object | undefined): boolean =>
  text !== undefined && 'text' in text && 'text' in part && part.text === text.text;

/**
 * A success that is not what the published schema says would be refused by the client as a whole, and
 * nobody would see it. As a failure it is shown, with all that came.
 */
function fitting(
  result: ToolResult,
  check: NonNullable<ToolPlan['checkStructured']>,
  mask: Mask,
): ToolResult {
  if (result.isError === true) return result;
  const { structuredContent, content } = result;
  const why =
    structuredContent === undefined
      ? ['there is no structured answer']
      : check(structuredContent).slice(0, TOLD);
  if (why.length === 0) return result;
  const text = mask(
    `UPSTREAM_UNUSABLE (502): The answer is not what the outputSchema of this tool says: ${why.join('; ')}. It follows as it came.`,
  );
  return { content: [{ type: 'text', text }, ...content], isError: true };
}
