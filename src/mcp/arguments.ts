import { inputInvalid, toGatewayError, type Violation } from '../errors.ts';
import type { InputPlan, ToolPlan, Values } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { acceptInputs } from '../runtime/input.ts';
import { TOLD, takeChecked } from './checked-arguments.ts';
import { didYouMean } from './nearest.ts';

/** The arguments of a call without what it chose to see, as values of the operation's inputs. */
export type AcceptArguments = (args: Readonly<Record<string, unknown>>) => Values;

/** @throws GatewayError INPUT_INVALID from the function, with every violation */
export function argumentsOf({ operation, checkArguments }: ToolPlan): AcceptArguments {
  const { inputs } = operation;
  if (checkArguments !== undefined) return (args) => takeChecked(inputs, checkArguments, args);
  const slots = slotsFor(inputs);
  return (args) => acceptArguments(inputs, slots, args);
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
  let tooDeep: Set<InputPlan> | undefined;
  let unknown = 0;
  for (const key of Object.keys(args)) {
    const value = args[key];
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
      tooDeep ??= new Set();
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
  const readable = tooDeep === undefined ? inputs : inputs.filter((input) => !tooDeep.has(input));
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
