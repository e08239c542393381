/** What a message brings for its method. */
export type Params = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
