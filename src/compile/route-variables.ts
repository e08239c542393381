import { foldName } from './path.ts';

/** How two names are compared, strictest first. */
const COMPARISONS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  foldName,
];

/**
 * Pairs wanted names with available ones: exactly, then ignoring case, then ignoring case and all but
 * letters and digits. An available name is taken once.
 */
export function matchRouteVariables(
  wanted: readonly string[],
  available: readonly string[],
): ReadonlyMap<string, string> {
  const matches = new Map<string, string>();
  const free = new Set(available);
  for (const spell of COMPARISONS) {
    for (const name of wanted) {
      if (matches.has(name)) continue;
      const spelled = spell(name);
      const match =
        spelled === '' ? undefined : [...free].find((other) => spell(other) === spelled);
      if (match === undefined) continue;
      matches.set(name, match);
      free.delete(match);
    }
  }
  return matches;
}
