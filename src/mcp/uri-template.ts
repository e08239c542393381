import type { UriPart } from '../plan/plan.ts';

/**
 * The values that a template's variables have in `uri`, percent-decoded; undefined when it does not
 * match. A variable takes at least one character and never crosses a `/`, `?` or `#`; it ends where
 * the text after it is first found. No step is ever taken back, so the time is linear.
 */
export function matchUri(
  parts: readonly UriPart[],
  uri: string,
): ReadonlyMap<string, string> | undefined {
  const variables = new Map<string, string>();
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if ('text' in part) {
      if (!uri.startsWith(part.text, at)) return undefined;
      at += part.text.length;
      continue;
    }
    const end = endOf(parts, index, uri, at);
    const raw = uri.slice(at, Math.max(at, end));
    if (raw === '' || /[/?#]/.test(raw)) return undefined;
    const value = decoded(raw);
    if (value === undefined) return undefined;
    variables.set(part.variable, value);
    at = end;
  }
  return at === uri.length ? variables : undefined;
}

function endOf(parts: readonly UriPart[], index: number, uri: string, at: number): number {
  const next = parts[index + 1];
  if (next === undefined || !('text' in next)) return uri.length;
  if (index + 2 === parts.length) return uri.length - next.text.length;
  return uri.indexOf(next.text, at + 1);
}

function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
