/**
 * The candidate that `name` was probably meant to be: equal but for case and punctuation, else within
 * a few slips of the keyboard. undefined when none is near, so that no wild guess is offered.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const folded = fold(name);
  let best: string | undefined;
  // A short word is another word after two slips; a long one survives more.
  let bound = Math.max(1, Math.min(4, Math.floor(name.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    if (folded !== '' && fold(candidate) === folded) return candidate;
    if (Math.abs(candidate.length - name.length) >= bound) continue;
    const slips = distance(name.toLowerCase(), candidate.toLowerCase());
    if (slips >= bound || slips >= candidate.length) continue;
    bound = slips;
    best = candidate;
  }
  return best;
}

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours. */
function distance(left: string, right: string): number {
  // A hostile name must not cost its length squared.
  if (left.length > 200 || right.length > 200) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + same,
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = above;
    above = current;
  }
  return above[right.length] ?? 0;
}
