/** The samples of a Prometheus text, by name and labels in order of their names. */
export function samplesIn(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const [, name = '', labels = '', value = ''] = match;
    const sorted = (labels.match(/[a-z_]+="(?:[^"\\]|\\.)*"/gi) ?? []).sort().join(',');
    const key = sorted === '' ? name : `${name}{${sorted}}`;
    if (samples.has(key)) throw new Error(`twice: ${key}`);
    samples.set(key, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
  }
  return samples;
}
