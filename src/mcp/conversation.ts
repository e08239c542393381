import type { Question } from '../plan/dialogue.ts';

/** What one request of a client brings beside its params, whichever revision it speaks. */
export interface CallContext {
  /** Aborts when the caller cancels or is gone. */
  readonly signal: AbortSignal;
  /** Who calls, as the check of the expose knows him; '' where everybody may. Sealed into state. */
  readonly principal?: string;
  /** Scopes the caller's token has; absent where there is no token. */
  readonly scopes?: ReadonlySet<string>;
  /** Present when the caller asked for progress. Points grow strictly. */
  readonly progress?: (done: number, total: number, message: string) => void;
  /** Present when the caller wants log messages. */
  readonly log?: (level: LogLevel, data: string) => void;
  /** What the client declared it can do. */
  readonly client: ClientCapabilities;
  /** Answers to an earlier round, by key, and the state that came with its questions. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly state?: string;
}

export type LogLevel =
  | 'debug'
  | 'info'
  | 'notice'
  | 'warning'
  | 'error'
  | 'critical'
  | 'alert'
  | 'emergency';

export interface ClientCapabilities {
  readonly elicitation: boolean;
  readonly elicitationUrl: boolean;
  readonly sampling: boolean;
  readonly roots: boolean;
}

/** The answer is put off until the client has answered; it calls again with the answers and the state. */
export interface InputRequired {
  readonly inputRequests: Readonly<Record<string, Question>>;
  readonly requestState: string;
}

export const isInputRequired = (value: object): value is InputRequired => 'inputRequests' in value;
