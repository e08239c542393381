import type { Compilation } from './compilation.ts';

/**
 * A credential or fixed value that is nothing but the name of a listed variable was meant as that
 * variable: its name is no secret and no value. Any other text comes back as it is.
 */
export function withBraces(compilation: Compilation, text: string, pointer: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(text)) return text;
  const variable = compilation.variables.find(text);
  if (variable === undefined || !variable.listed || variable.name !== text) return text;
  compilation.report(
    'VARIABLE_BARE',
    pointer,
    `"${text}" is the name of a variable of the bind "${variable.namespace}" without its braces; it is read as {{${text}}}. Write it so.`,
  );
  return `{{${text}}}`;
}
