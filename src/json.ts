/** A JSON object, or what looks like one: no list and not null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A record that inherits no names, for keys that others choose. V8 keeps what `Object.create(null)`
 * makes as a hash table; what a constructor makes is as quick as any object.
 */
export const bareRecord = <Value>(): Record<string, Value> =>
  new (Bare as unknown as new () => Record<string, Value>)();

function Bare() {}
Bare.prototype = Object.freeze(Object.create(null));
