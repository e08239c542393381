/**
 * The first value of a header.
 * @param headers names and values alternating, names in lower case
 * @param name in lower case
 */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return undefined;
}
