/** What a message brings for its method. */
export type Params = Readonly<Record<string, unknown>>;
