/** What a word without quotes is in the core schema of YAML 1.2: null, a boolean, a number or text. */
export function plainValue(text: string): unknown {
  const code = text.charCodeAt(0);
  // Most words begin with a letter that no special word begins with.
  if (code > 0x7e || (code > 0x39 && !'nNtTfF~'.includes(text.charAt(0)))) return text;
  const word = WORDS.get(text);
  if (word !== undefined) return word.value;
  if (INTEGER.test(text)) return Number.parseInt(text, 10);
  if (OCTAL.test(text)) return Number.parseInt(text.slice(2), 8);
  if (HEXADECIMAL.test(text)) return Number.parseInt(text.slice(2), 16);
  return FLOAT.test(text) ? Number.parseFloat(text) : text;
}

const WORDS: ReadonlyMap<string, { readonly value: null | boolean }> = new Map(
  [
    ...['~', 'null', 'Null', 'NULL'].map((word) => ({ word, value: null })),
    ...['true', 'True', 'TRUE'].map((word) => ({ word, value: true })),
    ...['false', 'False', 'FALSE'].map((word) => ({ word, value: false })),
  ].map(({ word, value }) => [word, { value }]),
);
const INTEGER = /^[-+]?[0-9]+$/;
const OCTAL = /^0o[0-7]+$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]+$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
