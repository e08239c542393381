/** `rest.body.command` → `{ root: 'rest', name: 'body.command' }`: split at the first dot only. */
export function splitReference(text: string): { root: string; name: string } | undefined {
  const dot = text.indexOf('.');
  if (dot <= 0 || dot === text.length - 1) return undefined;
  return { root: text.slice(0, dot), name: text.slice(dot + 1) };
}
