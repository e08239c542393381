/** V8 copies a shorter piece of a text; a longer one it cuts out. */
const SHORTEST_CUT = 13;

/**
 * Gives for each long word of a file one text of its own: what V8 cuts out of a text keeps all of that
 * text in memory, and the same words stand in a file again and again.
 */
export function createWords(): (word: string) => string {
  const words = new Map<string, string>();
  return (word) => {
    if (word.length < SHORTEST_CUT) return word;
    const known = words.get(word);
    if (known !== undefined) return known;
    const copy = Buffer.from(word).toString();
    // Half a surrogate pair, which an escape can write, does not survive the way there and back.
    const own = copy === word ? copy : word;
    words.set(own, own);
    return own;
  };
}
