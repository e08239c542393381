import { dirname } from 'node:path';
import { locate } from '../document/location.ts';
import { pointerOf } from '../document/source.ts';
import { findFolder, readScript } from './files.ts';
import type { ScriptGovernance } from './governance.ts';
import { chooseLanguage } from './language.ts';
import { DEFAULT_SCRIPT_LIMITS, type ScriptPlan, type ScriptSource } from './plan.ts';
import type { ReportScript } from './report.ts';
import { findSyntaxError } from './syntax.ts';

/** A step of type script, as the file writes it. */
export interface ScriptStep {
  readonly file: string;
  readonly language?: string;
  readonly location?: string;
  readonly dependencies?: readonly string[];
}

export interface LoadScriptOptions {
  /** The capability file; locations are relative to its folder. */
  readonly capabilityFile: string;
  /** What `readGovernance` found. */
  readonly governance?: ScriptGovernance | undefined;
  /**
   * Whether whoever starts the gateway lets scripts run; `unasked` where none will be run: then a
   * script that needs to be let is read, with a warning. A file that switches its scripts off keeps
   * them off.
   */
  readonly allowScripts: boolean | 'unasked';
  readonly report: ReportScript;
  /** What to import for Python, `pyodide` unless said. */
  readonly python?: string;
}

/** Reads and checks the code of one step; undefined when it cannot be served, which is reported. */
export async function loadScript(
  step: ScriptStep,
  pointer: string,
  options: LoadScriptOptions,
): Promise<ScriptPlan | undefined> {
  const { governance = {}, report } = options;
  if (!isAllowed(pointer, options)) return undefined;
  const language = chooseLanguage(
    step,
    pointer,
    { ...governance, ...(options.python === undefined ? {} : { python: options.python }) },
    report,
  );
  const folder = await folderOf(step, pointer, options);
  if (language === undefined || folder === undefined) return undefined;
  const sources: ScriptSource[] = [];
  const files = (step.dependencies ?? []).map((file, index) => ({
    file,
    at: pointerOf(pointer, 'dependencies', index),
  }));
  files.push({ file: step.file, at: pointerOf(pointer, 'file') });
  for (const { file, at } of files) {
    const read = await readScript(folder, file);
    if (read.code !== undefined) {
      report(read.code, at, read.message);
      continue;
    }
    const wrong = language === 'javascript' ? await findSyntaxError(read) : undefined;
    if (wrong === undefined) sources.push(read);
    else report('SCRIPT_INVALID', at, syntaxMessage(read, wrong));
  }
  if (sources.length < files.length) return undefined;
  return {
    language,
    sources,
    limits: {
      ...DEFAULT_SCRIPT_LIMITS,
      ...(governance.timeout === undefined ? {} : { timeoutMs: governance.timeout }),
      ...(governance.statementLimit === undefined ? {} : { statements: governance.statementLimit }),
    },
  };
}

function isAllowed(pointer: string, { governance, allowScripts, report }: LoadScriptOptions) {
  if (governance?.enabled === false) {
    const message =
      'This file switches its scripts off with management.scripting.enabled: false. Set it to true to run them.';
    report('SCRIPT_NOT_ALLOWED', pointer, message);
    return false;
  }
  if (governance !== undefined || allowScripts === true) return true;
  const message =
    'Scripts run only where they are allowed. Start with --allow-scripts, or give the file a control expose with management: {scripting: {enabled: true}}.';
  const isAsked = allowScripts !== 'unasked';
  report('SCRIPT_NOT_ALLOWED', pointer, message, { severity: isAsked ? 'error' : 'warning' });
  return !isAsked;
}

/** Without a location scripts lie beside the capability file. */
async function folderOf(
  step: ScriptStep,
  pointer: string,
  { governance, capabilityFile, report }: LoadScriptOptions,
): Promise<string | undefined> {
  const location = step.location ?? governance?.defaultLocation;
  const at = pointerOf(pointer, step.location === undefined ? 'file' : 'location');
  const place =
    location === undefined ? { path: dirname(capabilityFile) } : locate(location, capabilityFile);
  if (place.path === undefined) {
    const message = `Scripts are read from a folder of this machine, not from "${location}". Write location: file:///./scripts for a folder beside this file.`;
    report('VALUE_NOT_ALLOWED', at, message);
    return undefined;
  }
  const folder = await findFolder(place.path);
  if (folder === undefined) {
    const message = `There is no folder ${place.path} to read scripts from. Write location: file:///./scripts for a folder beside this file.`;
    report('SCRIPT_UNREADABLE', at, message);
  }
  return folder;
}

function syntaxMessage(
  { name, text }: ScriptSource,
  { line, message }: { readonly line: number; readonly message: string },
): string {
  const found = `The script "${name}" has a syntax error in line ${line}: ${message}.`;
  const isModule = /^\s*(?:import\s*[\w{*'"]|export\s)/.test(text.split('\n')[line - 1] ?? '');
  return isModule
    ? `${found} Scripts are no modules: list what it needs under dependencies, which share its global scope.`
    : found;
}
