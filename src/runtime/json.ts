import type { Json } from '../plan/plan.ts';

/** The JSON value of `text`, or undefined when it is not JSON. A byte order mark is passed over. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as Json;
  } catch {
    return undefined;
  }
}
