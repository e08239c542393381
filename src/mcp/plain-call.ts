import { toGatewayError } from '../errors.ts';
import type { ToolPlan } from '../plan/plan.ts';
import { argumentsOf } from './arguments.ts';
import type { RunContext } from './conversation.ts';
import { takeFields } from './fields.ts';
import { type ToolResult, toErrorResult } from './result.ts';
import { shapeResult } from './shorten.ts';
import { resultOf } from './tool-result.ts';
import type { ToolOptions } from './tools.ts';
import { createResultWriter, type WrittenResult } from './written-result.ts';

/**
 * A call by somebody who hears nothing on the way and cannot be asked. Gives the result, as
 * text where it could be written at once. Never rejects.
 * @param name as the caller says it
 */
export type PlainCall = (
  name: string,
  args: Readonly<Record<string, unknown>>,
  context: PlainContext,
) => Promise<ToolResult | WrittenResult>;

type PlainContext = Pick<RunContext, 'signal' | 'account'>;

/** The call of a tool; undefined for one that may ask its caller something. */
export function createPlainCall(
  tool: ToolPlan,
  { run, mask = (text) => text, onFailure, maxAnswer, maxBinaryBytes }: ToolOptions,
): PlainCall | undefined {
  const { fields, operation } = tool;
  if (operation.chain?.some(({ step }) => step.kind === 'ask')) return undefined;
  const accept = argumentsOf(tool);
  const write = createResultWriter(tool, maxAnswer);
  return async function call(name, args, context) {
    try {
      const own = fields === undefined ? { args } : takeFields(args, fields);
      const outcome = await run(tool, accept(own.args), context);
      if (outcome.kind === 'ask') throw new TypeError('A run asked, but nobody can be asked.');
      const written = own.paths === undefined ? write(outcome) : undefined;
      if (written !== undefined) return written;
      const whole = resultOf(tool, outcome, mask, maxBinaryBytes);
      return await shapeResult(whole, tool, maxAnswer, own.paths);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      onFailure?.(error, name);
      return shapeResult(toErrorResult(error, mask), tool, maxAnswer);
    }
  };
}
