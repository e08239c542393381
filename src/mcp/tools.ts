import { type GatewayError, inputInvalid, toGatewayError, type Violation } from '../errors.ts';
import type { AnswerLimit } from '../plan/answer-limit.ts';
import type { Asking } from '../plan/dialogue.ts';
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
import { requireAskable } from './capabilities.ts';
import { TOLD, takeChecked } from './checked-arguments.ts';
import { type CompletionOptions, createCompletions } from './completions.ts';
import type {
  CallContext,
  Complete,
  InputRequired,
  Rounds,
  RunContext,
  Subject,
} from './conversation.ts';
import { createEvents, type McpEvents } from './events.ts';
import { type Chosen, takeFields } from './fields.ts';
import { didYouMean } from './nearest.ts';
import { reporting } from './progress.ts';
import { createPromptCore, type PromptCore, type PromptOptions } from './prompts.ts';
import { createResourceCore, type ResourceCore, type ResourceOptions } from './resources.ts';
import { type Mask, type ToolResult, toErrorResult } from './result.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';
import { createDemands, type Demands } from './scopes.ts';
import { shapeResult } from './shorten.ts';
import { resultOf } from './tool-result.ts';

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
 * coerced, checked, by input name. It asks only where `context` has a dialogue.
 * @throws GatewayError
 */
export type ToolRunner = (
  tool: ToolPlan,
  values: Values,
  context: RunContext,
) => Promise<Outcome | Asking>;

export interface ToolOptions
  extends Pick<ResourceOptions, 'readResource' | 'maxFileBytes' | 'maxBinaryBytes'>,
    Pick<PromptOptions, 'runPrompt'>,
    Pick<CompletionOptions, 'runCompletion'> {
  readonly run: ToolRunner;
  /** Without it nobody is asked anything. */
  readonly rounds?: Rounds;
  /** In place of what prompts and resource templates declare. */
  readonly complete?: Complete;
  /** Where changes are told; nothing ever changes when absent. */
  readonly events?: McpEvents;
  /** Whether the lists can change while they are served; not when absent. */
  readonly changes?: boolean;
  /** Entries on a page of a list; one page holds them all when absent. */
  readonly pageSize?: number;
  /** What a tool's answer may have where the tool does not say; no limit when absent. */
  readonly maxAnswer?: AnswerLimit;
  /** Takes secrets out of every error text, upstream error bodies included. */
  readonly mask?: Mask;
  /**
   * The place for what watches or bounds calls. Asked once for an endpoint; it hands back the function
   * itself where it has nothing to do there.
   */
  readonly aroundCall?: (call: ToolCore['call'], toolset: McpToolset) => ToolCore['call'];
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
  /** The tool that a call of this name runs. */
  named(name: string): ToolDefinition | undefined;
  /** Scopes that a request needs, of those that not all requests need. */
  readonly demands: Demands;
  /**
   * Bad arguments and failed runs are results with `isError`.
   * @throws RpcError -32602 for a name that is neither listed nor published of one tool, or a state that is not of this call.
   */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: CallContext,
  ): Promise<ToolResult | InputRequired>;
  readonly resources: ResourceCore;
  readonly prompts: PromptCore;
  readonly complete: Complete;
  readonly events: McpEvents;
  readonly pageSize: number | undefined;
  /** Whether the lists can change while they are served. */
  readonly changes: boolean;
}

