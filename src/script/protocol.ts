/** What is sent into a sandbox for one run. */
export interface Job {
  readonly id: number;
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  /** JSON text of `context`. */
  readonly context: string;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly statements: number;
  /** The longest JSON text that `result` may become. */
  readonly resultCharacters: number;
}

/**
 * Why a run gave no result: it `threw`; its `result` is `unusable` as JSON; it waits for a promise
 * that `never` settles; or it met one of its limits.
 */
export type Stop =
  | 'threw'
  | 'unusable'
  | 'never'
  | 'statements'
  | 'time'
  | 'memory'
  | 'stack'
  | 'size';

/** What comes out of a sandbox: texts and numbers only. */
export interface Reply {
  readonly id: number;
  readonly kind: 'result' | Stop;
  /** The JSON text of `result`; absent when the script did not set it. */
  readonly json?: string;
  readonly script?: string;
  /** 1-based. */
  readonly line?: number;
  /** The class of what was thrown, when it is one of the language's own. */
  readonly error?: string;
  /** What the script said, for the log only. */
  readonly detail?: string;
  /** Lines the script printed. */
  readonly printed: readonly string[];
}

/** The first message of a sandbox, once it can take jobs. */
export const READY = 'ready';
