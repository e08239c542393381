import { type Finding, hasErrors } from '../document/finding.ts';
import type { Mask } from '../secrets.ts';

/** What depends on where a file runs, not on what it says: an error for `run`, elsewhere none. */
const OF_THE_PLACE: ReadonlySet<string> = new Set(['VARIABLE_MISSING', 'BASE_URI_INCOMPLETE']);

export const isOfThePlace = ({ code }: Finding): boolean => OF_THE_PLACE.has(code);

/** Files in the order they were named, findings of a file from top to bottom. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    const ofFile = byFile.get(finding.file);
    if (ofFile === undefined) byFile.set(finding.file, [finding]);
    else ofFile.push(finding);
  }
  return [...byFile.values()].flatMap((ofFile) =>
    ofFile.sort((one, other) => one.line - other.line || one.column - other.column),
  );
}

/** Everything but notes of the files that have an error: what stands in the way, and what is near it. */
export function ofRefusedFiles(findings: readonly Finding[]): Finding[] {
  const refused = new Set(
    findings.filter((finding) => hasErrors([finding])).map(({ file }) => file),
  );
  return inOrder(findings.filter(({ file, severity }) => refused.has(file) && severity !== 'info'));
}

/** JSON for programs, secrets masked in its strings alone, so that it stays JSON. */
export function maskedJson(value: unknown, mask: Mask): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'string' ? mask(item) : item),
    2,
  );
}
