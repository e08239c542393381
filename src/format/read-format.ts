import type { Json } from '../plan/plan.ts';

/** Reads the tree of an answer. Throws an Error that says why, and holds nothing of the answer. */
export type ReadFormat = (bytes: Buffer, contentType: string | undefined) => Json;

/** A reader, or a sentence that says why there is none and how to mend it. */
export type CompiledFormat = { readonly read: ReadFormat } | { readonly why: string };
