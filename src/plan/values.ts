export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export type JsonSchema = { readonly [keyword: string]: Json };

/** Values by input name, null prototype. An absent input has no key. A Buffer is checked JSON text, passed on as it came. */
export type Values = Readonly<Record<string, unknown>>;

/** What a closure sees of one running operation. */
export interface Scope {
  readonly input: Values;
  readonly steps: Readonly<Record<string, Json | undefined>>;
  /**
   * For a request that is shown and not sent: what stands for the answer of a step, or for a part of
   * it, by the path that leads there (`$.step.field`).
   */
  readonly symbol?: (path: string) => Json;
}
