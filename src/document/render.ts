import type { Finding } from './finding.ts';
import type { Source } from './source.ts';
export function renderFindings(findings: readonly Finding[], _sources: readonly Source[], _options: { color: boolean }): string {
  return findings.map((f) => `${f.file}:${f.line}:${f.column} ${f.severity} ${f.code} ${f.message}`).join('\n');
}
export const findingsJson = (findings: readonly Finding[]): string => JSON.stringify(findings);
