/** Measures how long a body says nothing. */
export interface Silence {
  /** Something came, or was asked for again. */
  broken(): void;
  end(): void;
}

/**
 * @param limit milliseconds, 0 for none
 * @param isPaused whether nothing is asked for; the time that a slow reader takes is no silence
 */
export function watchSilence(
  limit: number,
  isPaused: () => boolean,
  onSilent: () => void,
): Silence | undefined {
  if (limit === 0) return undefined;
  const timer = setTimeout(() => {
    if (isPaused()) timer.refresh();
    else onSilent();
  }, limit);
  return {
    broken: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
}
