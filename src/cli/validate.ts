import { compileCapability } from '../compile/compile.ts';
import { resolveBinds } from '../document/binds.ts';
import { type Finding, hasErrors } from '../document/finding.ts';
import { loadFiles } from '../document/load.ts';
import { findingsJson, renderFindings } from '../document/render.ts';
import { readEnvironment } from '../gateway/load.ts';
import type { Terminal } from './terminal.ts';

export interface ValidateFlags {
  readonly strict?: boolean;
  readonly envFile?: string;
  readonly format: 'text' | 'json';
}

/** What depends on where a file runs, not on what it says: a warning here, an error for `run`. */
const OF_THE_PLACE: ReadonlySet<string> = new Set(['VARIABLE_MISSING', 'BASE_URI_INCOMPLETE']);

export async function validate(
  files: readonly string[],
  flags: ValidateFlags,
  terminal: Terminal,
): Promise<number> {
  const { loaded, findings: reading } = await loadFiles(files, { strict: flags.strict === true });
  const { environment, findings: ofEnvironment } = await readEnvironment(flags);
  const findings: Finding[] = [...reading, ...ofEnvironment];
  for (const { document, source, findings: ofFile } of loaded) {
    findings.push(...ofFile);
    if (document === undefined) continue;
    const binds = await resolveBinds(document, source, environment);
    const { findings: compiling } = compileCapability(document, source, binds.variables);
    findings.push(...binds.findings, ...compiling.map(judgedHere));
  }
  if (flags.format === 'json') terminal.out(findingsJson(findings));
  else if (findings.length > 0) {
    terminal.out(
      renderFindings(
        findings,
        loaded.map(({ source }) => source),
        { color: terminal.color && process.stdout.isTTY === true },
      ),
    );
  }
  const failed = hasErrors(findings);
  if (!failed && flags.format === 'text')
    terminal.out(`${loaded.length === 1 ? '1 file is' : `${loaded.length} files are`} valid.`);
  return failed ? 1 : 0;
}

const judgedHere = (finding: Finding): Finding =>
  OF_THE_PLACE.has(finding.code) ? { ...finding, severity: 'warning' } : finding;
