import { readSpan } from './session-answer.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `30s`, `5m`, `PT30S` or a number of seconds; undefined for none of these. */
export function readTime(written: string | number): number | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)(ms|s|m|h|d)\s*$/.exec(String(written)) ?? [];
  return amount === undefined ? readSpan(written) : Number(amount) * (UNITS[unit] as number);
}
