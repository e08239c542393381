/**
 * The deepest nesting taken and passed on. Parsers of clients stop between 64 and 1,000 levels, and
 * writing a value nested some thousand levels deep overflows the stack.
 */
export const DEEPEST = 200;

/** Whether arrays and objects are nested in `value` deeper than `levels`. Safe on any JSON value. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  if (levels === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => isDeeperThan(levels - 1, child));
}
