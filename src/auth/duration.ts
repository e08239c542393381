const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/** Milliseconds of `PT30M`, `P1DT12H` or `PT0.5S`; undefined for what is no duration, or none of fixed length. */
export function readDuration(text: string): number | undefined {
  const [whole, days, hours, minutes, seconds] = DURATION.exec(text.trim()) ?? [];
  if (whole === undefined || !/\d/.test(whole)) return undefined;
  const [d, h, m, s] = [days, hours, minutes, seconds].map((part) => Number(part ?? 0));
  return (
    (((d as number) * 24 + (h as number)) * 60 + (m as number)) * 60_000 + (s as number) * 1000
  );
}
