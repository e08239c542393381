import { GatewayError, type Violation } from '../errors.ts';
import { bareRecord } from '../json.ts';
import type { CheckArguments } from '../plan/content.ts';
import type { InputPlan, Values } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';

/** Violations that are told of one call; the rest would only make the answer long. */
export const TOLD = 20;

/**
 * The values of inputs whose arguments the author's own schema judges, as they came.
 * @throws GatewayError INPUT_INVALID with the violations
 */
export function takeChecked(
  inputs: readonly InputPlan[],
  check: CheckArguments,
  args: Readonly<Record<string, unknown>>,
): Values {
  const deep = Object.keys(args).filter((name) => isDeeperThan(DEEPEST, args[name]));
  if (deep.length > 0) {
    throw refusal(
      deep.map((input) => ({ input, message: `is nested deeper than ${DEEPEST} levels` })),
    );
  }
  const given = withoutNulls(args, check);
  const violations = check(given);
  if (violations.length > 0) throw refusal(violations.slice(0, TOLD));
  const values = bareRecord<unknown>();
  for (const { name, default: fallback } of inputs) {
    const value = Object.hasOwn(given, name) ? given[name] : fallback;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Models write null for an optional argument they leave out, whatever the schema says. */
function withoutNulls(
  args: Readonly<Record<string, unknown>>,
  check: CheckArguments,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(args);
  const kept = entries.filter(([, value]) => value !== null);
  if (kept.length === entries.length || check(args).length === 0) return args;
  const given = Object.fromEntries(kept);
  return check(given).length === 0 ? given : args;
}

function refusal(violations: readonly Violation[]): GatewayError {
  const list = violations.map(({ input, message }) => `${input} ${message}`).join('; ');
  return new GatewayError('INPUT_INVALID', list, { violations });
}
