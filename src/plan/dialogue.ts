import type { HeldBody } from './content.ts';
import type { Json, Scope } from './plan.ts';

/** What a client must be able to do to be asked. */
export type AskCapability = 'elicitation' | 'elicitation.url' | 'sampling' | 'roots';

/** A question as the protocol writes it: the method and its params. */
export interface Question {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: { readonly [key: string]: Json };
}

/**
 * How an answer is read: a value for later steps; `again` says why it does not fit and the question is
 * put once more; `refused` is a user who declined or cancelled.
 */
export type Reply =
  | { readonly value: Json }
  | { readonly again: string }
  | { readonly refused: 'decline' | 'cancel' };

/** A step that asks the caller's client: its user, its model, or for its roots. */
export interface AskStep {
  readonly kind: 'ask';
  readonly name: string;
  readonly capability: AskCapability;
  /** Left out, with null for later steps, for a client that cannot be asked or a user who refuses. */
  readonly optional: boolean;
  readonly question: (scope: Scope) => Question;
  readonly read: (answer: unknown) => Reply;
}

/** What a round of a conversation brings along. */
export interface Dialogue {
  readonly can: (capability: AskCapability) => boolean;
  /** The client's answers, by step name. Nobody has looked at them yet. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** What steps gave in earlier rounds, by name, undefined for nothing: they do not run again. */
  readonly earlier: Readonly<Record<string, Json | undefined>>;
  /** Answers that those steps got, where they are kept as they came. */
  readonly held?: Held;
}

type Held = Readonly<Record<string, HeldBody>>;

/** Execution stopped to ask. Put the questions, and run again with the answers and `earlier`. */
export interface Asking {
  readonly kind: 'ask';
  /** By step name. */
  readonly questions: Readonly<Record<string, Question>>;
  /** What steps have given so far, by name, undefined for nothing, for the next round. */
  readonly earlier: Readonly<Record<string, Json | undefined>>;
  /** Answers that have to be kept as they came; a step of bytes alone has no value beside. */
  readonly held?: Held;
}

/** Told as an operation runs: `done` of `total` points are behind it. */
export interface ProgressPoint {
  readonly done: number;
  readonly total: number;
  /** `started`, `completed`, or the step that is done. */
  readonly message: string;
}
