import { type GatewayError, inputInvalid, toGatewayError, type Violation } from '../errors.ts';
import type {
  InputPlan,
  Outcome,
  PromptPlan,
  ResourcePlan,
  ToolDefinition,
  ToolPlan,
  Values,
} from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { acceptInputs } from '../runtime/input.ts';
import { didYouMean } from './nearest.ts';
import { createPromptCore, type PromptCore } from './prompts.ts';
import { createResourceCore, type ResourceCore, type ResourceOptions } from './resources.ts';
import { type Mask, type ToolResult, toErrorResult, toToolResult } from './result.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';

/** The tools of one MCP endpoint and how it presents itself. */
export interface McpToolset {
  readonly name: string;
  readonly title?: string;
  readonly version: string;
  readonly instructions?: string;
  /** In file order. Of two with one name the first is served. */
  readonly tools: readonly ToolPlan[];
  /** In file order. Of two with one URI the first is served. */
  readonly resources?: readonly ResourcePlan[];
  /** In file order. Of two with one name the first is served. */
  readonly prompts?: readonly PromptPlan[];
}

/**
 * Runs a tool's operation with the whole answer held in memory. `values` are accepted already:
 * coerced, checked, by input name.
 * @throws GatewayError
 */
export type ToolRunner = (
  tool: ToolPlan,
  values: Values,
  signal: AbortSignal,
  onItems?: OnItems,
) => Promise<Outcome>;

/** Told how many values of an answer that need not end have been collected. */
export type OnItems = (count: number) => void;

export interface ToolOptions
  extends Pick<ResourceOptions, 'readResource' | 'maxFileBytes' | 'maxBinaryBytes'> {
  readonly run: ToolRunner;
  /** Takes secrets out of every error text, upstream error bodies included. */
  readonly mask?: Mask;
  /**
   * Told of failures for the log: `error.cause` is there, and nothing else shows it. Without a tool
   * the failure lies in the endpoint itself.
   */
  readonly onFailure?: (error: GatewayError, tool?: string) => void;
}

/** The tools without any protocol: every SDK and every transport is served from this. */
export interface ToolCore {
  readonly toolset: McpToolset;
  list(): readonly ToolDefinition[];
  /**
   * Bad arguments and failed runs are results with `isError`.
   * @throws RpcError -32602 for a tool that is not listed.
   */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    onItems?: OnItems,
  ): Promise<ToolResult>;
  /** Absent when there are none. */
  readonly resources?: ResourceCore;
  /** Absent when there are none. */
  readonly prompts?: PromptCore;
}

export function createToolCore(toolset: McpToolset, options: ToolOptions): ToolCore {
  const { run, mask = (text) => text, onFailure, maxBinaryBytes } = options;
  const tools = new Map<string, ToolPlan>();
  for (const tool of toolset.tools) {
    if (!tools.has(tool.definition.name)) tools.set(tool.definition.name, tool);
  }
  const definitions = Object.freeze(Array.from(tools.values(), (tool) => tool.definition));
  const slotsByTool = new WeakMap<ToolPlan, Slots>();

  function slotsOf(tool: ToolPlan): Slots {
    const known = slotsByTool.get(tool);
    if (known !== undefined) return known;
    const slots = slotsFor(tool.operation.inputs);
    slotsByTool.set(tool, slots);
    return slots;
  }

  const { resources = [], prompts = [] } = toolset;
  return {
    toolset,
    ...(resources.length === 0 ? {} : { resources: createResourceCore(resources, options) }),
    ...(prompts.length === 0 ? {} : { prompts: createPromptCore(prompts, mask) }),
    list: () => definitions,
    async call(name, args, signal, onItems) {
      const tool = tools.get(name);
      if (tool === undefined) {
        const hint = didYouMean(name, tools.keys());
        throw new RpcError(INVALID_PARAMS, mask(`Unknown tool: ${JSON.stringify(name)}.${hint}`));
      }
      try {
        const values = acceptArguments(tool.operation.inputs, slotsOf(tool), args);
        const typed = tool.definition.outputSchema !== undefined;
        const outcome = await run(tool, values, signal, onItems);
        return toToolResult(
          outcome,
          mask,
          maxBinaryBytes === undefined ? { typed } : { typed, maxBinaryBytes },
        );
      } catch (thrown) {
        const error = toGatewayError(thrown);
        onFailure?.(error, name);
        return toErrorResult(error, mask);
      }
    },
  };
}

/** What an argument's key means: the published name of an input and its safe key both. */
type Slots = ReadonlyMap<string, InputPlan>;

function slotsFor(inputs: readonly InputPlan[]): Slots {
  const slots = new Map(inputs.map((input) => [input.key, input]));
  for (const input of inputs) {
    if (!slots.has(input.name)) slots.set(input.name, input);
  }
  return slots;
}

/** @throws GatewayError INPUT_INVALID with every violation: unknown, given twice, missing, wrong. */
function acceptArguments(
  inputs: readonly InputPlan[],
  slots: Slots,
  args: Readonly<Record<string, unknown>>,
): Values {
  const violations: Violation[] = [];
  const given = new Map<InputPlan, unknown>();
  const tooDeep = new Set<InputPlan>();
  for (const [key, value] of Object.entries(args)) {
    const input = slots.get(key);
    if (input === undefined) {
      const hint = didYouMean(key, slots.keys());
      violations.push({ input: key, message: `is not an input of this tool.${hint}` });
    } else if (given.has(input)) {
      const both = `${JSON.stringify(input.name)} and ${JSON.stringify(input.key)}`;
      violations.push({ input: key, message: `is given twice, as ${both}` });
    } else if (isDeeperThan(DEEPEST, value)) {
      tooDeep.add(input);
      violations.push({ input: key, message: `is nested deeper than ${DEEPEST} levels` });
    } else {
      given.set(input, value);
    }
  }
  const readable = tooDeep.size === 0 ? inputs : inputs.filter((input) => !tooDeep.has(input));
  const values = accepted(readable, given, violations);
  if (violations.length === 0) return values;
  throw inputInvalid(violations);
}

function accepted(
  inputs: readonly InputPlan[],
  given: ReadonlyMap<InputPlan, unknown>,
  violations: Violation[],
): Values {
  try {
    return acceptInputs(inputs, (input) => given.get(input));
  } catch (thrown) {
    const { code, details } = toGatewayError(thrown);
    if (code !== 'INPUT_INVALID' || details.violations === undefined) throw thrown;
    // Keeps from the caller where REST would look for the input: a tool has arguments only.
    violations.push(...details.violations.map(({ input, message }) => ({ input, message })));
    return {};
  }
}
