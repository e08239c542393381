import type { McpResource } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import type { Compilation } from './compilation.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SHORTEST_MS = 1_000;
const LONGEST_MS = 24 * 3_600_000;

/** Milliseconds between two looks at a resource; undefined when it is not watched. */
export function compileWatch(
  compilation: Compilation,
  { watch }: McpResource,
  pointer: string,
): number | undefined {
  if (watch === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(watch.every.trim()) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  const why = Number.isNaN(ms)
    ? 'is no time with its unit'
    : ms < SHORTEST_MS
      ? 'is too short: each look is a call of the API'
      : 'is too long';
  compilation.report(
    'WATCH_INVALID',
    pointerOf(pointer, 'watch', 'every'),
    `"${watch.every}" ${why}. Write a time from 1s to 24h, such as 5s, 2m or 1h.`,
  );
  return undefined;
}
