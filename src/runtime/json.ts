import type { Json } from '../plan/plan.ts';

/** The JSON value of `text`, or undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
