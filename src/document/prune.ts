/**
 * The value without what stands at `pointers`. Copies along the way, so that the value itself and
 * what its aliases share stay as they are.
 */
export function prune(value: unknown, pointers: readonly string[]): unknown {
  return pointers.reduce((pruned, pointer) => without(pruned, tokensOf(pointer)), value);
}

function without(value: unknown, [token, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || token === undefined) return value;
  if (Array.isArray(value)) {
    const index = Number(token);
    if (rest.length === 0) return value.filter((_, at) => at !== index);
    return value.map((item, at) => (at === index ? without(item, rest) : item));
  }
  const entries = Object.entries(value);
  const kept = rest.length === 0 ? entries.filter(([key]) => key !== token) : entries;
  return Object.fromEntries(
    kept.map(([key, item]) => [key, key === token ? without(item, rest) : item]),
  );
}

/** The tokens of a JSON pointer, unescaped. */
export function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  const tokens = pointer.slice(1).split('/');
  return tokens.map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
}
