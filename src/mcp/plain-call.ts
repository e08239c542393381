import { toGatewayError } from '../errors.ts';
import type { Asking } from '../plan/dialogue.ts';
import type { Outcome, ToolPlan } from '../plan/plan.ts';
import { argumentsOf } from './arguments.ts';
import type { RunContext } from './conversation.ts';
import { type Chosen, takeFields } from './fields.ts';
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
) => Promise<Finished>;

type Paths = Chosen['paths'];
type Finished = ToolResult | WrittenResult;
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

  function failed(thrown: unknown, name: string): Promise<ToolResult> {
    const error = toGatewayError(thrown);
    onFailure?.(error, name);
    return shapeResult(toErrorResult(error, mask), tool, maxAnswer);
  }

  async function shaped(outcome: Outcome, paths: Paths): Promise<ToolResult> {
    const whole = resultOf(tool, outcome, mask, maxBinaryBytes);
    return await shapeResult(whole, tool, maxAnswer, paths);
  }

  /** Promises cost most of a small call, so there is none but that of the run. */
  return function call(name, args, context) {
    let paths: Paths;
    const fail = (thrown: unknown): Promise<ToolResult> => failed(thrown, name);
    const finish = (outcome: Outcome | Asking): Finished | Promise<Finished> => {
      try {
        if (outcome.kind === 'ask') throw new TypeError('A run asked, but nobody can be asked.');
        const written = paths === undefined ? write(outcome) : undefined;
        return written ?? shaped(outcome, paths).catch(fail);
      } catch (thrown) {
        return fail(thrown);
      }
    };
    try {
      const own: Chosen = fields === undefined ? { args } : takeFields(args, fields);
      paths = own.paths;
      return run(tool, accept(own.args), context).then(finish, fail);
    } catch (thrown) {
      return fail(thrown);
    }
  };
}
