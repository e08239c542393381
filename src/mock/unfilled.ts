/**
 * Says why a value looks like the file's own words instead of a caller's value; undefined when it
 * does not. `names` are the inputs of the operation: `rest.a.b` is a leftover only if one is `a.b`,
 * so that `rest.example.com` stays a value.
 */
export function unfilled(value: string, names: readonly string[]): string | undefined {
  if (value.includes('{{')) return 'holds a template that was not filled in';
  if (value === 'undefined') return "is the word 'undefined'";
  if (value.includes('[object Object]'))
    return "is an object turned into the text '[object Object]'";
  const braced = /^\{([^{}]+)\}$/.exec(value)?.[1];
  if (braced !== undefined && names.includes(braced)) return 'is still the variable of the path';
  const reference = /^(?:rest|tools)\.(\S+)$/.exec(value)?.[1];
  if (reference === undefined) return undefined;
  if (!reference.includes('.') || hasName(names, reference)) return `is the reference ${value}`;
  return undefined;
}

/**
 * The field of a JSON body (or `body` itself) that holds a reference of the file. Prose may hold
 * anything, so only references to a known input or to the field itself count.
 */
export function unfilledField(body: unknown, names: readonly string[]): string | undefined {
  const isReference = (value: unknown, own: string) => {
    const reference = typeof value === 'string' ? /^(?:rest|tools)\.(\S+)$/.exec(value) : null;
    return reference?.[1] !== undefined && hasName([...names, own], reference[1]);
  };
  if (isReference(body, 'body')) return 'body';
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return Object.entries(body).find(([name, value]) => isReference(value, name))?.[0];
}

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const hasName = (names: readonly string[], wanted: string): boolean =>
  names.some((name) => fold(name) === fold(wanted));
