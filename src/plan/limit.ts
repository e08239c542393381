/** How often something may be asked for. */
export interface LimitPlan {
  /** The same in every gateway that serves the file, so that they can count together. */
  readonly name: string;
  readonly requests: number;
  /** Whole seconds. */
  readonly perSeconds: number;
  /** Each caller for himself, or all of them together. */
  readonly by: 'caller' | 'all';
}

/** What is asked for no more often than its limits allow: all of them hold. */
export interface Limited {
  readonly limits?: readonly LimitPlan[];
}
