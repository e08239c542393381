/**
 * Loads what the first call will need and the start did without, once nothing more urgent is to be
 * done. What cannot be loaded fails where it is used, so nothing is said of it here.
 */
export function warmUp(): void {
  setImmediate(() => {
    import('../upstream/origin.ts').catch(() => undefined);
  });
}
