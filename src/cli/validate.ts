import { compileCapability } from '../compile/compile.ts';
import { resolveBinds } from '../document/binds.ts';
import { type Finding, hasErrors } from '../document/finding.ts';
import { resolveImports } from '../document/imports.ts';
import { loadFiles } from '../document/load.ts';
import { findingsJson, renderFindings } from '../document/render.ts';
import { readEnvironment } from '../gateway/load.ts';
import { loadScripts } from '../script/steps.ts';
import { createMask } from '../secrets.ts';
import { inOrder, isOfThePlace } from './findings.ts';
import type { Terminal } from './terminal.ts';

export interface ValidateFlags {
  readonly strict?: boolean;
  readonly lint?: boolean;
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly allowScripts?: boolean;
  readonly format: 'text' | 'json';
}

/** Findings are what this command is asked for: they go to stdout. Exit status 1 when one is an error. */
export async function validate(
  files: readonly string[],
  flags: ValidateFlags,
  terminal: Terminal,
): Promise<number> {
  const strict = flags.strict === true;
  const { loaded, findings: reading } = await loadFiles(files, { strict });
  const { environment, findings: ofEnvironment } = await readEnvironment(flags);
  const found: Finding[] = [...reading, ...ofEnvironment];
  const secrets = new Set<string>();
  const sources = loaded.map(({ source }) => source);
  for (const { document: written, source: own, findings: ofFile } of loaded) {
    found.push(...ofFile);
    if (written === undefined) continue;
    const { allowImport = [] } = flags;
    const imports = await resolveImports(written, own, { strict, allowImport });
    const { document, source } = imports;
    found.push(...imports.findings);
    sources.push(...imports.sources);
    if (hasErrors(imports.findings)) continue;
    const binds = await resolveBinds(document, source, environment);
    const { scripts, findings: ofScripts } = await loadScripts(document, source, {
      allowScripts: flags.allowScripts ?? 'unasked',
    });
    const options = { allowImport, scripts, lint: flags.lint === true };
    const compiled = await compileCapability(document, source, binds.variables, options);
    found.push(...binds.findings, ...ofScripts, ...compiled.findings.map(judgedHere));
    for (const secret of compiled.secrets) secrets.add(secret);
  }
  const mask = createMask(secrets);
  const findings = inOrder(found);
  const failed = hasErrors(findings);
  if (flags.format === 'json') {
    const masked = findings.map((finding) => ({ ...finding, message: mask(finding.message) }));
    terminal.out(
      findingsJson(
        masked,
        sources.map(({ path }) => path),
      ),
    );
    return failed ? 1 : 0;
  }
  const color = terminal.color && terminal.interactive;
  if (findings.length > 0)
    terminal.out(mask(renderFindings(findings, sources, { color })).trimEnd());
  if (!failed) terminal.out(verdict(loaded.length));
  return failed ? 1 : 0;
}

const verdict = (count: number): string =>
  count === 1 ? 'The file is valid.' : `${count} files are valid.`;

const judgedHere = (finding: Finding): Finding =>
  isOfThePlace(finding) && finding.severity === 'error'
    ? { ...finding, severity: 'warning' }
    : finding;
