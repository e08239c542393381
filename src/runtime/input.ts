import { inputInvalid, type Violation } from '../errors.ts';
import type { InputPlan, Values } from '../plan/plan.ts';

/** An input as the caller's face knows it: its value, or undefined when it was not given. */
export type ReadRaw = (input: InputPlan) => unknown;

/**
 * Takes every input of an operation from the caller, coerced and checked.
 * @throws GatewayError INPUT_INVALID naming every violation at once.
 */
export function acceptInputs(inputs: readonly InputPlan[], readRaw: ReadRaw): Values {
  const values: Record<string, unknown> = Object.create(null);
  let violations: Violation[] | undefined;
  for (const input of inputs) {
    const raw = readRaw(input);
    if (raw === undefined) {
      if (input.default !== undefined) values[input.name] = input.default;
      else if (input.required) {
        violations ??= [];
        violations.push(violationOf(input, 'is required and was not given'));
      }
      continue;
    }
    values[input.name] = input.accept(raw, (why) => {
      violations ??= [];
      violations.push(violationOf(input, why));
    });
  }
  if (violations !== undefined) throw inputInvalid(violations);
  return values;
}

const violationOf = (input: InputPlan, message: string): Violation => ({
  input: input.name,
  in: input.from.in,
  message,
});