export function createToolCore(toolset: McpToolset, options: ToolOptions): ToolCore {
  const { run, rounds, mask = (text) => text, onFailure, maxBinaryBytes } = options;
  const tools = new Map<string, ToolPlan>();
  for (const tool of toolset.tools) {
    if (!tools.has(tool.definition.name)) tools.set(tool.definition.name, tool);
  }
  const published = byPublishedName(tools.values());
  const definitions = Object.freeze(Array.from(tools.values(), (tool) => tool.definition));
  const slotsByTool = new WeakMap<ToolPlan, Slots>();

  function slotsOf(tool: ToolPlan): Slots {
    const known = slotsByTool.get(tool);
    if (known !== undefined) return known;
    const slots = slotsFor(tool.operation.inputs);
    slotsByTool.set(tool, slots);
    return slots;
  }

  /** By its listed name, or by the published one where it tells one tool from all others. */
  function find(name: string): ToolPlan | undefined {
    const listed = tools.get(name);
    if (listed !== undefined) return listed;
    const [tool, ...others] = published.get(name) ?? [];
    return others.length === 0 ? tool : undefined;
  }

  const { resources = [], prompts = [] } = toolset;
  const core: ToolCore = {
    toolset,
    resources: createResourceCore(resources, options),
    prompts: createPromptCore(toolset.name, prompts, options),
    complete: options.complete ?? createCompletions(prompts, resources, options),
    events: options.events ?? createEvents(),
    pageSize: options.pageSize,
    changes: options.changes ?? false,
    list: () => definitions,
    named: (name) => find(name)?.definition,
    demands: createDemands(toolset, find),
    async call(name, args, context) {
      const tool = find(name);
      if (tool === undefined) {
        const hint = servedAs(published.get(name)) ?? didYouMean(name, tools.keys());
        throw new RpcError(
          INVALID_PARAMS,
          mask(`Unknown tool: ${JSON.stringify(name.slice(0, 200))}.${hint}`),
        );
      }
      const { inputs, steps, chain } = tool.operation;
      requireAskable(tool.operation, context.client);
      const report = reporting(context, name, (chain ?? steps).length);
      try {
        const { checkArguments } = tool;
        const own: Chosen = tool.fields === undefined ? { args } : takeFields(args, tool.fields);
        const values =
          checkArguments === undefined
            ? acceptArguments(inputs, slotsOf(tool), own.args)
            : takeChecked(inputs, checkArguments, own.args);
        const subject: Subject = { server: toolset.name, method: 'tools/call', name, args };
        const outcome = await run(tool, values, {
          signal: context.signal,
          account: context.account,
          ...(report === undefined ? {} : { progress: report.point, onItems: report.items }),
          ...(rounds === undefined ? {} : { dialogue: rounds.open(subject, context) }),
        });
        if (outcome.kind === 'ask') {
          if (rounds === undefined) throw new TypeError('A run asked, but nobody can be asked.');
          return rounds.seal(subject, outcome, context);
        }
        const whole = resultOf(tool, outcome, mask, maxBinaryBytes);
        const result = await shapeResult(whole, tool, options.maxAnswer, own.paths);
        report?.completed();
        return result;
      } catch (thrown) {
        if (thrown instanceof RpcError) throw thrown;
        const error = toGatewayError(thrown);
        onFailure?.(error, name);
        report?.failed(mask(error.message));
        return shapeResult(toErrorResult(error, mask), tool, options.maxAnswer);
      }
    },
  };
  const { aroundCall } = options;
  return aroundCall === undefined ? core : { ...core, call: aroundCall(core.call, toolset) };
}

function byPublishedName(tools: Iterable<ToolPlan>): ReadonlyMap<string, readonly ToolPlan[]> {
  const found = new Map<string, ToolPlan[]>();
  for (const tool of tools) {
    if (tool.published === undefined) continue;
    const known = found.get(tool.published);
    if (known === undefined) found.set(tool.published, [tool]);
    else known.push(tool);
  }
  return found;
}

/** ` Served as "x" and "y".`, when a published name is that of several tools. */
const servedAs = (tools: readonly ToolPlan[] | undefined): string | undefined =>
  tools &&
  ` Served as ${tools.map(({ definition }) => JSON.stringify(definition.name)).join(' and ')}.`;

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
  let unknown = 0;
  for (const [key, value] of Object.entries(args)) {
    const input = slots.get(key);
    if (input === undefined) {
      unknown += 1;
      if (unknown > TOLD) continue;
      const hint = didYouMean(key, slots.keys());
      violations.push({
        input: key.slice(0, 200),
        message: `is not an input of this tool.${hint}`,
      });
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
  if (unknown > TOLD) {
    const message = `are not inputs of this tool: ${unknown - TOLD} more`;
    violations.push({ input: 'others', message });
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
