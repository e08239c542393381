export type ScriptLanguage = 'javascript' | 'python';

export interface ScriptSource {
  /** The path inside the scripts folder, `/` between its parts: `lib/dates.js`. Shown in messages. */
  readonly name: string;
  readonly text: string;
}

export interface ScriptLimits {
  readonly timeoutMs: number;
  /** Bytes the script may allocate, `context` and `result` included. */
  readonly memoryBytes: number;
  /**
   * Statements a run of JavaScript may take. The engine counts loop turns and calls in lots of
   * 10000, so a run may take up to 10000 more. Python is held by its time alone.
   */
  readonly statements: number;
}

/** A script step's code, read and checked at load. */
export interface ScriptPlan {
  readonly language: ScriptLanguage;
  /** Evaluated in this order in one global scope: dependencies first, the step's own file last. */
  readonly sources: readonly ScriptSource[];
  readonly limits: ScriptLimits;
}

export const DEFAULT_SCRIPT_LIMITS: ScriptLimits = {
  timeoutMs: 60_000,
  memoryBytes: 64 * 1024 * 1024,
  statements: 100_000,
};
