/** How much of something goes on. */
export interface Count {
  more(): void;
  less(): void;
  count(): number;
  /** Resolves when there is none, or after so many milliseconds. */
  none(graceMs: number): Promise<void>;
}

export function createCount(): Count {
  let count = 0;
  let tell: (() => void) | undefined;
  return {
    more() {
      count += 1;
    },
    less() {
      count -= 1;
      if (count === 0) tell?.();
    },
    count: () => count,
    none: (graceMs) =>
      new Promise((resolve) => {
        if (graceMs <= 0 || count === 0) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, graceMs);
        tell = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
