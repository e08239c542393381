/**
 * Gives for each word of a file one text of its own: what V8 cuts out of a text keeps all of that text
 * in memory, and the same few words stand in a file again and again.
 */
export function createWords(): (word: string) => string {
  const words = new Map<string, string>();
  return (word) => {
    const known = words.get(word);
    if (known !== undefined) return known;
    const copy = Buffer.from(word).toString();
    // Half a surrogate pair, which an escape can write, does not survive the way there and back.
    const own = copy === word ? copy : word;
    words.set(own, own);
    return own;
  };
}
