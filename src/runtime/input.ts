import { inputInvalid, type Violation } from '../errors.ts';
import { bareRecord } from '../json.ts';
import type { InputPlan } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from './depth.ts';

/**
 * An input as the caller's face knows it: its value, or undefined when it was not given. `refuse`
 * takes a sentence about one that was given in a way that cannot be read.
 */
export type ReadRaw = (input: InputPlan, refuse: (why: string) => void) => unknown;

/**
 * Takes every input of an operation from the caller, coerced and checked.
 * @throws GatewayError INPUT_INVALID naming every violation at once.
 */
export function acceptInputs(
  inputs: readonly InputPlan[],
  readRaw: ReadRaw,
): Record<string, unknown> {
  const values = bareRecord<unknown>();
  let violations: Violation[] | undefined;
  let current: InputPlan;
  let refused = false;
  const refuse = (why: string): void => {
    refused = true;
    violations ??= [];
    violations.push({ input: current.name, in: current.from.in, message: why });
  };
  for (const input of inputs) {
    current = input;
    refused = false;
    const raw = readRaw(input, refuse);
    if (refused) continue;
    if (raw === undefined || (raw === null && isAbsentAsNull(input))) {
      if (input.default !== undefined) values[input.name] = input.default;
      else if (input.required) refuse('is required and was not given');
      continue;
    }
    const value = input.accept(raw, refuse);
    // Bytes that pass on unread are never written again, so their depth is nobody's concern.
    if (!input.passBytes && isDeeperThan(DEEPEST, value)) refuse(tooDeep);
    values[input.name] = value;
  }
  if (violations !== undefined) throw inputInvalid(violations);
  return values;
}

/** Models, and clients that write out all they know, say null for an optional input they leave out. */
const isAbsentAsNull = ({ required, type }: InputPlan): boolean => !required && type !== 'any';

export const tooDeep = `is nested deeper than ${DEEPEST} levels`;
