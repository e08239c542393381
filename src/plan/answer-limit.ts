/** The most that a tool's answer may have; 0 is no limit, and what is absent is not said. */
export interface AnswerLimit {
  /** UTF-16 code units of all texts together. */
  readonly characters?: number;
  /** As one common encoding counts them: an estimate for all others. */
  readonly tokens?: number;
}
